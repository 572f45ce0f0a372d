//! What a receipt proves.

use std::borrow::Cow;

use encoding::{AccountIndex, Hash32, Level, Malformed};
use inbox::v2::{Action, Batch, Name, TicketName, Transaction};
use outbox::ResultsRoot;
use pvm::proof;
use tx_kernel::receipts::mountains::leaf;
use tx_kernel::results::batch::{BatchResult, TransactionResult, batch_name, transaction_name};
use tx_kernel::results::{Outcome, ResultCode};

use crate::file::{Receipt, Record};

/// Why a receipt proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It leads to another commitment than the one that is trusted.
    #[error("the receipt leads to the commitment {}, not to {}",
        layer1::hashes::COMMITMENT.text(found), layer1::hashes::COMMITMENT.text(expected))]
    OtherCommitment {
        /// The one that is trusted.
        expected: [u8; 32],
        /// The one it leads to.
        found: [u8; 32],
    },
    /// The output proof does not show a message in the commitment's state.
    #[error("the output proof does not hold: {0}")]
    Output(#[from] proof::VerifyError),
    /// The message is not a root of results.
    #[error("the outbox message is not a root of results: {0}")]
    NotARoot(Malformed),
    /// The root does not say the level in whose outbox it is.
    #[error("the root says that it is of level {said}, and is in the outbox of level {found}")]
    OtherLevel {
        /// What it says.
        said: Level,
        /// Where it is.
        found: Level,
    },
    /// The record does not lead to the root.
    #[error("the result is not one of the {leaves} results under the root")]
    OtherRoot {
        /// How many there are.
        leaves: u64,
    },
    /// The payment is no batch.
    #[error("the batch is malformed: {0}")]
    Batch(Malformed),
    /// The record is not one that the kernel writes.
    #[error("the record of the result is malformed")]
    Record,
    /// The batch has no such transaction.
    #[error("the batch has {transactions} transactions, and none of number {number}")]
    NoTransaction {
        /// The number asked for.
        number: u32,
        /// How many there are.
        transactions: usize,
    },
    /// The record is of a batch or transaction of another form than the payment.
    #[error("the result is about {found}, and the payment has {expected}")]
    OtherSize {
        /// How many the payment has.
        expected: usize,
        /// How many the record is about.
        found: usize,
    },
}

/// What a receipt proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The digest that the signers signed.
    pub digest: Hash32,
    /// The level whose message carried the payment.
    pub level: Level,
    /// The root that the result is under.
    pub root: ResultsRoot,
    /// The batch.
    pub batch: Batch,
    /// The transaction.
    pub transaction: Transaction,
    /// What became of each of its operations, in order.
    pub outcomes: Vec<Outcome>,
}

impl Proven {
    /// Whether all of the transaction was applied.
    #[must_use]
    pub fn is_applied(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.code == ResultCode::Applied)
    }

    /// The accounts that the transaction names by an index alone. Whose they are is not proven.
    #[must_use]
    pub fn by_index(&self) -> Vec<AccountIndex> {
        let mut all = Vec::new();
        for name in self.transaction.names() {
            if let Name::Index(index) = name
                && !all.contains(&index)
            {
                all.push(index);
            }
        }
        all
    }

    /// Whether the transaction names a ticket by an index alone. Which one that is is not proven.
    #[must_use]
    pub fn has_ticket_index(&self) -> bool {
        let mut actions = self.transaction.operations.iter().flat_map(|one| &one.actions);
        actions.any(|action| {
            let (Action::Transfers { ticket, .. } | Action::Withdraw { ticket, .. }) = action;
            matches!(ticket, TicketName::Index(_))
        })
    }
}

impl Receipt {
    /// Checks everything that leads from a commitment to the payment. The commitment is given by its hash,
    /// which has to come from layer 1: nothing in the receipt says that it is that of the rollup, or that it
    /// was cemented.
    ///
    /// # Errors
    /// When a step does not hold.
    pub fn verify(&self, commitment: &[u8; 32]) -> Result<Proven, VerifyError> {
        let found = self.commitment.hash();
        if found != *commitment {
            return Err(VerifyError::OtherCommitment { expected: *commitment, found });
        }
        let output = proof::verify(&self.output, &self.commitment.state)?;
        let root = ResultsRoot::decode(&output.message).map_err(VerifyError::NotARoot)?;
        let level = Level(output.level);
        if root.last != level {
            return Err(VerifyError::OtherLevel { said: root.last, found: level });
        }
        let (batch, transaction) = self.payment()?;
        let number = self.payment.transaction;
        let (digest, name, record) = match &self.record {
            Record::Batch(record) => {
                let digest = batch.signing_payload(&self.rollup).digest;
                (digest, batch_name(&digest), record)
            }
            Record::Transaction(record) => {
                let digest = self.digest_of_transaction(&batch)?;
                (digest, transaction_name(&digest), record)
            }
        };
        let reached = self.path.root(leaf(&name, record));
        if reached != Some(root.root) || self.path.leaves != root.leaves {
            return Err(VerifyError::OtherRoot { leaves: root.leaves });
        }
        let (level, outcomes) = match &self.record {
            Record::Batch(record) => of_batch(record, &batch, number, &transaction)?,
            Record::Transaction(record) => of_transaction(record, &transaction)?,
        };
        Ok(Proven { digest, level, root, batch, transaction, outcomes })
    }

    /// The batch, and the transaction in it.
    fn payment(&self) -> Result<(Batch, Transaction), VerifyError> {
        let batch = Batch::decode(&self.payment.batch).map_err(VerifyError::Batch)?;
        match batch.transaction(self.number()).map(Cow::into_owned) {
            Some(transaction) => Ok((batch, transaction)),
            None => Err(self.no_transaction(&batch)),
        }
    }

    /// The digest that the signers of the transaction signed for themselves.
    fn digest_of_transaction(&self, batch: &Batch) -> Result<Hash32, VerifyError> {
        let payload = batch.signing_payload_of_transaction(self.number(), &self.rollup);
        payload.map(|payload| payload.digest).ok_or_else(|| self.no_transaction(batch))
    }

    fn no_transaction(&self, batch: &Batch) -> VerifyError {
        let (number, transactions) = (self.payment.transaction, batch.transactions());
        VerifyError::NoTransaction { number, transactions }
    }

    fn number(&self) -> usize {
        usize::try_from(self.payment.transaction).unwrap_or(usize::MAX)
    }
}

fn of_batch(
    record: &[u8],
    batch: &Batch,
    number: u32,
    transaction: &Transaction,
) -> Result<(Level, Vec<Outcome>), VerifyError> {
    let result = BatchResult::from_bytes(record).ok_or(VerifyError::Record)?;
    let found = usize::try_from(result.transactions).unwrap_or(usize::MAX);
    let expected = batch.transactions();
    if found != expected {
        return Err(VerifyError::OtherSize { expected, found });
    }
    // What is not told is applied.
    let places = (0..).zip(&transaction.operations);
    let outcomes = places.map(|(place, _)| result.outcome(number, place)).collect();
    Ok((result.message.level, outcomes))
}

fn of_transaction(
    record: &[u8],
    transaction: &Transaction,
) -> Result<(Level, Vec<Outcome>), VerifyError> {
    let result = TransactionResult::from_bytes(record).ok_or(VerifyError::Record)?;
    let (expected, found) = (transaction.operations.len(), result.lines.len());
    if found != expected {
        return Err(VerifyError::OtherSize { expected, found });
    }
    Ok((result.message.level, result.lines.iter().map(|line| line.outcome).collect()))
}
