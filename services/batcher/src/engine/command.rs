//! What the engine is asked, and where its answers go.

use std::net::IpAddr;
use std::sync::Arc;

use batcher_api::{
    AccountAnswer, ApiError, BatchAnswer, CoSignatureAnswer, CoSigned, OpenBatchesAnswer, Quote,
    Record, SimulationAnswer, SubmissionAnswer,
};
use bls::Signature;
use encoding::{Hash32, Tz4Address};
use inbox::v2::Transaction;
use tokio::sync::{mpsc, oneshot};

use crate::admission::Checked;
use crate::chain::Report;
use crate::error::Refused;
use crate::events::{Event, Subscription};
use crate::mempool::Verdicts;
use crate::pool::AccountState;
use crate::rounds::proof::Proven;
use crate::rounds::seal::Sealing;

/// Where an answer goes. Whoever asked may have gone.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, Refused>>;

/// A signature of a batch that was read, or why it was not: whose, in their words, and what.
pub(crate) type ReadSignature = (String, Result<(Tz4Address, Signature), ApiError>);

/// What the engine is asked.
pub(crate) enum Command {
    /// To take in transactions that were checked.
    Admit(Vec<Checked>, Reply<SubmissionAnswer>),
    /// To take in signatures of a batch.
    Sign(Hash32, Vec<ReadSignature>, IpAddr, Reply<CoSignatureAnswer>),
    /// A transaction's record.
    Record(Hash32, Reply<Record>),
    /// The batches that have no final result yet.
    Batches(Reply<OpenBatchesAnswer>),
    /// A batch.
    Batch(Hash32, Reply<BatchAnswer>),
    /// An account's pending transactions and what it will be after them, beside what it is.
    Account(Tz4Address, Box<AccountViews>, Reply<AccountAnswer>),
    /// What transactions would do.
    Simulate(Vec<Result<(Hash32, Transaction), ApiError>>, Reply<SimulationAnswer>),
    /// What is asked for now.
    Quote(Reply<Quote>),
    /// Another subscriber.
    Subscribe(Subscription, IpAddr, Reply<mpsc::Receiver<Arc<Event>>>),
    /// Signatures of a batch were verified.
    Proven(Proven),
    /// A batch was sealed.
    Sealed(Box<Sealing>),
    /// The node thread tells something.
    Report(Report),
    /// To end.
    Stop,
}

/// An account in the last final level and at the head.
pub(crate) struct AccountViews {
    pub(crate) finalized: (i32, AccountState),
    pub(crate) head: (i32, AccountState),
}

/// A request whose answer waits until some of its signatures were verified.
pub(super) struct CoSigning {
    /// Of each signature, in the order of the request.
    pub(super) results: Vec<CoSigned>,
    /// For which places of the results that is so, and whose signatures these are.
    pub(super) open: Vec<(usize, Tz4Address, Signature)>,
    /// Where the answer goes.
    pub(super) reply: Reply<CoSignatureAnswer>,
}

impl CoSigning {
    pub(super) fn fill(&mut self, told: &Verdicts) {
        for (place, account, signature) in &self.open {
            if let Some(result) = self.results.get_mut(*place) {
                result.error = told.of(account, signature).err();
            }
        }
    }

    /// Answers.
    pub(super) fn answer(self) {
        // Whoever asked may have gone.
        let _ = self.reply.send(Ok(CoSignatureAnswer { results: self.results }));
    }
}
