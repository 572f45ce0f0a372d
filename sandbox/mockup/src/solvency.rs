//! What layer 1 says of each ticket: what is locked for it, how many there are, how many the rollup has, and
//! how many of those are on their way to it.

use std::collections::BTreeMap;

use layer1::outbox::{OutboxMessage, decode};
use num_bigint::BigUint;

use crate::call::RollupCall;
use crate::normal::{likely_tickets, tickets};
use crate::state::State;
use crate::ticket::Ticket;

/// The terms of a ticket that layer 1 knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer1Terms {
    /// The ticket.
    pub ticket: Ticket,
    /// What its ticketer has locked; `None` if nothing is known to stand behind it.
    pub locked: Option<BigUint>,
    /// How many there are.
    pub supply: BigUint,
    /// How many of them the rollup has.
    pub of_rollup: BigUint,
    /// How many of those it has not been told of yet.
    pub sent: BigUint,
}

/// The terms of all tickets that there are or were. What is sent is what waits for the next inbox.
#[must_use]
pub fn terms(state: &State, sent: &[RollupCall]) -> Vec<Layer1Terms> {
    let mut waiting: BTreeMap<&Ticket, BigUint> = BTreeMap::new();
    for (ticket, amount) in sent.iter().flat_map(|call| &call.tickets) {
        *waiting.entry(ticket).or_default() += amount;
    }
    let rollup = state.rollup();
    let of = |(ticket, supply): (&Ticket, &BigUint)| Layer1Terms {
        ticket: ticket.clone(),
        locked: state.locked(ticket),
        supply: supply.clone(),
        of_rollup: state.tickets(ticket, &rollup),
        sent: waiting.get(ticket).cloned().unwrap_or_default(),
    };
    state.supplies().map(of).collect()
}

/// The tickets that an outbox message hands over: those of the types that it says itself, or of the shapes in
/// use, alone or beside a receiver.
#[must_use]
pub fn tickets_of_message(message: &[u8]) -> Vec<(Ticket, BigUint)> {
    let OutboxMessage::Calls(calls) = decode(message) else { return Vec::new() };
    let of_call = |call: &layer1::outbox::Call| match &call.parameters_type {
        Some(of) => tickets(&call.parameters, of),
        None => likely_tickets(&call.parameters),
    };
    calls.iter().flat_map(of_call).collect()
}
