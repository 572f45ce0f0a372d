//! Whether what layer 1 has locked is what the rollup owes: looked at after every level, at the cost of the
//! tickets that there are and of what the level changed.
//!
//! For each ticket: locked >= supply >= what the rollup has of it by layer 1 = what waits for its next inbox +
//! what it owes by its own state + what is in outboxes and not executed.

use std::collections::{BTreeMap, BTreeSet};

use mockup::{RollupCall, State, Ticket, contract_address, terms};
use num_bigint::BigUint;
use pvm::Durable;

/// What a rollup owes by its own state, of one ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// In accounts, and in withdrawals that wait for the outbox.
    pub on_rollup: BigUint,
    /// In deposits that could not be credited.
    pub held: BigUint,
    /// Of those, what goes back and waits for the outbox.
    pub refunds: BigUint,
    /// In messages that were collected, and not worked off.
    pub collected: BigUint,
}

/// What knows what a rollup owes. The kernel alone does.
pub trait Owing {
    /// Looks at a state: what it shares with the one that was looked at before need not be looked at again.
    ///
    /// # Errors
    /// When it cannot be read, in words.
    fn look(&mut self, durable: &Durable) -> Result<(), String>;

    /// What is owed of each ticket, by the state that was looked at last.
    fn owed(&self) -> BTreeMap<Ticket, Owed>;
}

/// The terms of a ticket, and whether they close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketTerms {
    /// The ticket.
    pub ticket: Ticket,
    /// What its ticketer has locked; `None` if nothing is known to stand behind it.
    pub locked: Option<BigUint>,
    /// How many there are.
    pub supply: BigUint,
    /// How many the rollup has by layer 1.
    pub of_rollup: BigUint,
    /// How many of those wait for the next inbox.
    pub waiting: BigUint,
    /// What the rollup owes.
    pub owed: Owed,
    /// What is in outboxes, and not executed.
    pub in_outboxes: BigUint,
    /// What is in outboxes of levels that are no longer kept: taken to be what was missing at the start.
    pub forgotten: BigUint,
}

impl TicketTerms {
    /// What is known to be somewhere of what the rollup has by layer 1.
    #[must_use]
    pub fn found(&self) -> BigUint {
        let Owed { on_rollup, held, refunds, collected } = &self.owed;
        let waits = &self.waiting + collected + on_rollup + held + refunds;
        waits + &self.in_outboxes + &self.forgotten
    }

    /// Whether they close.
    #[must_use]
    pub fn close(&self) -> bool {
        let is_locked = self.locked.as_ref().is_none_or(|locked| *locked >= self.supply);
        is_locked && self.supply >= self.of_rollup && self.of_rollup == self.found()
    }
}

/// What is looked at after every level.
pub(crate) struct Solvency {
    owing: Box<dyn Owing>,
    in_outboxes: BTreeMap<Ticket, BigUint>,
    forgotten: BTreeMap<Ticket, BigUint>,
    /// The tickets whose terms did not close after some level, each with the first such level; under no ticket, a
    /// state that could not be read.
    open: BTreeMap<Option<Ticket>, i32>,
    /// Those among them whose terms did not close when they were looked at last.
    still_open: BTreeSet<Option<Ticket>>,
    /// What is to be said of them, until it was.
    alarms: Vec<String>,
}

impl Solvency {
    pub(crate) fn new(owing: Box<dyn Owing>) -> Self {
        let (in_outboxes, forgotten) = (BTreeMap::new(), BTreeMap::new());
        Self {
            owing,
            in_outboxes,
            forgotten,
            open: BTreeMap::new(),
            still_open: BTreeSet::new(),
            alarms: Vec::new(),
        }
    }

    /// Forgets what was in outboxes, as the rollup goes back.
    pub(crate) fn restart(&mut self, head: i32) {
        self.in_outboxes.clear();
        self.open.retain(|_, since| *since <= head);
        self.still_open.clear();
    }

    /// A message is in an outbox.
    pub(crate) fn left(&mut self, message: &[u8]) {
        for (ticket, amount) in mockup::tickets_of_message(message) {
            *self.in_outboxes.entry(ticket).or_default() += amount;
        }
    }

    /// A message was executed.
    pub(crate) fn executed(&mut self, message: &[u8]) {
        for (ticket, amount) in mockup::tickets_of_message(message) {
            if let Some(all) = self.in_outboxes.get_mut(&ticket) {
                // It has been counted when it left.
                *all = if *all >= amount { &*all - amount } else { BigUint::ZERO };
            }
        }
    }

    /// Looks at a state without a judgement. What cannot be read is said by [`Self::look`].
    pub(crate) fn read(&mut self, durable: &Durable) {
        let _ = self.owing.look(durable);
    }

    /// What is in outboxes of levels that are not kept cannot be known: it is what is missing now.
    pub(crate) fn forget(&mut self, state: &State, sent: &[RollupCall]) {
        self.forgotten.clear();
        for one in self.terms(state, sent) {
            let found = one.found();
            if one.of_rollup > found {
                self.forgotten.insert(one.ticket, one.of_rollup - found);
            }
        }
    }

    /// Looks at the state after a level, or at the start.
    pub(crate) fn look(
        &mut self,
        level: i32,
        durable: &Durable,
        state: &State,
        sent: &[RollupCall],
    ) {
        let problems: Vec<(Option<Ticket>, String)> = match self.owing.look(durable) {
            Err(problem) => {
                vec![(None, format!("what the rollup owes cannot be read: {problem}"))]
            }
            Ok(()) => {
                let terms = self.terms(state, sent);
                let open = terms.iter().filter(|one| !one.close());
                open.map(|one| (Some(one.ticket.clone()), words(one))).collect()
            }
        };
        let mut open = BTreeSet::new();
        for (ticket, problem) in problems {
            // Each is said once, until it closes. One that is open for long must not hide another.
            if !self.still_open.contains(&ticket) {
                self.alarms.push(format!("SOLVENCY: after level {level} {problem}"));
            }
            self.open.entry(ticket.clone()).or_insert(level);
            open.insert(ticket);
        }
        self.still_open = open;
    }

    /// The terms of every ticket that anybody knows of.
    pub(crate) fn terms(&self, state: &State, sent: &[RollupCall]) -> Vec<TicketTerms> {
        let mut owed = self.owing.owed();
        let mut all = Vec::new();
        for one in terms(state, sent) {
            let owed = owed.remove(&one.ticket).unwrap_or_default();
            all.push((one, owed));
        }
        // A ticket that layer 1 has never had.
        for (ticket, owed) in owed {
            let zero = || BigUint::ZERO;
            let locked = state.locked(&ticket);
            let one = mockup::Layer1Terms {
                ticket,
                locked,
                supply: zero(),
                of_rollup: zero(),
                sent: zero(),
            };
            all.push((one, owed));
        }
        let all = all.into_iter().map(|(one, owed)| TicketTerms {
            in_outboxes: self.in_outboxes.get(&one.ticket).cloned().unwrap_or_default(),
            forgotten: self.forgotten.get(&one.ticket).cloned().unwrap_or_default(),
            ticket: one.ticket,
            locked: one.locked,
            supply: one.supply,
            of_rollup: one.of_rollup,
            waiting: one.sent,
            owed,
        });
        all.collect()
    }

    /// The first level after which the terms of a ticket did not close.
    pub(crate) fn since(&self) -> Option<i32> {
        self.open.values().min().copied()
    }

    /// What is to be said, once.
    pub(crate) fn take_alarm(&mut self) -> Option<String> {
        let all = std::mem::take(&mut self.alarms);
        (!all.is_empty()).then(|| all.join("\n"))
    }
}

fn words(one: &TicketTerms) -> String {
    let locked =
        one.locked.as_ref().map_or_else(|| "nothing known".to_owned(), ToString::to_string);
    format!(
        "the ticket {} of {} does not add up: locked {locked}, supply {}, of the rollup {}, found {}; \
         GET /dev/solvency has the terms",
        one.ticket.shown(),
        contract_address(one.ticket.ticketer()),
        one.supply,
        one.of_rollup,
        one.found(),
    )
}
