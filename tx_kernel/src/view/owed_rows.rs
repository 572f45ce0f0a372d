//! What the rollup owes, kept up to date from one level to the next at the cost of what has changed.

use std::collections::BTreeMap;

use encoding::{Ticket, TicketIndex};
use host::{Host, HostError, RawRollupCore, Subtree};
use num_bigint::BigInt;
use outbox::Pending;

use super::owed::Owed;
use crate::held;
use crate::ingest::Entry;
use crate::layout::STATE;
use accounts::Ledger;

/// Where held deposits are.
const HELD: &str = "/toru/state/held/";
/// Where the messages are that wait for the outbox.
const QUEUED: &str = "/toru/state/outbox/message/";
/// Where deposits are that have been collected, and not worked off.
const COLLECTED: &str = "/toru/inbox/deposits/";

/// A deposit that was kept: its ticket and amount, if it can be read.
type Kept = Option<(Ticket, BigInt)>;

/// The rows of a state that say what the rollup owes beside its ledger.
#[derive(Clone, Debug, Default)]
pub struct OwedRows {
    /// By number: the deposit, and whether it has been paid back.
    held: BTreeMap<u64, (Kept, bool)>,
    /// By number in the queue: the ticket that goes back.
    queued: BTreeMap<u64, Kept>,
    collected: BTreeMap<u64, Kept>,
    sums: BTreeMap<Ticket, Owed>,
}

/// A row that says something.
enum Row {
    Held(u64),
    Queued(u64),
    Collected(u64),
}

impl Row {
    fn of(path: &str) -> Option<Self> {
        let number = |rest: &str| rest.split('/').next()?.parse().ok();
        if let Some(rest) = path.strip_prefix(HELD) {
            return number(rest).map(Row::Held);
        }
        if let Some(rest) = path.strip_prefix(QUEUED) {
            return number(rest).map(Row::Queued);
        }
        path.strip_prefix(COLLECTED).and_then(number).map(Row::Collected)
    }
}

impl OwedRows {
    /// Whether a value at a path says anything here.
    #[must_use]
    pub fn counts(path: &str) -> bool {
        Row::of(path).is_some()
    }

    /// Takes notice of what a state has at a path now.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn read<H: RawRollupCore>(&mut self, host: &H, path: &str) -> Result<(), HostError> {
        let state = Subtree::new(host, STATE);
        match Row::of(path) {
            None => {}
            Some(Row::Held(number)) => {
                let entry = held::message(&state, number)?;
                let paid = held::is_paid(&state, number)?;
                let now = entry.map(|entry| (kept(&entry), paid));
                let owed = |one: &(Kept, bool)| one.0.clone().filter(|_| !one.1);
                let before = self.held.get(&number).and_then(owed);
                self.change(before, now.as_ref().and_then(owed), |owed| &mut owed.held);
                put(&mut self.held, number, now);
            }
            Some(Row::Queued(number)) => {
                let record = stored(host, path)?;
                let now = match record.as_deref().map(Pending::from_bytes) {
                    Some(Some(Pending::Held { number, .. })) => {
                        held::message(&state, number)?.map(|entry| kept(&entry))
                    }
                    Some(None) => return Err(HostError::Corrupt("/outbox/message")),
                    Some(Some(Pending::Withdrawals(_))) | None => None,
                };
                let before = self.queued.get(&number).cloned().flatten();
                self.change(before, now.clone().flatten(), |owed| &mut owed.refunds);
                put(&mut self.queued, number, now);
            }
            Some(Row::Collected(number)) => {
                let record = stored(host, path)?;
                let now =
                    record.and_then(|record| Entry::decode(&record)).map(|entry| kept(&entry));
                let before = self.collected.get(&number).cloned().flatten();
                self.change(before, now.clone().flatten(), |owed| &mut owed.collected);
                put(&mut self.collected, number, now);
            }
        }
        Ok(())
    }

    fn change(&mut self, before: Kept, after: Kept, place: fn(&mut Owed) -> &mut BigInt) {
        if let Some((ticket, amount)) = before {
            *place(self.sums.entry(ticket).or_default()) -= amount;
        }
        if let Some((ticket, amount)) = after {
            *place(self.sums.entry(ticket).or_default()) += amount;
        }
    }

    /// What the rollup owes of each ticket. The ledger says what is on the rollup, a number for each.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn owed<H: RawRollupCore>(&self, host: &H) -> Result<BTreeMap<Ticket, Owed>, HostError> {
        let mut all = self.sums.clone();
        let mut ledger = Ledger::open(Subtree::new(host, STATE))?;
        for index in (0..ledger.tickets()).map(TicketIndex) {
            let on_rollup = ledger.supply(index)?.on_rollup.get().into();
            all.entry(ledger.ticket(index)?).or_default().on_rollup = on_rollup;
        }
        Ok(all)
    }
}

/// A value, if it is there.
fn stored<H: RawRollupCore>(host: &H, path: &str) -> Result<Option<Vec<u8>>, HostError> {
    if host.has(path)? { host.read(path).map(Some) } else { Ok(None) }
}

fn put<T>(all: &mut BTreeMap<u64, T>, number: u64, now: Option<T>) {
    match now {
        Some(now) => all.insert(number, now),
        None => all.remove(&number),
    };
}

/// The deposit in a message that was kept.
fn kept(entry: &Entry) -> Kept {
    let bytes = entry.bytes.as_ref()?;
    held::deposit(bytes).map(|deposit| (deposit.ticket, deposit.amount))
}
