//! What a script that is originated does: one that we ship is known by its code, any other by its type.

use layer1::address::Kind;
use layer1::entrypoints::Parameter;
use layer1::fits::fits;
use layer1::michelson::Node;
use num_bigint::BigUint;

use crate::contract::{Code, Contract, FaTicketer, Token};
use crate::micheline::{applied, as_address, as_nat, as_pair};
use crate::normal::normal;
use crate::refusal::Refusal;
use crate::scripts::{DEPOSIT_HELPER, FA_TICKETER, XTZ_TICKETER, sections};

fn refused(problem: impl ToString) -> Refusal {
    Refusal::Script(problem.to_string())
}

/// The contract of a script.
///
/// # Errors
/// When it has no type of a parameter or of a storage, or the storage is not one that it can begin with.
pub(crate) fn recognised(code: &Node, storage: &Node) -> Result<Contract, Refusal> {
    let Node::Seq(found) = code else { return Err(refused("it is no sequence of sections")) };
    let section = |name: &str| {
        let section = found.iter().find(|one| applied(one, name).is_some());
        section.ok_or_else(|| refused(format!("it has no {name}")))
    };
    let parameter = Parameter::of_section(section("parameter")?.clone()).map_err(refused)?;
    let Some([storage_type]) = applied(section("storage")?, "storage") else {
        return Err(refused("its storage has not one type"));
    };
    layer1::types::check(storage_type).map_err(refused)?;
    fits(storage, storage_type).map_err(|error| refused(format!("its storage: {error}")))?;
    let storage = normal(storage, storage_type);
    let fresh = |is_fresh: bool| match is_fresh {
        true => Ok(()),
        false => Err(refused("its storage says that it was used before")),
    };
    let does = if *code == sections(XTZ_TICKETER) {
        fresh(as_nat(&storage) == Some(BigUint::ZERO))?;
        Code::XtzTicketer
    } else if *code == sections(FA_TICKETER) {
        let (ticketer, supply) = fa_ticketer(&storage).ok_or_else(|| refused("its storage"))?;
        fresh(supply == BigUint::ZERO)?;
        Code::FaTicketer(ticketer)
    } else if *code == sections(DEPOSIT_HELPER) {
        fresh(applied(&storage, "None").is_some())?;
        Code::DepositHelper(None)
    } else {
        Code::Typed
    };
    Ok(Contract { name: None, parameter, code: does })
}

/// What a ticketer of a token begins with, and its supply.
fn fa_ticketer(storage: &Node) -> Option<(FaTicketer, BigUint)> {
    let (content, rest) = as_pair(storage)?;
    let (token, supply) = as_pair(rest)?;
    let contract = |node: &Node| as_address(node).filter(|found| found.kind == Kind::Contract);
    let token = match (applied(token, "Left"), applied(token, "Right")) {
        (Some([fa12]), _) => Token::Fa12(contract(fa12)?.hash),
        (_, Some([fa2])) => {
            let (found, id) = as_pair(fa2)?;
            Token::Fa2(contract(found)?.hash, as_nat(id)?)
        }
        _ => return None,
    };
    Some((FaTicketer { token, content: content.clone() }, as_nat(supply)?))
}
