//! The ticketer of tez: a ticket for each mutez that it locks.

use num_bigint::BigUint;

use crate::call::Call;
use crate::called::Called;
use crate::micheline::{address, as_pair, as_target, nat, pair, type_of, unit};
use crate::normal::{pair_type, tez_content, ticket};
use crate::refusal::Refusal;
use crate::scripts::TICKET;
use crate::ticket::Ticket;
use crate::work::Work;

pub(super) fn run(work: &mut Work, called: &Called<'_>) -> Result<Vec<Call>, Refusal> {
    match called.entrypoint {
        "mint" => mint(work, called),
        "burn" => burn(work, called),
        _ => Err(called.unfit()),
    }
}

fn mint(work: &mut Work, called: &Called<'_>) -> Result<Vec<Call>, Refusal> {
    let to = as_target(called.value).ok_or_else(|| called.unfit())?;
    if called.call.amount == 0 {
        return Err(called.fail("NOTHING_TO_MINT", "no tez come with the call"));
    }
    let of = type_of(TICKET);
    let no_ticket = |_| called.fail("RECEIVER_TAKES_NO_TICKET", "the receiver takes no ticket");
    work.check_takes(&to, &of).map_err(no_ticket)?;
    let amount = BigUint::from(called.call.amount);
    work.mint(&Ticket::new(called.me().hash, &pair_type(), tez_content()), called.me(), &amount);
    let me = address(&called.me());
    let value = pair(me, pair(tez_content(), nat(&amount)));
    Ok(vec![called.emit(&to, value, of, 0)])
}

fn burn(work: &mut Work, called: &Called<'_>) -> Result<Vec<Call>, Refusal> {
    called.no_tez()?;
    let (to, value) = as_pair(called.value).ok_or_else(|| called.unfit())?;
    let to = as_target(to).ok_or_else(|| called.unfit())?;
    let (found, amount) = ticket(value, &pair_type()).ok_or_else(|| called.unfit())?;
    called.burn(work, &found, &tez_content(), &amount)?;
    let of = type_of("unit");
    let no_tez = |_| called.fail("RECEIVER_TAKES_NO_TEZ", "the receiver takes no tez");
    work.check_takes(&to, &of).map_err(no_tez)?;
    let mutez = u64::try_from(&amount).map_err(|_| called.unfit())?;
    Ok(vec![called.emit(&to, unit(), of, mutez)])
}
