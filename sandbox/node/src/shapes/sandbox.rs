//! What the sandbox alone takes and answers, under `/dev`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Micheline;
use super::outboxes::{Described, OutboxProof};
use super::texts::{
    BlockHash, ContractAddress, Count, EntrypointName, Hex, ImplicitAddress, MessageHash, Payload,
    SnapshotName,
};

/// How many levels to bake
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BakeRequest {
    #[schema(maximum = 10_000)]
    pub(crate) levels: u32,
}

/// A contract's call of the rollup
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DepositRequest {
    /// Micheline, as layer 1 writes it.
    pub(crate) payload: Payload,
    pub(crate) sender: ContractAddress,
    pub(crate) source: ImplicitAddress,
}

/// What a contract can be called with
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContractRequest {
    pub(crate) contract: ContractAddress,
    /// A script, or its section `parameter …` alone.
    pub(crate) script: String,
}

/// The name that a state gets
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SnapshotRequest {
    pub(crate) name: SnapshotName,
}

/// Where to go back to
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevertRequest {
    /// A level, or the name of a snapshot. Neither can be taken for the other.
    pub(crate) to: String,
}

/// Which message to execute: by its index, or with a proof of the proof endpoint
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged, expecting = "outbox_level and message_index, or commitment and proof")]
pub(crate) enum ExecuteRequest {
    Position(OutboxPosition),
    Proof(OutboxProof),
}

/// The level of an outbox, and the index of a message in it
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutboxPosition {
    pub(crate) outbox_level: i32,
    pub(crate) message_index: u32,
}

/// A message that was executed
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExecutedMessage {
    pub(crate) executed_at: i32,
    #[schema(required = true)]
    pub(crate) message: Option<Described>,
    pub(crate) bytes: Hex,
    pub(crate) paid: Vec<CallEffect>,
}

/// What a call has done: whom it named, of what, and whether its contract is known
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallEffect {
    pub(crate) destination: String,
    pub(crate) entrypoint: EntrypointName,
    #[schema(required = true)]
    pub(crate) receiver: Option<String>,
    #[schema(required = true)]
    pub(crate) ticketer: Option<String>,
    #[schema(required = true)]
    pub(crate) content: Option<Micheline>,
    #[schema(required = true)]
    pub(crate) amount: Option<Count>,
    pub(crate) known: bool,
}

/// A message that was sent
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SentMessage {
    pub(crate) id: MessageHash,
}

/// The head
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    pub(crate) level: i32,
    pub(crate) hash: BlockHash,
}

/// When a message of an outbox can be executed
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExecutionWindow {
    pub(crate) message_index: u32,
    /// Whether layer 1 understands it.
    pub(crate) understood: bool,
    /// The first level in which it can be executed.
    pub(crate) executable_from: i32,
    /// The first level in which it cannot be executed any more.
    pub(crate) expires: i32,
    #[schema(required = true)]
    pub(crate) executed_at: Option<i32>,
}

// Attributes take no constants.
const _: () = assert!(crate::limits::MAX_LEVELS_PER_REQUEST == 10_000);
