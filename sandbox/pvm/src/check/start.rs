//! Finding out whether a start function may make a host call.

use super::collect::Facts;
use super::rule::{Rule, Violation};
use std::collections::HashSet;
use wasmparser::Operator;

/// Follows the calls from the start function. An indirect call may reach every function that a
/// table is filled with or a reference is taken of.
pub(super) fn check(
    facts: &Facts<'_>,
    violations: &mut Vec<Violation>,
) -> Result<(), wasmparser::Error> {
    let Some(start) = facts.start else { return Ok(()) };
    let mut seen = HashSet::new();
    let mut todo = vec![start];
    while let Some(function) = todo.pop() {
        if !seen.insert(function) {
            continue;
        }
        let Some(body) = function
            .checked_sub(facts.imported_functions)
            .and_then(|index| facts.bodies.get(usize::try_from(index).ok()?))
        else {
            let text = facts.function_text(function);
            let detail = format!("the start function may call imported {text}");
            violations.push(Violation::new(Rule::Start, detail));
            continue;
        };
        for operator in body.get_operators_reader()? {
            match operator? {
                Operator::Call { function_index } | Operator::RefFunc { function_index } => {
                    todo.push(function_index);
                }
                Operator::CallIndirect { .. } => todo.extend(&facts.table_functions),
                _ => {}
            }
        }
    }
    Ok(())
}
