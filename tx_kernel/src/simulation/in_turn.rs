//! Transactions applied one after the other over one draft: what the state would be after all that somebody has
//! collected. Only what is applied leaves anything.

use accounts::{Ledger, Mark};
use encoding::{AccountIndex, Counter, Level, Tz4Address};
use host::{HostError, RawRollupCore, StepError};
use inbox::v2::{Name, Transaction};

use crate::apply;
use crate::draft::Draft;
use crate::results::{Outcome, ResultCode, as_u64};

/// A draft to which transactions are applied in turn. There is no way to write it.
///
/// Withdrawals are checked against the outbox queue as it is, without those that were applied before them here: the
/// queue empties with every level.
#[derive(Debug)]
pub struct InTurn<'h, H: RawRollupCore> {
    draft: Draft<'h, H>,
}

/// How to take a transaction back.
struct Undo {
    mark: Mark,
    counters: Vec<(AccountIndex, Counter)>,
}

impl<'h, H: RawRollupCore> InTurn<'h, H> {
    /// Over the committed state, as in this level.
    ///
    /// # Errors
    /// When the host fails.
    pub fn open(host: &'h H, level: Level) -> Result<Self, HostError> {
        Ok(InTurn { draft: Draft::open(host, level)? })
    }

    /// The ledger after what was applied.
    pub fn ledger(&mut self) -> &mut Ledger<'h, H> {
        &mut self.draft.ledger
    }

    /// Applies a transaction as if its signatures were good, after making accounts of these addresses, which it
    /// registers. Returns the result of each operation. Unless all are applied, nothing is changed, not even counters.
    ///
    /// # Errors
    /// When the host fails; then nothing is changed either.
    pub fn apply(
        &mut self,
        transaction: &Transaction,
        registers: &[Tz4Address],
    ) -> Result<Vec<Outcome>, HostError> {
        let (outcomes, undo) = self.tentatively(transaction, registers)?;
        if is_applied(&outcomes) {
            self.draft.ledger.forget_undo();
        } else {
            self.take_back(undo)?;
        }
        Ok(outcomes)
    }

    /// What transactions would do one after the other, each after those that are applied. Nothing is changed.
    ///
    /// # Errors
    /// When the host fails; then nothing is changed either.
    pub fn try_all(
        &mut self,
        transactions: &[Transaction],
    ) -> Result<Vec<Vec<Outcome>>, HostError> {
        let mut all = Vec::with_capacity(transactions.len());
        let mut done = Vec::new();
        let mut failure = None;
        for transaction in transactions {
            match self.tentatively(transaction, &[]) {
                Ok((outcomes, undo)) => {
                    if is_applied(&outcomes) {
                        done.push(undo);
                    } else {
                        self.take_back(undo)?;
                    }
                    all.push(outcomes);
                }
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        while let Some(undo) = done.pop() {
            self.take_back(undo)?;
        }
        failure.map_or(Ok(all), Err)
    }

    fn tentatively(
        &mut self,
        transaction: &Transaction,
        registers: &[Tz4Address],
    ) -> Result<(Vec<Outcome>, Undo), HostError> {
        let ledger = &mut self.draft.ledger;
        let mut undo = Undo { mark: ledger.mark(), counters: Vec::new() };
        match self.attempt(transaction, registers, &mut undo) {
            Ok(outcomes) => Ok((outcomes, undo)),
            Err(error) => {
                self.take_back(undo)?;
                Err(error)
            }
        }
    }

    fn attempt(
        &mut self,
        transaction: &Transaction,
        registers: &[Tz4Address],
        undo: &mut Undo,
    ) -> Result<Vec<Outcome>, HostError> {
        let ledger = &mut self.draft.ledger;
        for address in registers {
            // One for which no index is left has no account, and is refused below.
            if let Err(StepError::Host(error)) = ledger.find_or_allocate(address) {
                return Err(error);
            }
        }
        for (at, operation) in transaction.operations.iter().enumerate() {
            let signer = match operation.signer {
                Name::Index(index) => ledger.has_account(index).then_some(index),
                Name::Address(address) => ledger.find_index(&address)?,
                Name::Registration(_) => None,
            };
            let Some(signer) = signer else {
                return Ok(unknown_signer(transaction, at));
            };
            let counter = ledger.counter_of(signer)?;
            undo.counters.push((signer, counter));
        }
        let outcomes = apply::v2::apply_alone(&mut self.draft, transaction)?;
        self.draft.forget_enqueued(0);
        Ok(outcomes)
    }

    fn take_back(&mut self, undo: Undo) -> Result<(), HostError> {
        self.draft.forget_enqueued(0);
        let ledger = &mut self.draft.ledger;
        ledger.roll_back(undo.mark);
        for (signer, counter) in undo.counters.into_iter().rev() {
            if ledger.counter_of(signer)? != counter {
                ledger.set_counter(signer, counter)?;
            }
        }
        Ok(())
    }
}

fn is_applied(outcomes: &[Outcome]) -> bool {
    outcomes.iter().all(|outcome| outcome.code == ResultCode::Applied)
}

/// The results where the rollup does not know a signer: the kernel would refuse the batch for it.
fn unknown_signer(transaction: &Transaction, unknown: usize) -> Vec<Outcome> {
    let outcome = |at| match at == unknown {
        true => Outcome::new(ResultCode::UnknownSigner, 0, as_u64(at)),
        false => Outcome::new(ResultCode::StaleSibling, as_u64(unknown), 0),
    };
    (0..transaction.operations.len()).map(outcome).collect()
}
