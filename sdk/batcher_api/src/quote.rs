//! What a batcher asks for, and what it promises.

use serde::{Deserialize, Serialize};

/// What a client has to know before it signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Quote {
    /// `sr1…`.
    pub rollup: String,
    /// The head's level.
    pub level: i32,
    /// The account that fees are paid to, `tz4…`; null if there are no fees.
    pub account: Option<String>,
    /// What a transfer or withdrawal costs. One of these is paid; if there are none, it costs nothing.
    pub fees: Vec<Fee>,
    /// The last level to sign now: a multiple of the expiry grid.
    pub expires: i32,
    /// Milliseconds: how long a batch is open for signatures at most.
    pub round_ms: u64,
    /// Milliseconds: how long it stays open once most have signed.
    pub window_ms: u64,
    /// Milliseconds: how long a transaction waits for others at most.
    pub max_wait_ms: u64,
    /// Levels: after so many an accepted transaction is in an inbox.
    pub promised_levels: u32,
    /// `edpk…`: the key that receipts are signed with.
    pub acceptance_key: String,
    /// What one may ask.
    pub limits: QuoteLimits,
}

/// A price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Fee {
    /// Of which ticket.
    pub ticket: TicketText,
    /// For each transfer and each withdrawal, in the smallest unit, in decimal.
    pub price: String,
}

/// A ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TicketText {
    /// Its index in the rollup's registry, in the last final level.
    pub index: Option<u32>,
    /// `KT1…`.
    pub ticketer: String,
    /// Its content as Micheline, in hex.
    pub content: String,
}

/// How much a client may ask of a batcher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct QuoteLimits {
    /// Transactions in one request.
    pub transactions_per_request: u32,
    /// Transactions of one account that may be pending.
    pub pending_per_account: u32,
    /// Counters: how far ahead of the next one a transaction may be.
    pub gap: u32,
    /// Milliseconds: how long a transaction waits for a missing counter.
    pub gap_ms: u64,
    /// Transactions that may be pending altogether.
    pub pending: u32,
    /// Levels: how far ahead a transaction may expire.
    pub max_valid_levels: u32,
    /// Transactions that one address may submit in a second.
    pub transactions_per_second: u32,
    /// Event streams of one address.
    pub streams_per_address: u32,
}
