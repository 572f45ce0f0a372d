//! What contracts do when they are called: by behaviour, as their code says.

mod demo_ticketer;
mod deposit_helper;
pub(crate) mod fa12;
pub(crate) mod fa2;
mod fa_ticketer;
mod xtz_ticketer;

use layer1::entrypoints::{DEFAULT, Parameter};
use layer1::michelson::Node;

use crate::call::Call;
use crate::called::Called;
use crate::contract::Code;
use crate::micheline::applied;
use crate::refusal::Refusal;
use crate::work::Work;

/// Has a contract do what its code says. What it calls in turn is returned, in order.
///
/// # Errors
/// When its code fails.
pub(crate) fn run(work: &mut Work, of: &Code, called: &Called<'_>) -> Result<Vec<Call>, Refusal> {
    match of {
        Code::XtzTicketer => xtz_ticketer::run(work, called),
        Code::FaTicketer(stored) => fa_ticketer::run(work, stored, called),
        Code::Fa2(stored) => fa2::run(work, stored, called),
        Code::Fa12(stored) => fa12::run(work, stored, called),
        Code::DepositHelper(pending) => deposit_helper::run(work, pending.as_ref(), called),
        Code::DemoTicketer => demo_ticketer::run(work, called),
        Code::Typed => Ok(Vec::new()),
    }
}

/// The entrypoint with a name that a call ends at, and what that is called with: a call of the whole names
/// its branch in the value.
pub(crate) fn leaf(parameter: &Parameter, name: &str, value: &Node) -> (String, Node) {
    let named = |node: &Node| match node {
        Node::Prim { annots, .. } => {
            annots.iter().find_map(|annot| annot.strip_prefix('%')).map(str::to_owned)
        }
        _ => None,
    };
    let mut found = if name.is_empty() { DEFAULT.to_owned() } else { name.to_owned() };
    let (mut node, mut value) = (parameter.entrypoint(name), value);
    while let Some([left, right]) = node.and_then(|node| applied(node, "or")) {
        let (branch, inner) = match (applied(value, "Left"), applied(value, "Right")) {
            (Some([inner]), _) => (left, inner),
            (_, Some([inner])) => (right, inner),
            _ => break,
        };
        (node, value) = (Some(branch), inner);
        found = named(branch).unwrap_or(found);
    }
    (found, value.clone())
}
