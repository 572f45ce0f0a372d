//! The ticketer of a token of FA1.2 or FA2: a ticket for each token that it locks.

use layer1::address::Address;
use layer1::michelson::Node;
use num_bigint::BigUint;

use crate::call::Call;
use crate::called::{Called, entrypoint};
use crate::contract::{FaTicketer, Token};
use crate::micheline::{Target, address, as_nat, as_pair, as_target, nat, pair, type_of};
use crate::normal::{pair_type, ticket};
use crate::refusal::Refusal;
use crate::scripts::TICKET;
use crate::ticket::Ticket;
use crate::work::Work;

pub(super) fn run(
    work: &mut Work,
    stored: &FaTicketer,
    called: &Called<'_>,
) -> Result<Vec<Call>, Refusal> {
    called.no_tez()?;
    match called.entrypoint {
        "deposit" => deposit(work, stored, called),
        "withdraw" => withdraw(work, stored, called),
        _ => Err(called.unfit()),
    }
}

fn deposit(
    work: &mut Work,
    stored: &FaTicketer,
    called: &Called<'_>,
) -> Result<Vec<Call>, Refusal> {
    let amount = as_nat(called.value).ok_or_else(|| called.unfit())?;
    let (of, me) = (type_of(TICKET), called.me());
    let to = Target { address: called.call.sender, entrypoint: String::new() };
    let no_ticket = |_| called.fail("SENDER_TAKES_NO_TICKET", "the caller takes no ticket");
    work.check_takes(&to, &of).map_err(no_ticket)?;
    if amount == BigUint::ZERO {
        return Err(called.fail("NOTHING_TO_DEPOSIT", "the amount is zero"));
    }
    let taken = transfer(called, &stored.token, to.address, me, &amount);
    check_token(work, called, &taken)?;
    work.mint(&Ticket::new(me.hash, &pair_type(), stored.content.clone()), me, &amount);
    let value = pair(address(&me), pair(stored.content.clone(), nat(&amount)));
    Ok(vec![taken, called.emit(&to, value, of, 0)])
}

fn withdraw(
    work: &mut Work,
    stored: &FaTicketer,
    called: &Called<'_>,
) -> Result<Vec<Call>, Refusal> {
    let (to, value) = as_pair(called.value).ok_or_else(|| called.unfit())?;
    let to = as_target(to).ok_or_else(|| called.unfit())?;
    let (found, amount) = ticket(value, &pair_type()).ok_or_else(|| called.unfit())?;
    called.burn(work, &found, &stored.content, &amount)?;
    let paid = transfer(called, &stored.token, called.me(), to.address, &amount);
    check_token(work, called, &paid)?;
    Ok(vec![paid])
}

/// That the token's contract takes a call.
pub(super) fn check_token(work: &Work, called: &Called<'_>, call: &Call) -> Result<(), Refusal> {
    let target = Target { address: call.destination, entrypoint: call.entrypoint.clone() };
    let none = || called.fail("NOT_A_TOKEN", "the contract of the token is none");
    let of = call.value_type.as_ref().ok_or_else(none)?;
    work.check_takes(&target, of).map_err(|_| none())
}

/// The call of a token's contract that moves some of it.
pub(super) fn transfer(
    called: &Called<'_>,
    token: &Token,
    from: Address,
    to: Address,
    amount: &BigUint,
) -> Call {
    let target = entrypoint(*token.contract(), "transfer");
    let (from, to) = (address(&from), address(&to));
    match token {
        Token::Fa12(_) => {
            let value = pair(from, pair(to, nat(amount)));
            called.emit(&target, value, type_of("pair address (pair address nat)"), 0)
        }
        Token::Fa2(_, id) => {
            let one = pair(to, pair(nat(id), nat(amount)));
            let value = Node::Seq(vec![pair(from, Node::Seq(vec![one]))]);
            let of = type_of("list (pair address (list (pair address (pair nat nat))))");
            called.emit(&target, value, of, 0)
        }
    }
}
