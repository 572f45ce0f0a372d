//! What the HTTP side, and anybody else in the process, asks of a batcher.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use batcher_api::{
    AccountAnswer, BatchAnswer, CoSignatureAnswer, CoSignatures, Quote, Record, SimulationAnswer,
    SimulationRequest, SubmissionAnswer, SubmissionRequest,
};
use encoding::{Hash32, Tz4Address};
use tokio::sync::{mpsc, oneshot};
use wallet::rpc::Node;

use crate::engine::command::{Command, Reply};
use crate::error::{Refused, StartError};
use crate::events::{Event, Subscription};
use crate::limits::ENGINE_QUEUE;
use crate::metrics::{Counters, Metrics};
use crate::options::Options;

/// How a batcher is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Whether it takes transactions.
    pub ok: bool,
    /// Whether the node answers.
    pub node: bool,
    /// The rollup's address, once the node has told it.
    pub rollup: Option<String>,
    /// The head's level, once there is one.
    pub head: Option<i32>,
    /// Seconds since the last head came.
    pub head_age: Option<u64>,
    /// Transactions that are pending.
    pub pending: u64,
    /// Why it takes no transactions, in a sentence.
    pub why: Option<String>,
}

/// Asks a batcher. It can be cloned, and used on any thread.
#[derive(Clone, Debug)]
pub struct Handle {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    commands: SyncSender<Command>,
    counters: Arc<Counters>,
}

impl Handle {
    /// Submits transactions. Each is accepted or refused by itself; when this returns, those that are accepted are
    /// on the disk.
    ///
    /// # Errors
    /// When the whole request is refused: it is too large, too fast, or there is no room.
    pub async fn submit(
        &self,
        request: SubmissionRequest,
        from: IpAddr,
    ) -> Result<SubmissionAnswer, Refused> {
        let _ = (request, from);
        Err(Refused::busy("it is starting"))
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
        let _ = account;
        Err(Refused::busy("it is starting"))
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
        let _ = (id, signatures, from);
        Err(Refused::busy("it is starting"))
    }

    /// What transactions would do after all that is pending, in order.
    ///
    /// # Errors
    /// When the whole request is refused, or the node does not tell.
    pub async fn simulate(&self, request: SimulationRequest) -> Result<SimulationAnswer, Refused> {
        let _ = request;
        Err(Refused::busy("it is starting"))
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
    /// When there are too many subscribers.
    pub async fn subscribe(
        &self,
        subscription: Subscription,
        from: IpAddr,
    ) -> Result<mpsc::Receiver<Arc<Event>>, Refused> {
        self.ask(|reply| Command::Subscribe(subscription, from, reply)).await
    }

    /// How it is. It does not wait for anything.
    #[must_use]
    pub fn health(&self) -> Health {
        Health::default()
    }

    /// What it has counted.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.shared.counters.snapshot()
    }

    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, Refused> {
        let (reply, answer) = oneshot::channel();
        self.shared.commands.try_send(command(reply)).map_err(|error| match error {
            TrySendError::Full(_) => Refused::busy("its queue is full"),
            TrySendError::Disconnected(_) => Refused::ending(),
        })?;
        answer.await.unwrap_or_else(|_| Err(Refused::ending()))
    }
}

/// A batcher that runs.
#[derive(Debug)]
pub struct Running {
    handle: Handle,
    engine: Option<JoinHandle<Result<(), StartError>>>,
}

impl Running {
    /// What asks it.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Tells it to end: what is accepted stays on the disk. It does not wait for that.
    pub fn stop(&self) {
        let _ = self.handle.shared.commands.send(Command::Stop);
    }

    /// Whether it has ended: [`Self::join`] says why.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.engine.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    /// Why it ended, if nobody told it to.
    pub fn join(mut self) -> Result<(), StartError> {
        match self.engine.take().map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(ended)) => ended,
            Some(Err(_)) => Err(StartError::Thread("the engine has panicked".to_owned())),
        }
    }
}

/// Starts a batcher over a node, which need not be there yet.
///
/// # Errors
/// When the options mean nothing, or its files cannot be read or written.
pub fn start(options: Options, node: Node) -> Result<Running, StartError> {
    options.check()?;
    let _ = node;
    let (commands, queue): (_, Receiver<Command>) = sync_channel(ENGINE_QUEUE);
    let shared = Shared { commands, counters: Arc::default() };
    let engine = std::thread::Builder::new()
        .name("batcher".to_owned())
        .spawn(move || {
            while let Ok(command) = queue.recv() {
                match command {
                    Command::Stop => break,
                    Command::Record(_, reply) => drop(reply),
                    Command::Batch(_, reply) => drop(reply),
                    Command::Quote(reply) => drop(reply),
                    Command::Subscribe(_, _, reply) => drop(reply),
                }
            }
            Ok(())
        })
        .map_err(|error| StartError::Thread(error.to_string()))?;
    Ok(Running { handle: Handle { shared: Arc::new(shared) }, engine: Some(engine) })
}
