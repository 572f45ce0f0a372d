//! The imports of a module: host functions of the version, with their signatures.

use super::collect::Facts;
use super::rule::{Rule, Violation};
use crate::abi::{HostFn, IMPORT_MODULE};
use crate::version::Version;
use wasmparser::ValType;

/// What is said of a function that the PVM links and the default node does not.
pub(super) fn not_in_default_node(function: HostFn) -> String {
    format!("import {IMPORT_MODULE}.{function}: the default node has none, and exits")
}

/// Looks through the imports, and tells which host functions they are.
pub(super) fn check(
    facts: &Facts<'_>,
    version: Version,
    violations: &mut Vec<Violation>,
) -> Vec<HostFn> {
    let mut known = Vec::new();
    for import in &facts.imports {
        let name = format!("import {}.{}", import.module, import.name);
        let detail = if import.module != IMPORT_MODULE {
            format!("{name}: the only module is {IMPORT_MODULE}")
        } else if let Some(function) = HostFn::from_name(import.name) {
            let Some(signature) = facts.import_type(import) else {
                violations.push(Violation::new(Rule::Imports, format!("{name}: no function")));
                continue;
            };
            if function.since() > version {
                let detail = format!("{name}: PVM {version} has none, {} does", function.since());
                violations.push(Violation::new(Rule::Imports, detail));
                continue;
            }
            if signature.params() == function.params() && signature.results() == function.results()
            {
                known.push(function);
                continue;
            }
            format!(
                "{name} is declared {}, but it is {}",
                signature_text(signature.params(), signature.results()),
                signature_text(function.params(), function.results())
            )
        } else {
            format!("{name}: no such host function")
        };
        violations.push(Violation::new(Rule::Imports, detail));
    }
    known
}

/// A signature in words.
pub(super) fn signature_text(params: &[ValType], results: &[ValType]) -> String {
    let list =
        |types: &[ValType]| types.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    format!("({}) -> ({})", list(params), list(results))
}
