//! Finding floats, with enough about each place for a kernel author to get at it.

use super::collect::{Facts, is_float};
use super::rule::{Rule, Violation};
use wasmparser::{BlockType, Operator, ValType};

/// How many places are told; beyond that, only how many more there are.
const MAX_TOLD: usize = 20;

struct Places<'v> {
    found: usize,
    violations: &'v mut Vec<Violation>,
}

impl Places<'_> {
    fn add(&mut self, detail: impl FnOnce() -> String) {
        self.found += 1;
        if self.found <= MAX_TOLD {
            self.violations.push(Violation::new(Rule::NoFloats, detail()));
        }
    }
}

/// Looks through all types and instructions.
pub(super) fn check(
    facts: &Facts<'_>,
    violations: &mut Vec<Violation>,
) -> Result<(), wasmparser::Error> {
    let mut places = Places { found: 0, violations };
    for (function, body) in facts.indexed_bodies() {
        let text = || facts.function_text(function);
        for local in body.get_locals_reader()? {
            let (_, ty) = local?;
            if is_float(ty) {
                places.add(|| format!("{} has a local of type {ty}", text()));
            }
        }
        for operator in body.get_operators_reader()?.into_iter_with_offsets() {
            let (operator, offset) = operator?;
            if let Some(name) = float_operator(&operator) {
                places.add(|| format!("{} has {name} at offset {offset:#x}", text()));
            }
        }
    }
    for (index, ty) in facts.types.iter().enumerate() {
        if let Some(float) = ty.params().iter().chain(ty.results()).find(|ty| is_float(**ty)) {
            places.add(|| format!("type {index} has {float} in it"));
        }
    }
    for (index, global) in facts.globals.iter().enumerate() {
        let ty = global.content_type;
        if is_float(ty) {
            places.add(|| format!("global {index} is of type {ty}"));
        }
    }
    if places.found > MAX_TOLD {
        let more = places.found - MAX_TOLD;
        violations.push(Violation::new(Rule::NoFloats, format!("and {more} more")));
    }
    Ok(())
}

/// Whether an operator has to do with floats.
pub(crate) fn is_float_operator(operator: &Operator<'_>) -> bool {
    float_operator(operator).is_some()
}

/// The name of an operator that has to do with floats, as in the text format.
fn float_operator(operator: &Operator<'_>) -> Option<String> {
    let typed = |name: &str, ty: &ValType| is_float(*ty).then(|| format!("{name} (type {ty})"));
    match operator {
        Operator::Block { blockty: BlockType::Type(ty) } => typed("block", ty),
        Operator::Loop { blockty: BlockType::Type(ty) } => typed("loop", ty),
        Operator::If { blockty: BlockType::Type(ty) } => typed("if", ty),
        Operator::TypedSelect { ty } => typed("select", ty),
        _ => {
            let name = operator_name(operator);
            let is_float = name.contains("f32") || name.contains("f64");
            is_float.then(|| name.replacen('_', ".", 1))
        }
    }
}

macro_rules! define_operator_name {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        /// The name of an operator with underscores. Each operator's visitor method has it.
        fn operator_name(operator: &Operator<'_>) -> &'static str {
            let visitor = match operator {
                $(Operator::$op { .. } => stringify!($visit),)*
                // The list above is complete, but the type is open.
                _ => "",
            };
            visitor.trim_start_matches("visit_")
        }
    };
}
wasmparser::for_each_operator!(define_operator_name);
