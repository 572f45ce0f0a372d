//! The helper that deposits: it has a ticketer make a ticket of what its caller brings, and sends that on to
//! the rollup. It has nothing of anybody before and after an operation.

use layer1::address::{Address, Kind};
use layer1::michelson::Node;
use num_bigint::BigUint;

use super::fa_ticketer::{check_token, transfer};
use crate::call::Call;
use crate::called::{Called, entrypoint};
use crate::contract::{Code, PendingDeposit, Token};
use crate::micheline::{
    Target, address, as_nat, as_pair, as_target, as_text, nat, pair, prim, type_of, unit,
};
use crate::normal::{pair_type, tez_content, ticket};
use crate::refusal::Refusal;
use crate::scripts::ROLLUP;
use crate::work::Work;

pub(super) fn run(
    work: &mut Work,
    pending: Option<&PendingDeposit>,
    called: &Called<'_>,
) -> Result<Vec<Call>, Refusal> {
    match called.entrypoint {
        "deposit_xtz" => deposit_xtz(work, pending, called),
        "deposit_fa" => deposit_fa(work, pending, called),
        "default" => take(work, pending, called),
        "fa12_balance" => {
            let has = as_nat(called.value);
            balance(work, pending, called, has)
        }
        "fa2_balance" => {
            let has = match called.value {
                Node::Seq(items) => items.first().and_then(as_pair).and_then(|one| as_nat(one.1)),
                _ => None,
            };
            balance(work, pending, called, has)
        }
        "finish" => finish(work, pending, called),
        "reclaim" => reclaim(work, called),
        _ => Err(called.unfit()),
    }
}

fn set(work: &mut Work, called: &Called<'_>, pending: Option<PendingDeposit>) {
    if let Some(found) = work.state.contracts.get_mut(&called.me().hash) {
        found.code = Code::DepositHelper(pending);
    }
}

/// That who calls has signed the operation: what the rollup pays back, it pays to them.
fn signed(called: &Called<'_>) -> Result<(), Refusal> {
    if called.call.sender != called.call.source {
        let words = "only who signs the operation may call it";
        return Err(called.fail("CALLER_IS_NOT_THE_SIGNER", words));
    }
    Ok(())
}

/// What both ways of depositing check of who calls and of what is on its way.
fn begin(pending: Option<&PendingDeposit>, called: &Called<'_>) -> Result<(), Refusal> {
    signed(called)?;
    if pending.is_some() {
        let words = "another deposit is on its way";
        return Err(called.fail("ANOTHER_DEPOSIT_IS_ON_ITS_WAY", words));
    }
    Ok(())
}

fn check_rollup(work: &Work, called: &Called<'_>, rollup: &Target) -> Result<(), Refusal> {
    let other = || {
        let words = "the rollup is another, or of another type";
        called.fail("ROLLUP_OF_ANOTHER_TYPE", words)
    };
    if rollup.address.kind != Kind::Rollup {
        return Err(other());
    }
    work.check_takes(rollup, &type_of(ROLLUP)).map_err(|_| other())
}

fn nothing(called: &Called<'_>) -> Refusal {
    called.fail("NOTHING_TO_DEPOSIT", "the amount is zero")
}

fn deposit_xtz(
    work: &mut Work,
    pending: Option<&PendingDeposit>,
    called: &Called<'_>,
) -> Result<Vec<Call>, Refusal> {
    let parts = || {
        let (ticketer, rest) = as_pair(called.value)?;
        let (rollup, receiver) = as_pair(rest)?;
        Some((as_target(ticketer)?, as_target(rollup)?, as_text(receiver)?))
    };
    let (named, rollup, receiver) = parts().ok_or_else(|| called.unfit())?;
    let ticketer = named.address;
    begin(pending, called)?;
    let amount = called.call.amount;
    if amount == 0 {
        return Err(nothing(called));
    }
    check_rollup(work, called, &rollup)?;
    let mint = Target { address: ticketer, entrypoint: "mint".to_owned() };
    let of = type_of("address");
    let takes = work.check_takes(&mint, &of).is_ok();
    // An address that names an entrypoint already is of no other one.
    if !takes || !named.entrypoint.is_empty() {
        return Err(called.fail("NOT_A_TICKETER_OF_TEZ", "the contract is no ticketer of tez"));
    }
    set(
        work,
        called,
        Some(PendingDeposit {
            ticketer,
            content: tez_content(),
            amount: amount.into(),
            rollup: rollup.address,
            receiver: receiver.to_owned(),
            token: None,
            balance: None,
            forwarded: false,
        }),
    );
    let made = called.emit(&mint, address(&called.me()), of, amount);
    Ok(vec![made, finishing(called)])
}

fn finishing(called: &Called<'_>) -> Call {
    called.emit(&entrypoint(called.me().hash, "finish"), unit(), type_of("unit"), 0)
}

fn deposit_fa(
    work: &mut Work,
    pending: Option<&PendingDeposit>,
    called: &Called<'_>,
) -> Result<Vec<Call>, Refusal> {
    called.no_tez()?;
    let parts = || {
        let (ticketer, rest) = as_pair(called.value)?;
        let (rollup, rest) = as_pair(rest)?;
        let (receiver, amount) = as_pair(rest)?;
        let ticketer = as_target(ticketer)?;
        Some((ticketer, as_target(rollup)?, as_text(receiver)?, as_nat(amount)?))
    };
    let (named, rollup, receiver, amount) = parts().ok_or_else(|| called.unfit())?;
    let ticketer = named.address;
    begin(pending, called)?;
    if amount == BigUint::ZERO {
        return Err(nothing(called));
    }
    check_rollup(work, called, &rollup)?;
    let code = work.state.contract(&ticketer.hash).map(|found| found.code.clone());
    let is_contract = ticketer.kind == Kind::Contract && named.entrypoint.is_empty();
    let Some(Code::FaTicketer(stored)) = code.filter(|_| is_contract) else {
        let words = "the contract is no ticketer of tokens";
        return Err(called.fail("NOT_A_TICKETER_OF_TOKENS", words));
    };
    let token = Address { kind: Kind::Contract, hash: *stored.token.contract() };
    set(
        work,
        called,
        Some(PendingDeposit {
            ticketer,
            content: stored.content.clone(),
            amount: amount.clone(),
            rollup: rollup.address,
            receiver: receiver.to_owned(),
            token: Some(token),
            balance: None,
            forwarded: false,
        }),
    );
    let taken = transfer(called, &stored.token, called.call.sender, called.me(), &amount);
    let deposit = entrypoint(ticketer.hash, "deposit");
    let asked = ask(called, &stored.token);
    let allowed = allow(called, &stored.token, ticketer, &amount, true);
    for call in [&asked, &taken, &allowed] {
        check_token(work, called, call)?;
    }
    Ok(vec![
        asked,
        taken,
        allowed,
        called.emit(&deposit, nat(&amount), type_of("nat"), 0),
        allow(called, &stored.token, ticketer, &BigUint::ZERO, false),
        ask(called, &stored.token),
        finishing(called),
    ])
}

/// Asks a token's contract what the helper has of it.
fn ask(called: &Called<'_>, token: &Token) -> Call {
    let callback = |name| Node::Bytes(entrypoint(called.me().hash, name).to_bytes());
    let me = address(&called.me());
    match token {
        Token::Fa12(contract) => {
            let value = pair(me, callback("fa12_balance"));
            let of = type_of("pair address (contract nat)");
            called.emit(&entrypoint(*contract, "getBalance"), value, of, 0)
        }
        Token::Fa2(contract, id) => {
            let requests = Node::Seq(vec![pair(me, nat(id))]);
            let value = pair(requests, callback("fa2_balance"));
            let of = type_of(
                "pair (list (pair address nat)) (contract (list (pair (pair address nat) nat)))",
            );
            called.emit(&entrypoint(*contract, "balance_of"), value, of, 0)
        }
    }
}

/// Gives the ticketer the right to take the helper's tokens, or takes it away.
fn allow(
    called: &Called<'_>,
    token: &Token,
    ticketer: Address,
    amount: &BigUint,
    adds: bool,
) -> Call {
    let spender = address(&ticketer);
    match token {
        Token::Fa12(contract) => {
            let value = pair(spender, nat(amount));
            called.emit(&entrypoint(*contract, "approve"), value, type_of("pair address nat"), 0)
        }
        Token::Fa2(contract, id) => {
            let right = pair(address(&called.me()), pair(spender, nat(id)));
            let side = if adds { "Left" } else { "Right" };
            let value = Node::Seq(vec![prim(side, vec![right])]);
            let of = type_of(
                "list (or (pair address (pair address nat)) (pair address (pair address nat)))",
            );
            called.emit(&entrypoint(*contract, "update_operators"), value, of, 0)
        }
    }
}

/// What is on its way, if anything is.
fn on_its_way(
    pending: Option<&PendingDeposit>,
    called: &Called<'_>,
) -> Result<PendingDeposit, Refusal> {
    let nothing = || called.fail("NO_DEPOSIT_IS_ON_ITS_WAY", "no deposit is on its way");
    pending.cloned().ok_or_else(nothing)
}

/// A ticket comes, and is sent on.
fn take(
    work: &mut Work,
    pending: Option<&PendingDeposit>,
    called: &Called<'_>,
) -> Result<Vec<Call>, Refusal> {
    called.no_tez()?;
    let mut found = on_its_way(pending, called)?;
    let (came, amount) = ticket(called.value, &pair_type()).ok_or_else(|| called.unfit())?;
    let wrong = |with, words| Err(called.fail(with, words));
    if called.call.sender != found.ticketer {
        return wrong("SENDER_IS_NOT_THE_TICKETER", "only the ticketer may send a ticket");
    }
    if found.forwarded {
        return wrong("A_SECOND_TICKET", "the ticket has come already");
    }
    if *came.ticketer() != found.ticketer.hash {
        return wrong("TICKET_OF_ANOTHER_TICKETER", "the ticket is of another ticketer");
    }
    if *came.content() != found.content {
        return wrong("TICKET_OF_ANOTHER_CONTENT", "the ticket says something else");
    }
    if amount != found.amount {
        return wrong("TICKET_OF_ANOTHER_AMOUNT", "the ticket is not of the amount");
    }
    let inner = pair(Node::String(found.receiver.clone()), called.value.clone());
    let value = prim("Right", vec![prim("Left", vec![inner])]);
    let rollup = Target { address: found.rollup, entrypoint: String::new() };
    found.forwarded = true;
    set(work, called, Some(found));
    Ok(vec![called.emit(&rollup, value, type_of(ROLLUP), 0)])
}

/// A token's contract says what the helper has of it: as much afterwards as before.
fn balance(
    work: &mut Work,
    pending: Option<&PendingDeposit>,
    called: &Called<'_>,
    has: Option<BigUint>,
) -> Result<Vec<Call>, Refusal> {
    called.no_tez()?;
    let mut found = on_its_way(pending, called)?;
    let has = has.ok_or_else(|| called.unfit())?;
    if found.token != Some(called.call.sender) {
        let words = "only the token's contract may say that";
        return Err(called.fail("SENDER_IS_NOT_THE_TOKEN", words));
    }
    match &found.balance {
        None => found.balance = Some(has),
        Some(before) if *before == has => {}
        Some(_) => {
            let words = "the helper has more or fewer tokens than before";
            return Err(called.fail("TOKENS_ARE_LEFT_OR_GONE", words));
        }
    }
    set(work, called, Some(found));
    Ok(Vec::new())
}

fn finish(
    work: &mut Work,
    pending: Option<&PendingDeposit>,
    called: &Called<'_>,
) -> Result<Vec<Call>, Refusal> {
    called.no_tez()?;
    if called.call.sender != called.me() {
        return Err(called.fail("SENDER_IS_NOT_THE_HELPER", "only the helper itself may call that"));
    }
    let found = on_its_way(pending, called)?;
    if !found.forwarded {
        return Err(called.fail("NO_TICKET_CAME", "the ticketer has sent no ticket"));
    }
    set(work, called, None);
    Ok(Vec::new())
}

/// Passes on a request for a deposit that the rollup holds: the rollup takes it from who made the deposit.
fn reclaim(work: &mut Work, called: &Called<'_>) -> Result<Vec<Call>, Refusal> {
    called.no_tez()?;
    signed(called)?;
    let (rollup, request) = as_pair(called.value).ok_or_else(|| called.unfit())?;
    let rollup = as_target(rollup).ok_or_else(|| called.unfit())?;
    check_rollup(work, called, &rollup)?;
    let value = prim("Right", vec![prim("Right", vec![request.clone()])]);
    Ok(vec![called.emit(&rollup, value, type_of(ROLLUP), 0)])
}
