//! What subscribers are told: offers, stages, levels. Each event has an id, and those who come back say which they have
//! seen last.

mod subscribers;

use std::sync::Arc;

use batcher_api::EventKind;
use encoding::Tz4Address;

pub(crate) use subscribers::{Gone, Happening, Subscribers};

/// Something that a subscriber is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id: events have greater ids than those before them, after a restart as well.
    pub id: u64,
    /// What it is.
    pub kind: EventKind,
    /// What it says, as JSON on one line.
    pub data: Arc<str>,
}

/// What a subscriber wants to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    /// The accounts whose transactions it follows. Without any it is told of levels alone.
    pub accounts: Vec<Tz4Address>,
    /// Whether it signs batches for these accounts.
    pub cosign: bool,
    /// The id of the last event that it has seen: it is told those after it first.
    pub since: Option<u64>,
}
