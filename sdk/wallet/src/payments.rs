//! Payments that were signed, as they are kept on the disk from before the first is sent: so that a crash
//! at any moment neither loses one nor has one paid twice.
//!
//! A record is what somebody sent in one go. It is written whole, with every signature, before anything is
//! given to a node; whoever goes on with it later sends what is in it, and signs a row anew only once
//! nothing that was signed for it can be applied any more.

mod json;
mod store;

use std::collections::BTreeSet;

use encoding::{Amount, Hash32, Level, RollupAddress, Ticket, Tz4Address, blake2b_256};

use crate::error::StateError;
use crate::state::RollupState;
use crate::transaction::Signable;
use crate::transaction_status::{TransactionStatus, is_early, transaction_status};

pub use store::{PaymentStore, PaymentsError, StoreLock, StoredPayments};

/// Payments of one account that were sent in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payments {
    /// The rollup.
    pub rollup: RollupAddress,
    /// Who pays.
    pub payer: Tz4Address,
    /// The file that they are from; none of a single one.
    pub file: Option<Source>,
    /// Every payment, in the order of the file.
    pub rows: Vec<Row>,
    /// Every transaction that was signed for them, in the order of their counters. What was signed for a
    /// row last is what counts for it.
    pub transactions: Vec<Sent>,
    /// The external messages that were sent last, with their tags.
    pub messages: Vec<Vec<u8>>,
    /// The digests of the plans that were run, in their order; none if there was no plan.
    pub plans: Vec<Hash32>,
}

/// A file of payments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What it was called.
    pub name: String,
    /// Blake2b-256 of its bytes.
    pub digest: Hash32,
}

/// What makes a payment the same.
pub type RowKey<'r> = (Tz4Address, &'r Ticket, Amount, Option<&'r [u8]>);

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line of the file in which it begins, from 1; 0 of a single one.
    pub line: u64,
    /// Who is paid.
    pub to: Tz4Address,
    /// Of what.
    pub ticket: Ticket,
    /// How much, in the smallest units.
    pub amount: Amount,
    /// Its remark, if it is bytes.
    pub memo: Option<Vec<u8>>,
}

impl Row {
    /// What makes it the same payment, wherever it stands: to whom, of what, how much, and the remark.
    #[must_use]
    pub fn key(&self) -> RowKey<'_> {
        (self.to, &self.ticket, self.amount, self.memo.as_deref())
    }
}

/// A transaction that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// It, with its signature.
    pub signable: Signable,
    /// Which rows it pays, by their indexes.
    pub rows: Vec<usize>,
    /// The head when it was signed.
    pub head: Level,
    /// The hash of that block.
    pub block: String,
    /// What became of it, once that is known for good.
    pub end: Option<TransactionStatus>,
    /// The batcher that it was given to, if its payer was there to sign batches: its result may be under the digest of
    /// a batch alone.
    pub batcher: Option<String>,
}

/// What finds a single payment among the records, as a file's digest finds a file's.
#[must_use]
pub fn digest_of(rows: &[Row]) -> Hash32 {
    let row = |row: &Row| {
        let amount = row.amount.get().to_be_bytes();
        [&row.to.0[..], &row.ticket.hash().0.0, &amount].concat()
    };
    blake2b_256(&[&rows.iter().flat_map(row).collect::<Vec<u8>>()])
}

impl Payments {
    /// By what it is found among the records: the digest of its file, otherwise that of its rows.
    #[must_use]
    pub fn digest(&self) -> Hash32 {
        self.file.as_ref().map_or_else(|| digest_of(&self.rows), |file| file.digest)
    }

    /// Whether all of it is over and nobody needs to be told of it, unless the same file is sent again:
    /// every row of a file is paid, or nothing more can come of a single payment.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let is_paid = |at: usize| {
            matches!(
                self.transactions.get(at),
                Some(Sent { end: Some(TransactionStatus::Applied(_)), .. })
            )
        };
        self.is_settled() && (self.file.is_none() || self.current().into_iter().all(is_paid))
    }

    /// Which transaction counts for each row: the last one that was signed for it.
    #[must_use]
    pub fn current(&self) -> Vec<usize> {
        let mut current = vec![0; self.rows.len()];
        for (at, sent) in self.transactions.iter().enumerate() {
            for row in &sent.rows {
                if let Some(current) = current.get_mut(*row) {
                    *current = at;
                }
            }
        }
        current
    }

    /// What became of each transaction, as a block has it. What is known for good is not asked for.
    ///
    /// # Errors
    /// When the state is not known.
    pub fn statuses(&self, state: &RollupState<'_>) -> Result<Vec<TransactionStatus>, StateError> {
        let mut all = Vec::with_capacity(self.transactions.len());
        let mut is_waited_for = false;
        for sent in &self.transactions {
            let known = match sent.end {
                Some(end) => end,
                // Of those behind one that no level has had, there is nothing to be known either.
                None if is_waited_for && is_early(state, &sent.signable, &self.payer)? => {
                    let last = sent.signable.transaction().expires;
                    match last.is_some_and(|last| last <= state.block().level) {
                        true => TransactionStatus::Expired,
                        false => TransactionStatus::Open(None),
                    }
                }
                None => transaction_status(state, &sent.signable, sent.head)?,
            };
            is_waited_for |= known == TransactionStatus::Open(None);
            all.push(known);
        }
        Ok(all)
    }

    /// Whether nothing more can come of any transaction, so that all of this is over.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.transactions.iter().all(|sent| sent.end.is_some())
    }

    /// Takes over what another copy of this record remembers of each transaction.
    pub fn learn(&mut self, other: &Payments) {
        for (mine, theirs) in self.transactions.iter_mut().zip(&other.transactions) {
            if mine.end.is_none() && mine.signable.hash() == theirs.signable.hash() {
                mine.end = theirs.end;
            }
        }
    }

    /// Remembers what became of each transaction, where `settled` says the same as `now`: the one is of a
    /// block that no reorganisation of layer 1 takes back, the other of the head. Says whether that is news.
    pub fn settle(&mut self, now: &[TransactionStatus], settled: &[TransactionStatus]) -> bool {
        let mut is_news = false;
        for (sent, (now, settled)) in self.transactions.iter_mut().zip(now.iter().zip(settled)) {
            let is_known = !now.is_open() && *now != TransactionStatus::Unknown;
            if sent.end.is_none() && now == settled && is_known {
                sent.end = Some(*now);
                is_news = true;
            }
        }
        is_news
    }
}

/// How far payments have come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentProgress {
    /// Of each transaction, at the head.
    pub now: Vec<TransactionStatus>,
    /// Of each transaction, in the last level that no reorganisation of layer 1 takes back.
    pub settled: Vec<TransactionStatus>,
}

/// What is to be done about payments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// Nothing: every row is paid.
    Nothing,
    /// These transactions can still be applied: they are sent again as they are.
    Send(Vec<usize>),
    /// Nothing can be applied any more as things stand, and layer 1 may still go back behind that.
    Wait,
    /// No transaction can be applied any more: these rows were not paid, and are to be signed anew.
    SignAnew(Vec<usize>),
    /// Of these rows nobody knows any more whether they were paid.
    Unknown(Vec<usize>),
}

impl PaymentProgress {
    /// Looks at the head and at what is final; without a state of ours there, nothing is.
    ///
    /// # Errors
    /// When the node does not tell.
    pub fn of(
        payments: &Payments,
        head: &RollupState<'_>,
        finalized: Option<&RollupState<'_>>,
    ) -> Result<Self, StateError> {
        let now = payments.statuses(head)?;
        let settled = match finalized {
            Some(state) => payments.statuses(state)?,
            None => payments
                .transactions
                .iter()
                .map(|sent| sent.end.unwrap_or(TransactionStatus::Open(None)))
                .collect(),
        };
        Ok(PaymentProgress { now, settled })
    }

    /// What became of each row, at the head.
    #[must_use]
    pub fn rows(&self, payments: &Payments) -> Vec<TransactionStatus> {
        let status = |at: usize| self.now.get(at).copied().unwrap_or(TransactionStatus::Open(None));
        payments.current().into_iter().map(status).collect()
    }

    /// What is to be done next. Nothing is signed anew while anything that was signed before can be
    /// applied, in whatever block layer 1 goes on from.
    #[must_use]
    pub fn next(&self, payments: &Payments) -> NextStep {
        let indexes = |wanted: &dyn Fn(&TransactionStatus) -> bool| -> Vec<usize> {
            let all = self.now.iter().enumerate();
            all.filter(|(_, status)| wanted(status)).map(|(at, _)| at).collect()
        };
        let open = indexes(&TransactionStatus::is_open);
        if !open.is_empty() {
            return NextStep::Send(open);
        }
        let unpaid: BTreeSet<usize> =
            self.rows_that(payments, TransactionStatus::is_dead).into_iter().collect();
        if !unpaid.is_empty() {
            let may_come_back = self.settled.iter().any(TransactionStatus::is_open);
            return match may_come_back {
                true => NextStep::Wait,
                false => NextStep::SignAnew(unpaid.into_iter().collect()),
            };
        }
        let unknown = self.rows_that(payments, TransactionStatus::is_unknown);
        match unknown.is_empty() {
            true => NextStep::Nothing,
            false => NextStep::Unknown(unknown),
        }
    }

    fn rows_that(
        &self,
        payments: &Payments,
        wanted: impl Fn(&TransactionStatus) -> bool,
    ) -> Vec<usize> {
        let rows = self.rows(payments);
        rows.iter().enumerate().filter(|(_, status)| wanted(status)).map(|(at, _)| at).collect()
    }
}

#[cfg(test)]
mod tests;
