//! A token of FA1.2.

use layer1::address::Address;
use num_bigint::BigUint;

use crate::call::Call;
use crate::called::Called;
use crate::contract::{Code, Fa12};
use crate::micheline::{as_nat, as_pair, as_target, nat, type_of};
use crate::refusal::Refusal;
use crate::work::Work;

pub(super) fn run(
    work: &mut Work,
    stored: &Fa12,
    called: &Called<'_>,
) -> Result<Vec<Call>, Refusal> {
    called.no_tez()?;
    match called.entrypoint {
        "transfer" => transfer(work, stored, called).map(|()| Vec::new()),
        "approve" => approve(work, stored, called).map(|()| Vec::new()),
        name => answer(stored, called, name),
    }
}

fn amount_of(stored: &Fa12, owner: &Address) -> BigUint {
    stored.ledger.get(owner).cloned().unwrap_or_default()
}

fn allowance(stored: &Fa12, owner: Address, spender: Address) -> BigUint {
    stored.allowances.get(&(owner, spender)).cloned().unwrap_or_default()
}

fn transfer(work: &mut Work, stored: &Fa12, called: &Called<'_>) -> Result<(), Refusal> {
    let parts = || {
        let (from, rest) = as_pair(called.value)?;
        let (to, amount) = as_pair(rest)?;
        Some((as_target(from)?.address, as_target(to)?.address, as_nat(amount)?))
    };
    let (from, to, amount) = parts().ok_or_else(|| called.unfit())?;
    let (me, spender) = (called.me().hash, called.call.sender);
    if from != spender {
        let left = allowance(stored, from, spender);
        if left < amount {
            let words = "the owner has allowed the caller less of the token";
            return Err(called.fail("NotEnoughAllowance", words));
        }
        set_allowance(work, &me, from, spender, left - &amount);
    }
    let has = amount_of(stored, &from);
    if has < amount {
        return Err(called.fail("NotEnoughBalance", "the owner has less of the token"));
    }
    let id = BigUint::ZERO;
    work.set_tokens(&me, &id, from, has - &amount);
    let then = work.state.tokens(&me, &id, &to) + &amount;
    work.set_tokens(&me, &id, to, then);
    Ok(())
}

fn approve(work: &mut Work, stored: &Fa12, called: &Called<'_>) -> Result<(), Refusal> {
    let parts = || {
        let (spender, amount) = as_pair(called.value)?;
        Some((as_target(spender)?.address, as_nat(amount)?))
    };
    let (spender, amount) = parts().ok_or_else(|| called.unfit())?;
    let owner = called.call.sender;
    if allowance(stored, owner, spender) != BigUint::ZERO && amount != BigUint::ZERO {
        let words = "an allowance is there already, and has to be set to 0 first";
        return Err(called.fail("UnsafeAllowanceChange", words));
    }
    set_allowance(work, &called.me().hash, owner, spender, amount);
    Ok(())
}

fn set_allowance(work: &mut Work, me: &[u8; 20], owner: Address, spender: Address, to: BigUint) {
    let Some(found) = work.state.contracts.get_mut(me) else { return };
    if let Code::Fa12(fa12) = &mut found.code {
        if to == BigUint::ZERO {
            fa12.allowances.remove(&(owner, spender));
        } else {
            fa12.allowances.insert((owner, spender), to);
        }
    }
}

/// What is asked for, sent to who is named.
fn answer(stored: &Fa12, called: &Called<'_>, name: &str) -> Result<Vec<Call>, Refusal> {
    let (request, callback) = as_pair(called.value).ok_or_else(|| called.unfit())?;
    let callback = as_target(callback).ok_or_else(|| called.unfit())?;
    let found = read(stored, name, request).ok_or_else(|| called.unfit())?;
    Ok(vec![called.emit(&callback, nat(&found), type_of("nat"), 0)])
}

/// What is asked for.
pub(crate) fn read(
    stored: &Fa12,
    name: &str,
    request: &layer1::michelson::Node,
) -> Option<BigUint> {
    match name {
        "getBalance" => Some(amount_of(stored, &as_target(request)?.address)),
        "getAllowance" => {
            let (owner, spender) = as_pair(request)?;
            Some(allowance(stored, as_target(owner)?.address, as_target(spender)?.address))
        }
        "getTotalSupply" => Some(stored.ledger.values().sum()),
        _ => None,
    }
}
