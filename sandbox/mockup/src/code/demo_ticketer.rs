//! The demo's ticketer: it makes tickets of nothing, and gives nothing for them.

use layer1::address::Kind;
use layer1::michelson::Node;
use num_bigint::BigUint;

use crate::call::Call;
use crate::called::Called;
use crate::micheline::{address, as_nat, as_pair, as_target, as_text, nat, pair, prim, type_of};
use crate::normal::ticket;
use crate::refusal::Refusal;
use crate::scripts::{DEMO_CONTENT, ROLLUP};
use crate::ticket::Ticket;
use crate::work::Work;

pub(super) fn run(work: &mut Work, called: &Called<'_>) -> Result<Vec<Call>, Refusal> {
    called.no_tez()?;
    match called.entrypoint {
        "burn" => burn(work, called),
        "mint" => mint(work, called),
        _ => Err(called.unfit()),
    }
}

fn burn(work: &mut Work, called: &Called<'_>) -> Result<Vec<Call>, Refusal> {
    let (_, value) = as_pair(called.value).ok_or_else(|| called.unfit())?;
    let (found, amount) = ticket(value, &type_of("string")).ok_or_else(|| called.unfit())?;
    let content = found.content().clone();
    called.burn(work, &found, &content, &amount)?;
    Ok(Vec::new())
}

fn mint(work: &mut Work, called: &Called<'_>) -> Result<Vec<Call>, Refusal> {
    let parts = || {
        let (rollup, rest) = as_pair(called.value)?;
        let (receiver, amount) = as_pair(rest)?;
        Some((as_target(rollup)?, as_text(receiver)?, as_nat(amount)?))
    };
    let (rollup, receiver, amount) = parts().ok_or_else(|| called.unfit())?;
    let of = type_of(ROLLUP);
    let other = |_| called.fail("ROLLUP_OF_ANOTHER_TYPE", "the rollup takes no such deposit");
    work.check_takes(&rollup, &of).map_err(other)?;
    if rollup.address.kind != Kind::Rollup {
        return Err(called.fail("ROLLUP_OF_ANOTHER_TYPE", "the address is of no rollup"));
    }
    if amount == BigUint::ZERO {
        return Err(called.fail("NOTHING_TO_MINT", "the amount is zero"));
    }
    let content = Node::String(DEMO_CONTENT.to_owned());
    let made = Ticket::new(called.me().hash, &type_of("string"), content.clone());
    work.mint(&made, called.me(), &amount);
    let value = pair(address(&called.me()), pair(content, nat(&amount)));
    let receiver = Node::String(receiver.to_owned());
    let value = prim("Left", vec![pair(receiver, value)]);
    Ok(vec![called.emit(&rollup, value, of, 0)])
}
