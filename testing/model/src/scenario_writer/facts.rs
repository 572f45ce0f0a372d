//! What the model knows, as facts that a scenario has sentences for.

use std::collections::BTreeMap;

use super::names::name;
use crate::state::Model;
use crate::wire::{Address, number_of};
use crate::workload::Kind;
use explain::text::grouped;

/// Something that a scenario can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// Somebody's amount of a ticket.
    Balance(u8, Kind),
    /// The counter that comes next.
    Counter(u8),
    /// Whether somebody's key is known.
    Key(u8),
    /// Whether it is proven.
    Proven(u8),
    /// An account's index.
    Account(u8),
    /// A ticket's index.
    Ticket(Kind),
    /// How much of a ticket has ever come.
    Deposited(Kind),
    /// How much of it has left.
    Left(Kind),
    /// The next index of accounts and tickets.
    Next(&'static str),
    /// How many messages wait for the outbox.
    Pending,
}

/// Facts with their values. What is 0 or no is left out.
pub type Facts = BTreeMap<Fact, u128>;

/// Everything that the model knows.
pub fn facts(model: &Model) -> Facts {
    let who = |address: &Address| number_of(*address).unwrap_or(u8::MAX);
    let count = |count: usize| count as u128;
    let mut facts = Facts::new();
    for ((address, kind), amount) in &model.balances {
        facts.insert(Fact::Balance(who(address), *kind), (*amount).into());
    }
    for (address, counter) in &model.counters {
        facts.insert(Fact::Counter(who(address)), (*counter).into());
    }
    facts.extend(model.keys.iter().map(|address| (Fact::Key(who(address)), 1)));
    facts.extend(model.proven.iter().map(|address| (Fact::Proven(who(address)), 1)));
    for (index, address) in model.accounts.iter().enumerate() {
        facts.insert(Fact::Account(who(address)), count(index));
    }
    for (index, kind) in model.tickets.iter().enumerate() {
        facts.insert(Fact::Ticket(*kind), count(index));
    }
    let numbers = [
        (Fact::Next("account"), model.accounts.len()),
        (Fact::Next("ticket"), model.tickets.len()),
        (Fact::Pending, model.pending()),
    ];
    let supplies = model.supplies.iter().flat_map(|(kind, supply)| {
        [(Fact::Deposited(*kind), supply.deposited), (Fact::Left(*kind), supply.withdrawn)]
    });
    let all = numbers.into_iter().map(|(fact, number)| (fact, count(number))).chain(supplies);
    facts.extend(all.filter(|(_, value)| *value > 0));
    facts
}

/// The sentence that says it.
pub fn sentence(fact: Fact, value: Option<u128>) -> String {
    let number = grouped(&value.unwrap_or(0).to_string());
    match (fact, value) {
        (Fact::Balance(who, kind), None) => format!("{} has no {}", name(who), kind.name()),
        (Fact::Balance(who, kind), _) => format!("{} has {number} {}", name(who), kind.name()),
        (Fact::Counter(who), _) => format!("{}'s counter is {number}", name(who)),
        (Fact::Key(who), None) => format!("{}'s key is unknown", name(who)),
        (Fact::Key(who), _) => format!("{}'s key is known", name(who)),
        (Fact::Proven(who), None) => format!("{}'s key is not registered", name(who)),
        (Fact::Proven(who), _) => format!("{}'s key is registered", name(who)),
        (Fact::Account(who), None) => format!("{} is no account", name(who)),
        (Fact::Account(who), _) => format!("{} is account {number}", name(who)),
        (Fact::Ticket(kind), None) => format!("{} is no ticket", kind.name()),
        (Fact::Ticket(kind), _) => format!("{} is ticket {number}", kind.name()),
        (Fact::Deposited(kind), _) => format!("{number} {} were ever deposited", kind.name()),
        (Fact::Left(kind), _) => format!("{number} {} have left", kind.name()),
        (Fact::Next(registry), _) => format!("the next {registry} index is {number}"),
        (Fact::Pending, _) => format!("{number} messages wait for the outbox"),
    }
}
