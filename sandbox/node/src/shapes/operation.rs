//! Simulations, and values of durable storage.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::OutboxMessage;
use super::texts::{Count, Hex, Key, StateHash, WholeMessage};

/// A value of durable storage
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredValue {
    pub(crate) key: Key,
    pub(crate) value: Hex,
}

/// What a simulation is asked for
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Simulation {
    /// Whole messages, with their tags.
    #[schema(max_items = 1000)]
    pub(crate) messages: Vec<WholeMessage>,
    /// Pages that can be revealed.
    #[serde(default)]
    #[schema(max_items = 1000, nullable = false)]
    pub(crate) reveal_pages: Option<Vec<WholeMessage>>,
    /// Values to look at afterwards.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub(crate) insight_requests: Vec<Insight>,
    /// Where Octez's node would write what the kernel says. Nothing is written here for a request.
    #[serde(default, rename = "log_kernel_debug_file")]
    #[schema(nullable = false)]
    pub(crate) _log_kernel_debug_file: Option<String>,
}

/// A value to look at
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Insight {
    pub(crate) kind: InsightKind,
    /// The steps of its path.
    pub(crate) key: Vec<String>,
}

/// Where a value is. Of the other kind that Octez has, the PVM's own state, nothing is here.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InsightKind {
    DurableStorage,
}

/// What a simulation came to
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Simulated {
    /// `null` where it is not known.
    #[schema(required = true)]
    pub(crate) state_hash: Option<StateHash>,
    pub(crate) status: String,
    pub(crate) output: Vec<OutboxMessage>,
    pub(crate) inbox_level: i32,
    pub(crate) num_ticks: Count,
    pub(crate) insights: Vec<Option<Hex>>,
}

// Attributes take no constants.
const _: () = {
    assert!(crate::limits::MAX_MESSAGES_PER_REQUEST == 1_000);
    assert!(crate::limits::MAX_PAGES_PER_REQUEST == 1_000);
    assert!(crate::limits::MAX_INSIGHTS_PER_REQUEST == 1_000);
};
