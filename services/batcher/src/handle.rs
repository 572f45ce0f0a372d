//! What the HTTP side, and anybody else in the process, asks of a batcher.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc::{SyncSender, TrySendError};

use batcher_api::limits::{ACCOUNTS_PER_STREAM, SIGNATURES_PER_REQUEST, TRANSACTIONS_PER_REQUEST};
use batcher_api::{
    AccountAnswer, ApiError, BatchAnswer, CoSignatureAnswer, CoSignatures, Code, OpenBatchesAnswer,
    Quote, Record, SimulationAnswer, SimulationRequest, SubmissionAnswer, SubmissionError,
    SubmissionRequest, SubmissionResult, SubmittedTransaction,
};
use encoding::{Hash32, Tz4Address};
use inbox::v2::{Transaction, decode_transaction};
use layer1::plain::grouped;
use tokio::sync::{mpsc, oneshot};
use web::network_of;

use crate::account_look::AccountLook;
use crate::admission::{Checks, Job, Rates, Turn, Urgent, Verifiers};
use crate::engine::{Command, Reply};
use crate::error::Refused;
use crate::events::{Event, Subscription};
use crate::limits::{NODE_AWAY_AFTER, VERIFIED_AT_ONCE};
use crate::metrics::{Counters, Metrics};
use crate::simulation_look::SimulationLook;

/// How a batcher is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Whether it takes transactions.
    pub ok: bool,
    /// Whether the node answers.
    pub node: bool,
    /// Whether the node is being asked for the first time: it neither answers nor is it away.
    pub starting: bool,
    /// The rollup's address, once the node has told it.
    pub rollup: Option<String>,
    /// The head's level, once there is one.
    pub head: Option<i32>,
    /// Seconds since the node has answered last.
    pub answered: Option<u64>,
    /// Transactions that are pending.
    pub pending: u64,
    /// Why it takes no transactions, in a sentence.
    pub why: Option<String>,
}

/// Asks a batcher. It can be cloned, and used on any thread.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(crate) shared: Arc<Shared>,
}

/// What all handles share.
pub(crate) struct Shared {
    pub(crate) commands: SyncSender<Command>,
    pub(crate) verifiers: Arc<Verifiers>,
    pub(crate) checks: Arc<Checks>,
    pub(crate) submissions: Rates,
    pub(crate) signatures: Rates,
    pub(crate) counters: Arc<Counters>,
    /// Whether the engine has ended.
    pub(crate) ended: Arc<AtomicBool>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Handle {
    /// Submits transactions. Each is accepted or refused by itself; when this returns, those that are accepted are
    /// on the disk.
    ///
    /// # Errors
    /// When the whole request is refused: it is too large, the address asks too often, or there is no room.
    pub async fn submit(
        &self,
        request: SubmissionRequest,
        from: IpAddr,
    ) -> Result<SubmissionAnswer, Refused> {
        let items = request.transactions;
        at_most("transactions", items.len(), TRANSACTIONS_PER_REQUEST)?;
        self.rate(&self.shared.submissions, from, items.len(), "transactions")?;
        let mut answers = Vec::new();
        let mut jobs = Vec::new();
        let turns = Turn::each(items.len().div_ceil(VERIFIED_AT_ONCE));
        let mut items = items.into_iter();
        for turn in turns {
            let some: Vec<SubmittedTransaction> = items.by_ref().take(VERIFIED_AT_ONCE).collect();
            let (reply, answer) = oneshot::channel();
            answers.push((some.len(), answer));
            jobs.push(Job { items: some, turn, reply });
        }
        let queued = self.shared.verifiers.submit(jobs);
        queued.map_err(|_| self.full("too many transactions wait to be verified"))?;
        let mut results = Vec::new();
        for (count, answer) in answers {
            match answer.await.unwrap_or_else(|_| Err(Refused::ending())) {
                Ok(answer) => results.extend(answer.results),
                // Those before it have been taken in: the others are refused one by one.
                Err(Refused { error, .. }) => {
                    let refused = SubmissionResult { hash: None, record: None, error: Some(error) };
                    results.extend(std::iter::repeat_n(refused, count));
                }
            }
        }
        Ok(SubmissionAnswer { results })
    }

    /// What is known of a transaction.
    ///
    /// # Errors
    /// When nothing is.
    pub async fn record(&self, hash: Hash32) -> Result<Record, Refused> {
        self.ask(|reply| Command::Record(hash, reply)).await
    }

    /// What is known of an account.
    ///
    /// # Errors
    /// When the node does not tell.
    pub async fn account(&self, account: Tz4Address) -> Result<AccountAnswer, Refused> {
        let (reply, answer) = oneshot::channel();
        let commands = self.shared.commands.clone();
        let look = AccountLook::new(&self.shared.checks, commands, account, reply);
        let queued = self.shared.verifiers.hurry(Urgent::Look(Box::new(look)));
        queued.map_err(|_| self.full("too many requests wait"))?;
        answer.await.unwrap_or_else(|_| Err(Refused::ending()))
    }

    /// The batches that have no final result yet.
    ///
    /// # Errors
    /// When the batcher is busy, or ends.
    pub async fn batches(&self) -> Result<OpenBatchesAnswer, Refused> {
        self.ask(Command::Batches).await
    }

    /// What is known of a batch.
    ///
    /// # Errors
    /// When nothing is.
    pub async fn batch(&self, id: Hash32) -> Result<BatchAnswer, Refused> {
        self.ask(|reply| Command::Batch(id, reply)).await
    }

    /// Gives signatures of a batch. Each is taken or refused by itself.
    ///
    /// # Errors
    /// When the whole request is refused: the batch is not known or closed, or there is no room.
    pub async fn sign(
        &self,
        id: Hash32,
        signatures: CoSignatures,
        from: IpAddr,
    ) -> Result<CoSignatureAnswer, Refused> {
        let signatures = signatures.signatures;
        at_most("signatures", signatures.len(), SIGNATURES_PER_REQUEST)?;
        self.rate(&self.shared.signatures, from, signatures.len(), "signatures")?;
        let (reply, answer) = oneshot::channel();
        let queued =
            self.shared.verifiers.hurry(Urgent::Read(id, signatures, network_of(from), reply));
        queued.map_err(|_| self.full("too many signatures wait to be read"))?;
        answer.await.unwrap_or_else(|_| Err(Refused::ending()))
    }

    /// What transactions would do after all that is pending, in order.
    ///
    /// # Errors
    /// When the whole request is refused, or the node does not tell.
    pub async fn simulate(&self, request: SimulationRequest) -> Result<SimulationAnswer, Refused> {
        at_most("transactions", request.transactions.len(), TRANSACTIONS_PER_REQUEST)?;
        let rollup = self.shared.checks.known.rollup();
        let Some(rollup) = rollup else {
            let message = "the rollup node is away: it has not answered yet";
            return Err(Refused::new(Code::NodeAway, message).after(1));
        };
        let read = |text: &String| -> Result<(Hash32, Transaction), ApiError> {
            let field = SubmissionError::Field {
                field: "transaction".to_owned(),
                expected: "bytes in hex",
            };
            let bytes = hex::decode(text).map_err(|_| field.to_api())?;
            let transaction = decode_transaction(&bytes)
                .map_err(|error| SubmissionError::Malformed(error.at).to_api())?;
            Ok((transaction.signing_payload(&rollup).digest, transaction))
        };
        let read = request.transactions.iter().map(|one| read(&one.transaction)).collect();
        let (reply, answer) = oneshot::channel();
        let commands = self.shared.commands.clone();
        let look = SimulationLook::new(&self.shared.checks, commands, read, reply);
        let queued = self.shared.verifiers.hurry(Urgent::Look(Box::new(look)));
        queued.map_err(|_| self.full("too many requests wait"))?;
        answer.await.unwrap_or_else(|_| Err(Refused::ending()))
    }

    /// What a client has to know before it signs.
    ///
    /// # Errors
    /// When the node has not told anything yet.
    pub async fn quote(&self) -> Result<Quote, Refused> {
        self.ask(Command::Quote).await
    }

    /// Subscribes to events. The channel ends when the subscriber is too slow, or the batcher ends.
    ///
    /// # Errors
    /// When there are too many subscribers, or too many accounts.
    pub async fn subscribe(
        &self,
        subscription: Subscription,
        from: IpAddr,
    ) -> Result<mpsc::Receiver<Arc<Event>>, Refused> {
        at_most("accounts", subscription.accounts.len(), ACCOUNTS_PER_STREAM)?;
        self.ask(|reply| Command::Subscribe(subscription, from, reply)).await
    }

    /// How it is. It does not wait for anything.
    #[must_use]
    pub fn health(&self) -> Health {
        let Checks { known, clock, .. } = &*self.shared.checks;
        let (answered, problem) = known.answered();
        let silent = clock.now().since(answered);
        let head = known.tip().map(|tip| tip.head.block().level.0);
        let ended = self.shared.ended.load(SeqCst);
        let is_there = head.is_some() && silent <= NODE_AWAY_AFTER;
        let starting = head.is_none() && problem.is_none();
        let why = match (ended, head, problem) {
            (true, ..) => Some("the batcher has ended".to_owned()),
            (_, _, Some(problem)) if !is_there => {
                Some(format!("the rollup node is away: {problem}"))
            }
            (_, None, None) => Some("the rollup node has not answered yet".to_owned()),
            _ if !is_there => Some("the rollup node is away".to_owned()),
            _ => None,
        };
        Health {
            ok: why.is_none(),
            node: head.is_some() && known.answered().1.is_none(),
            starting,
            rollup: known.rollup().map(|rollup| rollup.to_string()),
            head,
            answered: head.map(|_| silent.as_secs()),
            pending: self.metrics().pending,
            why,
        }
    }

    /// What it has counted.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.shared.counters.snapshot()
    }

    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, Refused> {
        let (reply, answer) = oneshot::channel();
        self.shared.commands.try_send(command(reply)).map_err(|error| match error {
            TrySendError::Full(_) => self.full("too many requests wait"),
            TrySendError::Disconnected(_) => Refused::ending(),
        })?;
        answer.await.unwrap_or_else(|_| Err(Refused::ending()))
    }

    /// A queue is full, or the batcher is ending.
    fn full(&self, what: &str) -> Refused {
        match self.shared.ended.load(SeqCst) {
            true => Refused::ending(),
            false => Refused::busy(what),
        }
    }

    fn rate(&self, rates: &Rates, from: IpAddr, count: usize, what: &str) -> Result<(), Refused> {
        let now = self.shared.checks.clock.now();
        rates.take(from, count, now).map_err(|seconds| {
            let message = format!("{from} sends too many {what} a second");
            Refused::new(Code::RateLimited, message).after(seconds)
        })
    }
}

/// A list of at least one and at most so many.
fn at_most(what: &str, count: usize, limit: usize) -> Result<(), Refused> {
    if count <= limit {
        return Ok(());
    }
    let message = format!("the request has {} {what}: at most {}", grouped(count), grouped(limit));
    let error = ApiError::new(Code::Malformed, message);
    Err(error.with("count", count).with("limit", limit).into())
}
