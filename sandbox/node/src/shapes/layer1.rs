//! What a node of layer 1 is asked and answers: blocks, constants, contracts, tickets, views.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Micheline;
use super::manager::TicketToken;
use super::texts::{BlockHash, ChainId, ContractAddress, Count, EntrypointName, Moment};

/// The header of a block
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BlockHeader {
    pub(crate) chain_id: ChainId,
    pub(crate) hash: BlockHash,
    pub(crate) level: i32,
    pub(crate) predecessor: BlockHash,
    pub(crate) timestamp: Moment,
}

/// The constants of the protocol that mean something here
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Constants {
    pub(crate) minimal_block_delay: Count,
    pub(crate) hard_gas_limit_per_operation: Count,
    pub(crate) hard_gas_limit_per_block: Count,
    pub(crate) hard_storage_limit_per_operation: Count,
    pub(crate) smart_rollup_commitment_period_in_blocks: i32,
    pub(crate) smart_rollup_challenge_window_in_blocks: i32,
    pub(crate) smart_rollup_max_active_outbox_levels: i32,
}

/// A view that is to be asked
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScriptView {
    pub(crate) contract: ContractAddress,
    pub(crate) view: EntrypointName,
    pub(crate) input: Micheline,
    #[serde(rename = "chain_id")]
    pub(crate) _chain_id: String,
    #[serde(rename = "unparsing_mode")]
    #[schema(nullable = false)]
    pub(crate) _unparsing_mode: Option<String>,
    #[serde(rename = "unlimited_gas")]
    #[schema(nullable = false)]
    pub(crate) _unlimited_gas: Option<bool>,
    #[serde(rename = "source")]
    #[schema(nullable = false)]
    pub(crate) _source: Option<String>,
    #[serde(rename = "payer")]
    #[schema(nullable = false)]
    pub(crate) _payer: Option<String>,
    #[serde(rename = "gas")]
    #[schema(nullable = false)]
    pub(crate) _gas: Option<Count>,
    #[serde(rename = "now")]
    #[schema(nullable = false)]
    pub(crate) _now: Option<String>,
    #[serde(rename = "level")]
    #[schema(nullable = false)]
    pub(crate) _level: Option<String>,
}

/// An entrypoint that calls back, and is to be asked
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallingView {
    pub(crate) contract: ContractAddress,
    pub(crate) entrypoint: EntrypointName,
    pub(crate) input: Micheline,
    #[serde(rename = "chain_id")]
    pub(crate) _chain_id: String,
    #[serde(rename = "unparsing_mode")]
    #[schema(nullable = false)]
    pub(crate) _unparsing_mode: Option<String>,
    #[serde(rename = "unlimited_gas")]
    #[schema(nullable = false)]
    pub(crate) _unlimited_gas: Option<bool>,
    #[serde(rename = "source")]
    #[schema(nullable = false)]
    pub(crate) _source: Option<String>,
    #[serde(rename = "payer")]
    #[schema(nullable = false)]
    pub(crate) _payer: Option<String>,
    #[serde(rename = "gas")]
    #[schema(nullable = false)]
    pub(crate) _gas: Option<Count>,
    #[serde(rename = "now")]
    #[schema(nullable = false)]
    pub(crate) _now: Option<String>,
    #[serde(rename = "level")]
    #[schema(nullable = false)]
    pub(crate) _level: Option<String>,
}

/// What a view answers
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ViewAnswer {
    pub(crate) data: Micheline,
}

/// A ticket whose balance is asked for
pub(crate) type TicketQuestion = TicketToken;
