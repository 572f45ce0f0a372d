//! The limits of the default node's validator, where the one that is used here has others or none.
//!
//! That validator is wasmparser 0.95.0. All its other limits are also those of the version used here,
//! which has one that it has not: no function body is longer than 7,654,321 bytes.

use super::collect::Facts;
use super::rule::{Rule, Violation};
use wasmparser::{ExternalKind, Operator, TypeRef};

/// Tables.
const TABLES_MAX: usize = 100;
/// Entries that a table begins with.
const TABLE_ENTRIES_MAX: u64 = 10_000_000;
/// Exports.
const EXPORTS_MAX: usize = 100_000;
/// Targets of a `br_table`, the default one not counted.
const BR_TABLE_TARGETS_MAX: u32 = 128 * 1_024;
/// What the types of imports and exports add up to: a function counts one and its parameters and
/// results, anything else one. The sum stays below this.
const TYPE_SIZE_LIMIT: usize = 100_000;

/// Looks for what is beyond a limit.
pub(super) fn check(
    facts: &Facts<'_>,
    violations: &mut Vec<Violation>,
) -> Result<(), wasmparser::Error> {
    let mut broken = |detail: String| violations.push(Violation::new(Rule::Limits, detail));
    let tables = facts.tables.len();
    if tables > TABLES_MAX {
        broken(format!("it has {tables} tables (at most {TABLES_MAX})"));
    }
    for (index, table) in facts.tables.iter().enumerate() {
        let entries = table.initial;
        if entries > TABLE_ENTRIES_MAX {
            broken(format!("table {index} has {entries} entries (at most {TABLE_ENTRIES_MAX})"));
        }
    }
    let exports = facts.exports.len();
    if exports > EXPORTS_MAX {
        broken(format!("it has {exports} exports (at most {EXPORTS_MAX})"));
    }
    let size = type_size(facts);
    if size >= TYPE_SIZE_LIMIT {
        broken(format!(
            "the types of its imports and exports add up to {size} (below {TYPE_SIZE_LIMIT})"
        ));
    }
    for (function, body) in facts.indexed_bodies() {
        for operator in body.get_operators_reader()?.into_iter_with_offsets() {
            let (operator, offset) = operator?;
            if let Operator::BrTable { targets } = operator
                && targets.len() > BR_TABLE_TARGETS_MAX
            {
                broken(format!(
                    "{} has a br_table of {} targets at offset {offset:#x} \
                     (at most {BR_TABLE_TARGETS_MAX})",
                    facts.function_text(function),
                    targets.len()
                ));
            }
        }
    }
    Ok(())
}

fn type_size(facts: &Facts<'_>) -> usize {
    let function = |ty: Option<&wasmparser::FuncType>| {
        ty.map_or(1, |ty| 1 + ty.params().len() + ty.results().len())
    };
    let imports = facts.imports.iter().map(|import| match import.ty {
        TypeRef::Func(_) => function(facts.import_type(import)),
        _ => 1,
    });
    let exports = facts.exports.iter().map(|export| match export.kind {
        ExternalKind::Func => function(facts.function_type(export.index)),
        _ => 1,
    });
    imports.chain(exports).sum()
}
