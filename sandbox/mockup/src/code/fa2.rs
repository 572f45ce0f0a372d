//! Tokens of FA2.

use layer1::address::Address;
use layer1::michelson::Node;
use num_bigint::BigUint;

use crate::call::Call;
use crate::called::Called;
use crate::contract::{Code, Fa2};
use crate::micheline::{address, applied, as_nat, as_pair, as_target, nat, pair, type_of};
use crate::refusal::Refusal;
use crate::work::Work;

pub(super) fn run(
    work: &mut Work,
    stored: &Fa2,
    called: &Called<'_>,
) -> Result<Vec<Call>, Refusal> {
    called.no_tez()?;
    let items = |value: &Node| match value {
        Node::Seq(items) => Some(items.clone()),
        _ => None,
    };
    match called.entrypoint {
        "transfer" => {
            let all = items(called.value).ok_or_else(|| called.unfit())?;
            for of_owner in &all {
                let (from, each) = as_pair(of_owner).ok_or_else(|| called.unfit())?;
                let from = as_target(from).ok_or_else(|| called.unfit())?.address;
                for one in items(each).ok_or_else(|| called.unfit())? {
                    transfer(work, stored, called, from, &one)?;
                }
            }
            Ok(Vec::new())
        }
        "update_operators" => {
            let all = items(called.value).ok_or_else(|| called.unfit())?;
            all.iter().try_for_each(|one| update_operator(work, called, one))?;
            Ok(Vec::new())
        }
        "balance_of" => {
            let (requests, callback) = as_pair(called.value).ok_or_else(|| called.unfit())?;
            let callback = as_target(callback).ok_or_else(|| called.unfit())?;
            let told = read(stored, requests).ok_or_else(|| undefined(called))?;
            let of = type_of("list (pair (pair address nat) nat)");
            Ok(vec![called.emit(&callback, told, of, 0)])
        }
        _ => Err(called.unfit()),
    }
}

fn undefined(called: &Called<'_>) -> Refusal {
    called.fail("FA2_TOKEN_UNDEFINED", "there is no such token")
}

fn transfer(
    work: &mut Work,
    stored: &Fa2,
    called: &Called<'_>,
    from: Address,
    one: &Node,
) -> Result<(), Refusal> {
    let parts = || {
        let (to, rest) = as_pair(one)?;
        let (id, amount) = as_pair(rest)?;
        Some((as_target(to)?.address, as_nat(id)?, as_nat(amount)?))
    };
    let (to, id, amount) = parts().ok_or_else(|| called.unfit())?;
    if !stored.tokens.contains_key(&id) {
        return Err(undefined(called));
    }
    let caller = called.call.sender;
    if from != caller && !stored.operators.contains(&(from, caller, id.clone())) {
        let words = "the caller is no operator of the owner for the token";
        return Err(called.fail("FA2_NOT_OPERATOR", words));
    }
    let me = called.me().hash;
    let has = work.state.tokens(&me, &id, &from);
    if has < amount {
        return Err(called.fail("FA2_INSUFFICIENT_BALANCE", "the owner has less of the token"));
    }
    work.set_tokens(&me, &id, from, has - &amount);
    let then = work.state.tokens(&me, &id, &to) + &amount;
    work.set_tokens(&me, &id, to, then);
    Ok(())
}

fn update_operator(work: &mut Work, called: &Called<'_>, one: &Node) -> Result<(), Refusal> {
    let (adds, inner) = match (applied(one, "Left"), applied(one, "Right")) {
        (Some([inner]), _) => (true, inner),
        (_, Some([inner])) => (false, inner),
        _ => return Err(called.unfit()),
    };
    let parts = || {
        let (owner, rest) = as_pair(inner)?;
        let (operator, id) = as_pair(rest)?;
        Some((as_target(owner)?.address, as_target(operator)?.address, as_nat(id)?))
    };
    let (owner, operator, id) = parts().ok_or_else(|| called.unfit())?;
    if owner != called.call.sender {
        return Err(called.fail("FA2_NOT_OWNER", "only the owner sets operators"));
    }
    if let Some(found) = work.state.contracts.get_mut(&called.me().hash)
        && let Code::Fa2(fa2) = &mut found.code
    {
        if adds {
            fa2.operators.insert((owner, operator, id));
        } else {
            fa2.operators.remove(&(owner, operator, id));
        }
    }
    Ok(())
}

/// The balances that are asked for; `None` if one is of no token that there is.
pub(crate) fn read(stored: &Fa2, requests: &Node) -> Option<Node> {
    let Node::Seq(requests) = requests else { return None };
    let told = requests.iter().map(|one| {
        let (owner, id) = as_pair(one)?;
        let (owner, id) = (as_target(owner)?.address, as_nat(id)?);
        stored.tokens.get(&id)?;
        let has: BigUint = stored.ledger.get(&(owner, id.clone())).cloned().unwrap_or_default();
        Some(pair(pair(address(&owner), nat(&id)), nat(&has)))
    });
    told.collect::<Option<Vec<_>>>().map(Node::Seq)
}
