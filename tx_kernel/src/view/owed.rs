//! What the rollup owes of its tickets, by where that is: together with what is in outboxes, it is what layer 1
//! says that the rollup has of them.

use std::collections::BTreeMap;

use encoding::{Ticket, TicketIndex};
use host::{HostError, RawRollupCore};
use num_bigint::BigInt;
use outbox::{Pending, Queue};

use super::View;
use crate::held;
use crate::ingest::Entry;
use crate::layout::{Cursors, InboxQueue};
use accounts::Ledger;

/// What the rollup owes of a ticket, in the smallest units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// Balances, and withdrawals that wait for the outbox.
    pub on_rollup: BigInt,
    /// Deposits that could not be credited, and are not paid back.
    pub held: BigInt,
    /// Deposits that are paid back, and wait for the outbox.
    pub refunds: BigInt,
    /// Deposits that the kernel has collected, and not worked off.
    pub collected: BigInt,
}

/// What the rollup owes of some tickets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllOwed {
    /// Of each ticket.
    pub of: BTreeMap<Ticket, Owed>,
    /// Calls whose message the kernel has only in part, as the level that brought it was cut off: which ticket they
    /// brought, and how much of it, is not known. They cannot be credited or paid back.
    pub unreadable: u64,
}

/// Which of the amounts is meant.
type Term = fn(&mut Owed) -> &mut BigInt;

impl AllOwed {
    /// Counts the ticket in a call, if it has one and that one is asked for.
    fn add(&mut self, wanted: Option<&[Ticket]>, entry: &Entry, term: Term) {
        let Some(bytes) = &entry.bytes else {
            self.unreadable = self.unreadable.saturating_add(1);
            return;
        };
        if let Some(deposit) = held::deposit(bytes)
            && wanted.is_none_or(|wanted| wanted.contains(&deposit.ticket))
        {
            *term(self.of.entry(deposit.ticket).or_default()) += deposit.amount;
        }
    }
}

impl<H: RawRollupCore> View<'_, H> {
    /// How many deposits have ever been held: each is read for [`Self::owed`].
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn held_count(&self) -> Result<u64, HostError> {
        Ok(Cursors::read(self.host)?.held)
    }

    /// What the rollup owes of some tickets, or of all, those in held deposits included.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn owed(&self, wanted: Option<&[Ticket]>) -> Result<AllOwed, HostError> {
        const HELD: HostError = HostError::Corrupt("/held");
        let mut all = AllOwed::default();
        let mut ledger = Ledger::open(self.state)?;
        match wanted {
            None => {
                for index in (0..ledger.tickets()).map(TicketIndex) {
                    let on_rollup = ledger.supply(index)?.on_rollup.get().into();
                    all.of.entry(ledger.ticket(index)?).or_default().on_rollup = on_rollup;
                }
            }
            Some(wanted) => {
                for ticket in wanted {
                    let owed = all.of.entry(ticket.clone()).or_default();
                    if let Some(index) = ledger.find_ticket(&ticket.hash())? {
                        owed.on_rollup = ledger.supply(index)?.on_rollup.get().into();
                    }
                }
            }
        }
        let cursors = Cursors::read(self.host)?;
        for number in 0..cursors.held {
            if !held::is_paid(&self.state, number)? {
                let entry = held::message(&self.state, number)?.ok_or(HELD)?;
                all.add(wanted, &entry, |owed| &mut owed.held);
            }
        }
        for pending in Queue::open(self.state)?.all()? {
            if let Pending::Held { number, .. } = pending {
                let entry = held::message(&self.state, number)?.ok_or(HELD)?;
                all.add(wanted, &entry, |owed| &mut owed.refunds);
            }
        }
        let mut number = cursors.deposits;
        while let Some(entry) = Entry::read(self.host, InboxQueue::Deposits, number)? {
            all.add(wanted, &entry, |owed| &mut owed.collected);
            number = number.saturating_add(1);
        }
        Ok(all)
    }
}
