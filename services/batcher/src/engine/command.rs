//! What the engine is asked, and where its answers go.

use std::net::IpAddr;
use std::sync::Arc;

use batcher_api::{
    AccountAnswer, BatchAnswer, CoSignatureAnswer, Quote, Record, SimulationAnswer,
    SubmissionAnswer,
};
use encoding::{Hash32, Tz4Address};
use tokio::sync::{mpsc, oneshot};

use crate::error::Refused;
use crate::events::{Event, Subscription};

/// Where an answer goes. Whoever asked may have gone.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, Refused>>;

/// What the engine is asked.
pub(crate) enum Command {
    /// A transaction's record.
    Record(Hash32, Reply<Record>),
    /// A batch.
    Batch(Hash32, Reply<BatchAnswer>),
    /// What is asked for now.
    Quote(Reply<Quote>),
    /// Another subscriber.
    Subscribe(Subscription, IpAddr, Reply<mpsc::Receiver<Arc<Event>>>),
    /// To end.
    Stop,
}
#[allow(dead_code, reason = "skeleton")]
type Later = (SubmissionAnswer, CoSignatureAnswer, AccountAnswer, SimulationAnswer, Tz4Address);
