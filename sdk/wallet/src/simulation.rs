//! What transactions would do, by the kernel's own code over the state that a node tells.

use std::collections::BTreeSet;

use encoding::{Amount, MessageId, TicketIndex, Tz4Address};
use host::{HostError, StepError};
use inbox::v2::{Action, Batch, Name, TicketName};
use tx_kernel::results::Outcome;
use tx_kernel::results::batch::BatchResult;
use tx_kernel::simulation as kernel;

use crate::error::StateError;
use crate::follow::is_own_fault;
use crate::state::RollupState;

/// What would come of a batch if all signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Simulation {
    /// The kernel would refuse it whole.
    Refused(Outcome),
    /// It would be applied.
    Applied(SimulatedBatch),
}

/// What would come of a batch that is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedBatch {
    /// Of each operation.
    pub result: BatchResult,
    /// How many operations each transaction has.
    pub operations: Vec<usize>,
    /// The balances that would be others.
    pub changes: Vec<Change>,
}

/// A balance that would be another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whose.
    pub account: Tz4Address,
    /// Of what.
    pub ticket: TicketIndex,
    /// As it is.
    pub before: Amount,
    /// As it would be.
    pub after: Amount,
}

impl SimulatedBatch {
    /// The first operation that would not be applied for its own fault: its transaction, its index, and
    /// why.
    #[must_use]
    pub fn failure(&self) -> Option<(usize, usize, Outcome)> {
        self.failures().into_iter().next()
    }

    /// Of each transaction that would not be applied, the first operation at fault: the transaction, the
    /// operation's index, and why.
    #[must_use]
    pub fn failures(&self) -> Vec<(usize, usize, Outcome)> {
        let number = |at| u32::try_from(at).unwrap_or(u32::MAX);
        let of = |(transaction, count): (usize, &usize)| {
            let mut reasons = (0..*count).map(|operation| {
                (
                    transaction,
                    operation,
                    self.result.outcome(number(transaction), number(operation)),
                )
            });
            reasons.find(|(_, _, reason)| is_own_fault(reason))
        };
        self.operations.iter().enumerate().filter_map(of).collect()
    }
}

/// Applies a batch in the level after the state's, and looks at what it would change.
///
/// # Errors
/// When the state is not known.
pub fn simulate(state: &RollupState<'_>, batch: &Batch) -> Result<Simulation, StateError> {
    let touched = touched(state, batch)?;
    let before = state.ledger(|ledger| {
        let amounts = touched.into_iter().map(|(account, ticket)| {
            let amount = match ledger.find_index(&account)? {
                Some(index) => ledger.balance(index, ticket)?,
                None => Amount::ZERO,
            };
            Ok(((account, ticket), amount))
        });
        amounts.collect::<Result<Vec<_>, HostError>>()
    })?;
    // The first message that anybody sends to a level comes after its start and its info.
    let message = MessageId { level: state.next_level(), index: 2 };
    state.read(|host| {
        let mut simulated = match kernel::simulate(host, batch.clone(), state.rollup(), message) {
            Ok(simulated) => simulated,
            Err(StepError::Refused(outcome)) => return Ok(Simulation::Refused(outcome)),
            Err(StepError::Host(error)) => return Err(error),
        };
        let mut changes = Vec::new();
        for ((account, ticket), before) in before {
            let after = simulated.balance(&account, ticket)?;
            if after != before {
                changes.push(Change { account, ticket, before, after });
            }
        }
        let transactions = (0..batch.transactions()).filter_map(|number| batch.transaction(number));
        let operations = transactions.map(|transaction| transaction.operations.len()).collect();
        Ok(Simulation::Applied(SimulatedBatch { result: simulated.result, operations, changes }))
    })
}

/// Every balance that a batch names, of tickets that the rollup knows: those of signers before those of
/// whom they pay.
fn touched(
    state: &RollupState<'_>,
    batch: &Batch,
) -> Result<Vec<(Tz4Address, TicketIndex)>, StateError> {
    let mut seen = BTreeSet::new();
    let mut touched = Vec::new();
    let address = |name: Name| match name {
        Name::Index(index) => state.address(index),
        name => Ok(batch.address_of(name)),
    };
    let index = |ticket: &TicketName| match ticket {
        TicketName::Index(index) => Ok(Some(*index)),
        TicketName::Full(ticket) => state.ledger(|ledger| ledger.find_ticket(&ticket.hash())),
    };
    for transaction in (0..batch.transactions()).filter_map(|number| batch.transaction(number)) {
        for operation in &transaction.operations {
            for one in &operation.actions {
                let (ticket, receivers) = match one {
                    Action::Transfers { ticket, to } => (ticket, to.as_slice()),
                    Action::Withdraw { ticket, .. } => (ticket, &[][..]),
                };
                let Some(ticket) = index(ticket)? else { continue };
                let receivers = receivers.iter().map(|(name, _)| *name);
                for name in [operation.signer].into_iter().chain(receivers) {
                    if let Some(address) = address(name)?
                        && seen.insert((address, ticket))
                    {
                        touched.push((address, ticket));
                    }
                }
            }
        }
    }
    Ok(touched)
}
