//! The state at a block with transactions applied on top of it that no level has yet: for whoever collects
//! transactions, and has to know what the next one would find.
//!
//! It is the kernel's own code, with its commit, over a host that keeps what is written in memory. What an attempt
//! costs depends on what it touches, and not on how many came before it.

use std::cell::RefCell;
use std::collections::HashMap;

use encoding::{Amount, MessageId, TicketIndex, Tz4Address};
use host::code::{BAD_OFFSET, NO_TREE, NO_VALUE, READONLY};
use host::{Call, CallHandler, HostError, StepError, Subtree};
use inbox::v2::Batch;
use tx_kernel::layout::{STATE, WORK};
use tx_kernel::results::{Outcome, ResultCode};
use tx_kernel::simulation::{self as kernel, Scratch};

use super::host_calls::{UNANSWERED, copy, length};
use super::{Account, RollupState, account_in};
use crate::error::StateError;

/// Values by their paths below the state's root; `None` for one that was deleted.
type Layer = HashMap<String, Option<Vec<u8>>>;

/// The state at a block, and what was applied on top of it.
#[derive(Debug)]
pub struct PendingState<'s, 'n> {
    base: &'s RollupState<'n>,
    kept: RefCell<Layer>,
    /// What an attempt has written: there between the kernel's copy of the state and its move back.
    attempt: RefCell<Option<Layer>>,
}

/// Whether what a batch did stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// It is only looked at.
    Never,
    /// If every operation was applied.
    IfApplied,
    /// Unless the batch is refused whole: failed operations use up their counters.
    Always,
}

/// What a batch did, or would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The kernel refuses it whole.
    Refused(Outcome),
    /// Of each transaction, in order, the result of each operation.
    Done(Vec<Vec<Outcome>>),
}

impl Attempt {
    /// Whether every operation was applied.
    #[must_use]
    pub fn is_applied(&self) -> bool {
        let applied = |outcome: &Outcome| outcome.code == ResultCode::Applied;
        match self {
            Attempt::Refused(_) => false,
            Attempt::Done(all) => all.iter().flatten().all(applied),
        }
    }
}

impl<'s, 'n> PendingState<'s, 'n> {
    /// Nothing is applied yet.
    #[must_use]
    pub fn new(base: &'s RollupState<'n>) -> Self {
        PendingState { base, kept: RefCell::default(), attempt: RefCell::default() }
    }

    /// The state that it began with.
    #[must_use]
    pub fn base(&self) -> &'s RollupState<'n> {
        self.base
    }

    /// Applies a batch in the level after the block's, as if its signatures were good. It has to have a place for
    /// its signature. If the state is not known, nothing is kept.
    ///
    /// # Errors
    /// When the node does not tell something, or what it tells is not of the kernel's layout.
    pub fn apply(&self, batch: &Batch, keep: Keep) -> Result<Attempt, StateError> {
        let message = MessageId { level: self.base.next_level(), index: 2 };
        let operations = (0..batch.transactions()).map(|number| {
            batch.transaction(number).map_or(0, |transaction| transaction.operations.len())
        });
        let operations: Vec<usize> = operations.collect();
        let result = self.base.read(|_| {
            let simulated = kernel::simulate(self, batch.clone(), self.base.rollup(), message);
            let simulated = match simulated {
                Ok(simulated) => simulated,
                Err(StepError::Refused(outcome)) => return Ok(Attempt::Refused(outcome)),
                Err(StepError::Host(error)) => return Err(error),
            };
            let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let of = |(transaction, count): (usize, &usize)| {
                let outcome =
                    |operation| simulated.result.outcome(number(transaction), number(operation));
                (0..*count).map(outcome).collect()
            };
            let attempt = Attempt::Done(operations.iter().enumerate().map(of).collect());
            if keep == Keep::Always || (keep == Keep::IfApplied && attempt.is_applied()) {
                simulated.keep()?;
            }
            Ok(attempt)
        });
        // There only if the commit has failed.
        self.attempt.replace(None);
        result
    }

    /// An account, as it would be.
    ///
    /// # Errors
    /// As for [`Self::apply`].
    pub fn account(&self, address: &Tz4Address) -> Result<Account, StateError> {
        self.base.read(|_| account_in(&mut self.ledger()?, address))
    }

    /// What an account would hold of a ticket.
    ///
    /// # Errors
    /// As for [`Self::apply`].
    pub fn balance(&self, address: &Tz4Address, ticket: TicketIndex) -> Result<Amount, StateError> {
        self.base.read(|_| {
            let mut ledger = self.ledger()?;
            match ledger.find_index(address)? {
                Some(index) => ledger.balance(index, ticket),
                None => Ok(Amount::ZERO),
            }
        })
    }

    fn ledger(&self) -> Result<accounts::Ledger<'_, Self>, HostError> {
        accounts::Ledger::open(Subtree::new(self, STATE))
    }

    /// A value: as the attempt has left it, if it is one of the working copy.
    fn value<T>(&self, place: &Place<'_>, use_it: impl FnOnce(Option<&[u8]>) -> T) -> Option<T> {
        let (attempt, kept) = (self.attempt.borrow(), self.kept.borrow());
        let (path, layers) = match place {
            Place::Working(path) => (path, [attempt.as_ref(), Some(&*kept)]),
            Place::Committed(path) => (path, [None, Some(&*kept)]),
            Place::Elsewhere(whole) => return self.base.value(whole.as_bytes(), use_it),
        };
        match layers.into_iter().flatten().find_map(|layer| layer.get(*path)) {
            Some(value) => Some(use_it(value.as_deref())),
            None => self.base.value([STATE, path].concat().as_bytes(), use_it),
        }
    }

    fn write(&self, path: &str, offset: usize, bytes: &[u8]) -> i32 {
        let old = self.value(&Place::Working(path), |value| value.map(<[u8]>::to_vec));
        let Some(old) = old else { return UNANSWERED };
        let mut value = old.unwrap_or_default();
        let Some(end) = offset.checked_add(bytes.len()).filter(|_| offset <= value.len()) else {
            return BAD_OFFSET;
        };
        value.resize(value.len().max(end), 0);
        if let Some(place) = value.get_mut(offset..end) {
            place.copy_from_slice(bytes);
        }
        self.set(path, Some(value))
    }

    fn set(&self, path: &str, value: Option<Vec<u8>>) -> i32 {
        match self.attempt.borrow_mut().as_mut() {
            Some(attempt) => {
                attempt.insert(path.to_owned(), value);
                0
            }
            // There is no working copy.
            None => NO_TREE,
        }
    }
}

/// Where a path is.
enum Place<'p> {
    /// In the working copy, at a path below its root.
    Working(&'p str),
    /// In the committed state, at a path below its root.
    Committed(&'p str),
    /// Somewhere that no batch changes.
    Elsewhere(&'p str),
}

impl<'p> Place<'p> {
    fn of(path: &'p [u8]) -> Option<Self> {
        let path = std::str::from_utf8(path).ok()?;
        let below = |root| path.strip_prefix(root).filter(|rest: &&str| rest.starts_with('/'));
        Some(match (below(WORK), below(STATE)) {
            (Some(rest), _) => Place::Working(rest),
            (None, Some(rest)) => Place::Committed(rest),
            (None, None) => Place::Elsewhere(path),
        })
    }
}

impl CallHandler for PendingState<'_, '_> {
    fn handle(&self, call: Call<'_>) -> i32 {
        match call {
            Call::StoreValueSize { path } => {
                let size =
                    |value: Option<&[u8]>| value.map_or(NO_VALUE, |value| length(value.len()));
                Place::of(path).and_then(|place| self.value(&place, size)).unwrap_or(UNANSWERED)
            }
            Call::StoreRead { path, offset, into } => {
                let copied = |value: Option<&[u8]>| copy(value, offset, into);
                Place::of(path).and_then(|place| self.value(&place, copied)).unwrap_or(UNANSWERED)
            }
            Call::StoreWrite { path, offset, bytes } => match Place::of(path) {
                Some(Place::Working(path)) => self.write(path, offset, bytes),
                _ => READONLY,
            },
            Call::StoreDelete { path } => match Place::of(path) {
                Some(Place::Working(path)) => self.set(path, None),
                _ => READONLY,
            },
            // The kernel's commit: a copy of the state, and the move that makes it real.
            Call::StoreCopy { from, to } if is(from, STATE) && is(to, WORK) => {
                self.attempt.replace(Some(Layer::new()));
                0
            }
            Call::StoreMove { from, to } if is(from, WORK) && is(to, STATE) => {
                match self.attempt.take() {
                    Some(attempt) => {
                        self.kept.borrow_mut().extend(attempt);
                        0
                    }
                    None => NO_TREE,
                }
            }
            Call::StoreHas { .. }
            | Call::ReadInput { .. }
            | Call::WriteDebug { .. }
            | Call::RevealPreimage { .. }
            | Call::RevealMetadata { .. } => self.base.handle(call),
            Call::WriteOutput { .. } | Call::StoreCopy { .. } | Call::StoreMove { .. } => READONLY,
        }
    }
}

fn is(path: &[u8], root: &str) -> bool {
    path == root.as_bytes()
}

impl Scratch for PendingState<'_, '_> {}
