//! Sending: what waits for the outbox leaves it, as long as the level's outbox takes messages.

use accounts::Ledger;
use host::{Host, HostError, RawRollupCore, Subtree};
use outbox::Queue;

use crate::layout::{STATE, WORK};
use crate::pending;

/// Sends until nothing waits or the outbox is full.
pub(crate) fn send<H: RawRollupCore>(host: &H) -> Result<(), HostError> {
    while send_one(host)? {}
    Ok(())
}

/// Sends the message whose turn it is. The state without that message is ready in the working copy
/// before it is written; after that, one call makes it real. Nothing that could trap stands between
/// the two: a trap there would send the message again.
fn send_one<H: RawRollupCore>(host: &H) -> Result<bool, HostError> {
    let state = Subtree::new(host, STATE);
    let Some(queued) = Queue::open(state)?.next_message()? else { return Ok(false) };
    let message = pending::message(&state, &queued.pending)?;

    host.copy(STATE, WORK)?;
    let work = Subtree::new(host, WORK);
    Queue::open(work)?.dequeue(&queued)?;
    let mut ledger = Ledger::open(state)?;
    for (ticket, amount) in queued.pending.tickets() {
        ledger.record_exit(ticket, amount)?;
    }
    ledger.commit(&work)?;

    match host.output(&message) {
        Ok(()) => host.rename(WORK, STATE).map(|()| true),
        Err(HostError::OutboxFull) => host.delete(WORK).map(|()| false),
        Err(error) => Err(error),
    }
}
