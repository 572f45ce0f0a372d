//! What a script that is originated does: one that we ship is known by its code, any other by its type.

use layer1::entrypoints::Parameter;
use layer1::michelson::Node;

use crate::contract::{Code, Contract};
use crate::refusal::Refusal;

/// The contract of a script.
///
/// # Errors
/// When it has no type of a parameter.
pub(crate) fn recognised(code: &Node, _storage: &Node) -> Result<Contract, Refusal> {
    let Node::Seq(sections) = code else {
        return Err(Refusal::Script("it is no sequence of sections".to_owned()));
    };
    let is_parameter =
        |node: &&Node| matches!(node, Node::Prim { prim, .. } if prim.name() == "parameter");
    let section = sections.iter().find(is_parameter);
    let section = section.ok_or_else(|| Refusal::Script("it has no parameter".to_owned()))?;
    let parameter = Parameter::of_section(section.clone())
        .map_err(|error| Refusal::Script(error.to_string()))?;
    Ok(Contract { name: None, parameter, code: Code::Typed })
}
