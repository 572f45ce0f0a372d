//! What an event stream tells.

use serde::{Deserialize, Serialize};

/// The kinds of events, which are the names of their SSE events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum EventKind {
    /// Accounts of the stream are asked to sign a batch: [`OfferEvent`].
    Offer,
    /// A transaction of an account of the stream has come further: [`crate::Record`].
    Transaction,
    /// The rollup has a new head: [`LevelEvent`].
    Level,
    /// Events are no longer kept: [`MissedEvent`].
    Missed,
}

impl EventKind {
    /// All of them.
    pub const ALL: [EventKind; 4] =
        [EventKind::Offer, EventKind::Transaction, EventKind::Level, EventKind::Missed];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            EventKind::Offer => "offer",
            EventKind::Transaction => "transaction",
            EventKind::Level => "level",
            EventKind::Missed => "missed",
        }
    }
}

/// A batch that accounts are asked to sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OfferEvent {
    /// The batch's digest, which is its id.
    pub batch: String,
    /// Its signed content, in hex.
    pub content: String,
    /// Milliseconds of Unix time: when it takes no more signatures.
    pub deadline_ms: u64,
    /// Milliseconds from when the event was made to then, for clients whose clock is another.
    pub closes_in_ms: u64,
    /// The accounts of the stream that are asked.
    pub accounts: Vec<String>,
}

/// A new head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LevelEvent {
    /// Its level.
    pub level: i32,
    /// Its hash.
    pub block: String,
}

/// Events that were made and are no longer kept: what they told has to be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MissedEvent {
    /// The id of the first of them.
    pub from: u64,
    /// The id of the last.
    pub to: u64,
}
