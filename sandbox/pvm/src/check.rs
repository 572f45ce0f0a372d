//! The rules a module must keep to be a kernel, each with a sentence to say it by.

mod collect;
mod floats;
mod imports;
mod limits;
mod report;
mod rule;
mod start;
mod strip;
mod validate;

use crate::abi::{ENTRY_POINT, HostFn};
use crate::version::Version;
use collect::Facts;
pub(crate) use floats::is_float_operator;
use imports::signature_text;
pub use report::Report;
pub use rule::{Rule, Violation};
use std::collections::HashMap;
use std::fmt;
pub use strip::{check_stripped, strip};
use validate::validate;
use wasmparser::WasmFeatures;

/// The longest import or export name, in bytes.
const MAX_NAME_BYTES: usize = 512;

/// What the PVM decodes. Floats are in: they have a rule of their own, which says more than a
/// validator could.
fn features() -> WasmFeatures {
    default_node_features() | WasmFeatures::MULTI_VALUE
}

/// What the default node's engine takes of it.
fn default_node_features() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::GC_TYPES
        | WasmFeatures::SIMD
        | WasmFeatures::FLOATS
        | WasmFeatures::SATURATING_FLOAT_TO_INT
}

/// Checks a module against all the rules for kernels: those of the newest PVM, and those of the
/// default node, which exits where a kernel breaks one of them.
///
/// # Errors
/// All rules it breaks, one or more times each.
pub fn check(wasm: &[u8]) -> Result<Report, Vec<Violation>> {
    validate(wasm, default_node_features()).map_err(invalid)?;
    let facts = Facts::collect(wasm).map_err(invalid)?;
    let mut violations = Vec::new();
    limits::check(&facts, &mut violations).map_err(invalid)?;
    let parts = look_through(&facts, Version::default(), &mut violations).map_err(invalid)?;
    if let Some(wrong) = entry_point(&facts).is_wrong() {
        violations.push(Violation::new(Rule::EntryPoint, wrong));
    }
    for function in parts.imports.iter().filter(|function| function.is_nds()) {
        violations.push(Violation::new(Rule::Imports, imports::not_in_default_node(*function)));
    }
    start::check(&facts, &mut violations).map_err(invalid)?;
    report(wasm, facts, parts, violations)
}

/// Why no PVM ever runs a module that it takes, if that is so: it has no `kernel_run`, or one with parameters.
#[must_use]
pub fn never_runs(wasm: &[u8]) -> Option<String> {
    match entry_point(&Facts::collect(wasm).ok()?) {
        Entry::Missing(why) | Entry::Params(why) => Some(why),
        Entry::Good | Entry::Results(_) => None,
    }
}

/// A module that a version of the PVM takes.
pub(crate) struct Accepted {
    /// What it is made of.
    pub(crate) report: Report,
    /// What its `kernel_run` is.
    pub(crate) entry: Entry,
    /// Why the default node would exit instead of running it, if so.
    pub(crate) default_node_exits: Option<String>,
    /// The cells of 64 bits that a call of any of its functions takes at most.
    pub(crate) frame_cells: u64,
}

/// Checks a module against the rules of one version of the PVM, and nothing else: what a start
/// function calls, for instance, is seen when it calls it.
pub(crate) fn accept(wasm: &[u8], version: Version) -> Result<Accepted, Vec<Violation>> {
    let frame_cells = validate(wasm, features()).map_err(invalid)?;
    let facts = Facts::collect(wasm).map_err(invalid)?;
    let mut violations = Vec::new();
    let parts = look_through(&facts, version, &mut violations).map_err(invalid)?;
    let mut beyond = Vec::new();
    limits::check(&facts, &mut beyond).map_err(invalid)?;
    let unlinkable = parts.imports.iter().find(|function| function.is_nds());
    let not_taken = |why: &dyn fmt::Display| format!("its engine does not take the module: {why}");
    let default_node_exits = match validate(wasm, default_node_features()) {
        Err(error) => Some(not_taken(&error)),
        Ok(_) => match beyond.first() {
            Some(beyond) => Some(not_taken(beyond)),
            None => unlinkable.map(|function| imports::not_in_default_node(*function)),
        },
    };
    let entry = entry_point(&facts);
    let default_node_exits = default_node_exits.or_else(|| entry.is_wrong());
    let report = report(wasm, facts, parts, violations)?;
    Ok(Accepted { report, entry, default_node_exits, frame_cells })
}

/// The names that a module gives its functions, by index, imported ones counted. Empty for what is
/// stripped, and for what is no module.
pub(crate) fn function_names(wasm: &[u8]) -> HashMap<u32, String> {
    let facts = Facts::collect(wasm).unwrap_or_default();
    facts.function_names.iter().map(|(index, name)| (*index, (*name).to_owned())).collect()
}

fn invalid(error: wasmparser::Error) -> Vec<Violation> {
    vec![Violation::new(Rule::Valid, format!("not a valid module: {error}"))]
}

/// What the rules find on their way.
struct Parts {
    imports: Vec<HostFn>,
    memory_export: Option<String>,
}

/// The rules that the PVM and the default node share.
fn look_through(
    facts: &Facts<'_>,
    version: Version,
    violations: &mut Vec<Violation>,
) -> Result<Parts, wasmparser::Error> {
    let imports = imports::check(facts, version, violations);
    let memory_export = check_memory(facts, violations).map(str::to_owned);
    floats::check(facts, violations)?;
    check_names(facts, violations);
    Ok(Parts { imports, memory_export })
}

fn report(
    wasm: &[u8],
    facts: Facts<'_>,
    parts: Parts,
    violations: Vec<Violation>,
) -> Result<Report, Vec<Violation>> {
    let memory = facts.memories.first();
    match parts.memory_export {
        Some(memory_export) if violations.is_empty() => Ok(Report {
            size: wasm.len(),
            imports: parts.imports,
            exports: facts.exports.iter().map(|export| export.name.to_owned()).collect(),
            memory_export,
            memory_pages: memory.map_or(0, |memory| memory.initial),
            memory_pages_max: memory.and_then(|memory| memory.maximum),
            functions: facts.bodies.len(),
            data_bytes: facts.data_bytes,
            custom_sections: facts.custom_sections,
        }),
        _ => Err(violations),
    }
}

fn check_memory<'a>(facts: &Facts<'a>, violations: &mut Vec<Violation>) -> Option<&'a str> {
    let count = facts.memories.len();
    if count != 1 {
        violations.push(Violation::new(Rule::Memory, format!("it defines {count} memories")));
    }
    let is_memory =
        |export: &&wasmparser::Export<'_>| export.kind == wasmparser::ExternalKind::Memory;
    let export = facts.exports.iter().find(is_memory).map(|export| export.name);
    if count == 1 && export.is_none() {
        violations.push(Violation::new(Rule::Memory, "its memory is not exported"));
    }
    export
}

/// What the PVM finds under the name of `kernel_run` when it wants to call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A function from nothing to nothing.
    Good,
    /// A function without parameters that has results. The PVM calls it, and drops them.
    Results(String),
    /// A function with parameters. There is nothing to call it with.
    Params(String),
    /// Nothing, or no function.
    Missing(String),
}

impl Entry {
    /// What of it is against the rules for kernels.
    fn is_wrong(&self) -> Option<String> {
        match self {
            Self::Good => None,
            Self::Results(detail) | Self::Params(detail) | Self::Missing(detail) => {
                Some(detail.clone())
            }
        }
    }
}

fn entry_point(facts: &Facts<'_>) -> Entry {
    let export = facts.exports.iter().find(|export| export.name == ENTRY_POINT);
    let Some(export) = export else {
        return Entry::Missing(format!("there is no export {ENTRY_POINT}"));
    };
    if export.kind != wasmparser::ExternalKind::Func {
        return Entry::Missing(format!("{ENTRY_POINT} is no function"));
    }
    let Some(signature) = facts.function_type(export.index) else { return Entry::Good };
    let (params, results) = (signature.params(), signature.results());
    let has_type = || format!("{ENTRY_POINT} has the type {}", signature_text(params, results));
    if !params.is_empty() {
        Entry::Params(has_type())
    } else if !results.is_empty() {
        Entry::Results(has_type())
    } else {
        Entry::Good
    }
}

fn check_names(facts: &Facts<'_>, violations: &mut Vec<Violation>) {
    let imports = facts.imports.iter().flat_map(|import| [import.module, import.name]);
    let exports = facts.exports.iter().map(|export| export.name);
    for name in imports.chain(exports).filter(|name| name.len() > MAX_NAME_BYTES) {
        let detail = format!("a name of {} bytes: {:.40}...", name.len(), name);
        violations.push(Violation::new(Rule::Names, detail));
    }
}
