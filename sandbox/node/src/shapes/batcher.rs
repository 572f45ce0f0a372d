//! Messages that were sent, and what became of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::commitments::CommitmentContent;
use super::texts::{BlockHash, CommitmentHash, Count, Hex, MessageHash, OperationHash, Payload};

/// External messages to send
#[derive(Debug, Deserialize, ToSchema)]
#[schema(max_items = 1000)]
pub(crate) struct Payloads(pub(crate) Vec<Payload>);

/// A message that waits for a level
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QueuedMessage {
    pub(crate) id: MessageHash,
    pub(crate) message: QueuedContent,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) order: Option<Count>,
}

/// What was sent, and its number among all that were
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QueuedContent {
    pub(crate) content: Hex,
    pub(crate) counter: Count,
}

/// What became of a message
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub(crate) enum MessageInfo {
    /// Nothing is known of it.
    Unknown,
    /// It waits for a level.
    PendingBatch {
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        content: Option<Hex>,
    },
    /// It was in the inbox of a level.
    Included {
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        content: Option<Hex>,
        operation: IncludedOperation,
        layer1: Layer1Inclusion,
        finalized: bool,
        cemented: bool,
    },
    /// It was in the inbox of a level, and a commitment with it is published.
    Committed {
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        content: Option<Hex>,
        operation: IncludedOperation,
        layer1: Layer1Inclusion,
        finalized: bool,
        cemented: bool,
        commitment: CommitmentContent,
        hash: CommitmentHash,
        first_published_at_level: i32,
        published_at_level: i32,
    },
}

/// A message in the inbox of a level.
pub(crate) struct InBlock {
    pub(crate) content: Option<Hex>,
    pub(crate) operation: IncludedOperation,
    pub(crate) layer1: Layer1Inclusion,
    pub(crate) finalized: bool,
    pub(crate) cemented: bool,
}

impl InBlock {
    /// With the commitment and the level in which it was published, where it was.
    pub(crate) fn with(self, published: Option<(&pvm::Commitment, i32)>) -> MessageInfo {
        let Self { content, operation, layer1, finalized, cemented } = self;
        match published {
            None => MessageInfo::Included { content, operation, layer1, finalized, cemented },
            Some((made, level)) => MessageInfo::Committed {
                content,
                operation,
                layer1,
                finalized,
                cemented,
                commitment: made.into(),
                hash: CommitmentHash::of(&made.hash()),
                first_published_at_level: level,
                published_at_level: level,
            },
        }
    }
}

/// The operation that a message was sent in
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IncludedOperation {
    kind: OperationKind,
    message: Vec<Hex>,
}

/// The kind of an operation
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OperationKind {
    AddMessages,
}

impl IncludedOperation {
    /// Messages of layer 1 itself are in no operation of the batcher's.
    pub(crate) fn with(message: Option<Hex>) -> Self {
        Self { kind: OperationKind::AddMessages, message: message.into_iter().collect() }
    }
}

/// Where an operation is on layer 1
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Layer1Inclusion {
    pub(crate) operation_hash: OperationHash,
    pub(crate) operation_index: usize,
    pub(crate) block_hash: BlockHash,
    pub(crate) level: i32,
}
