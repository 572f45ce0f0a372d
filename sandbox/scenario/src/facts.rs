//! The state as facts, read with the kernel's own codecs.
//!
//! Accounts and tickets are found by their records, not by counting indexes up: a scenario may
//! begin at the last one.

use std::collections::BTreeMap;

use accounts::Ledger;
use encoding::{Ticket, TicketIndex, Tz4Address};
use host::{HostError, Subtree};
use outbox::Queue;
use pvm::{Durable, NativeHost};
use tx_kernel::layout::STATE;
use tx_kernel::view::{HeldDeposit, View};

use crate::assertion::{Fact, Registry};
use crate::found::Found;

/// Up to so many accounts and tickets the kernel's view counts them up itself.
const COUNTED_MAX: u32 = 5_000;

/// What is so; what is 0 or no is left out.
pub(crate) type Facts = BTreeMap<Fact, u128>;

/// Every deposit that is held, and why.
pub(crate) fn held(durable: &Durable) -> Result<Vec<Found>, String> {
    let host = NativeHost::over(durable.clone());
    let held = View::new(&host).held().map_err(|error| error.to_string())?;
    let found = |deposit: &HeldDeposit| Found::of_held(deposit.outcome, deposit.paid_back);
    Ok(held.iter().map(found).collect())
}

/// Reads all facts.
pub(crate) fn read(durable: &Durable) -> Result<Facts, String> {
    let host = NativeHost::over(durable.clone());
    facts(durable, Subtree::new(&host, STATE)).map_err(|error| error.to_string())
}

/// The names below a path.
fn names(durable: &Durable, path: &str) -> Vec<String> {
    durable.subkeys(&[STATE, path].concat())
}

fn accounts(durable: &Durable) -> Vec<Tz4Address> {
    let address = |name: &String| hex::decode(name).ok()?.try_into().ok().map(Tz4Address);
    names(durable, accounts::ADDRESSES).iter().filter_map(address).collect()
}

fn tickets(durable: &Durable) -> Vec<TicketIndex> {
    let mut all: Vec<TicketIndex> = names(durable, accounts::TICKET_RECORDS)
        .iter()
        .filter_map(|name| name.parse().ok().map(TicketIndex))
        .collect();
    all.sort();
    all
}

fn facts(durable: &Durable, state: Subtree<'_, NativeHost>) -> Result<Facts, HostError> {
    let mut ledger = Ledger::open(state)?;
    let mut facts = Facts::new();
    let mut put = |fact: Fact, value: u128| {
        if value > 0 {
            facts.insert(fact, value);
        }
    };
    put(Fact::Next(Registry::Account), ledger.accounts().into());
    put(Fact::Next(Registry::Ticket), ledger.tickets().into());
    put(Fact::Pending, Queue::open(state)?.pending().into());
    let mut known: Vec<(TicketIndex, Ticket)> = Vec::new();
    for index in tickets(durable) {
        let ticket = ledger.ticket(index)?;
        let supply = ledger.supply(index)?;
        put(Fact::Deposited(ticket.clone()), supply.deposited);
        put(Fact::Left(ticket.clone()), supply.withdrawn);
        known.push((index, ticket));
    }
    let mut indexes = Vec::new();
    for address in accounts(durable) {
        let Some(account) = ledger.find(&address)? else { continue };
        put(Fact::Counter(address), account.counter.get().into());
        let key = ledger.key(account.index)?;
        put(Fact::Key(address), u128::from(key.is_some()));
        put(Fact::Proven(address), u128::from(key.is_some_and(|key| key.proven)));
        for (index, ticket) in &known {
            let balance = ledger.balance(account.index, *index)?;
            put(Fact::Balance(address, ticket.clone()), balance.get().into());
        }
        indexes.push((Fact::Account(address), u128::from(account.index.0)));
    }
    indexes.extend(known.into_iter().map(|(index, of)| (Fact::Ticket(of), index.0.into())));
    // An index of 0 is one.
    facts.extend(indexes);
    Ok(facts)
}

/// The tickets that were made or lost: for each, deposited = balances + waiting + withdrawn.
pub(crate) fn unbalanced(durable: &Durable) -> Result<Vec<Ticket>, String> {
    let host = NativeHost::over(durable.clone());
    count(durable, &host).map_err(|error| error.to_string())
}

fn count(durable: &Durable, host: &NativeHost) -> Result<Vec<Ticket>, HostError> {
    let state = Subtree::new(host, STATE);
    let mut ledger = Ledger::open(state)?;
    if ledger.accounts().max(ledger.tickets()) <= COUNTED_MAX {
        let wrong = View::new(host).unbalanced()?;
        return wrong.into_iter().map(|index| ledger.ticket(index)).collect();
    }
    let mut sums: BTreeMap<TicketIndex, u128> = BTreeMap::new();
    for pending in Queue::open(state)?.all()? {
        for (ticket, amount) in pending.tickets() {
            *sums.entry(ticket).or_default() += u128::from(amount.get());
        }
    }
    let mut wrong = Vec::new();
    for index in tickets(durable) {
        let mut sum = sums.get(&index).copied().unwrap_or(0);
        for address in accounts(durable) {
            if let Some(account) = ledger.find(&address)? {
                sum += u128::from(ledger.balance(account.index, index)?.get());
            }
        }
        let supply = ledger.supply(index)?;
        let fits = supply.deposited.checked_sub(supply.withdrawn) == Some(sum);
        if !fits || u128::from(supply.on_rollup.get()) != sum {
            wrong.push(ledger.ticket(index)?);
        }
    }
    Ok(wrong)
}
