//! What a batcher knows of an account.

use serde::{Deserialize, Serialize};

use crate::record::Record;

/// An account, as it is and as it will be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AccountAnswer {
    /// `tz4…`.
    pub account: String,
    /// Its index in the rollup's registry, in the last final level.
    pub index: Option<u32>,
    /// In the last level that no reorganisation takes back.
    #[serde(rename = "final")]
    pub final_: View,
    /// At the head.
    pub head: View,
    /// After everything that the batcher has pending.
    pub pending: View,
    /// Its pending transactions, by counter.
    pub transactions: Vec<Record>,
}

/// An account at some level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct View {
    /// The level.
    pub level: i32,
    /// The counter that its next operation carries, in decimal.
    pub counter: String,
    /// What it holds, by ticket index. Tickets of which it holds nothing may be left out.
    pub balances: Vec<TicketBalance>,
}

/// How much of a ticket an account holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TicketBalance {
    /// The ticket's index in the rollup's registry.
    pub ticket: u32,
    /// In the smallest unit, in decimal.
    pub amount: String,
}
