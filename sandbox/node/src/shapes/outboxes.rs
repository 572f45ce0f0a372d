//! Messages of outboxes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::Micheline;
use super::texts::{CommitmentHash, Count, EntrypointName, Hex};
use crate::chain::{Chain, ExecutionStatus, Pending};

/// A message as layer 1 understands it
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Described(pub(crate) Value);

impl PartialSchema for Described {
    fn schema() -> RefOr<Schema> {
        DescribedForm::schema()
    }
}

impl ToSchema for Described {
    fn schemas(all: &mut Vec<(String, RefOr<Schema>)>) {
        DescribedForm::schemas(all);
    }
}

/// What layer 1 understands of a message, by its kind
#[derive(ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(dead_code, reason = "its schema is that of what describes messages")]
enum DescribedForm {
    /// Calls of contracts, all of which are executed or none.
    Untyped { transactions: Vec<DescribedCall> },
    /// The same, with the types of their parameters.
    Typed { transactions: Vec<DescribedTypedCall> },
    /// The operators from then on; anybody without a list.
    WhitelistUpdate {
        #[schema(nullable = false)]
        whitelist: Option<Vec<String>>,
    },
}

/// A call of a contract
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "its schema is that of what describes messages")]
struct DescribedCall {
    parameters: Micheline,
    destination: String,
    #[schema(nullable = false)]
    entrypoint: Option<EntrypointName>,
}

/// A call of a contract, with the type of its parameters
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "its schema is that of what describes messages")]
struct DescribedTypedCall {
    parameters: Micheline,
    parameters_ty: Micheline,
    destination: String,
    #[schema(nullable = false)]
    entrypoint: Option<EntrypointName>,
}

/// A message of an outbox
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutboxMessage {
    outbox_level: i32,
    message_index: Count,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    message: Option<Described>,
    /// What layer 1 does not understand, and skips.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    unknown: Option<Hex>,
}

impl OutboxMessage {
    /// Those of an outbox.
    pub(crate) fn all(chain: &Chain, level: i32, outbox: &[Vec<u8>]) -> Vec<Self> {
        let message = |(index, bytes): (u32, &Vec<u8>)| {
            let message = chain.describe(bytes).map(Described);
            let unknown = message.is_none().then(|| Hex::of(bytes));
            Self { outbox_level: level, message_index: Count::of(index), message, unknown }
        };
        (0..).zip(outbox).map(message).collect()
    }
}

/// A message summed up: without its kind, and without what goes without saying, the entrypoint `default` and
/// the parameter `Unit`
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Summary {
    Calls(CallsSummary),
    Whitelist(WhitelistSummary),
}

/// Calls of contracts, all of which are executed or none
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallsSummary {
    transactions: Vec<CallSummary>,
}

/// A call of a contract
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CallSummary {
    destination: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    entrypoint: Option<EntrypointName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    parameters: Option<Micheline>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    parameters_ty: Option<Micheline>,
}

/// The operators from then on; `null` for anybody
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhitelistSummary {
    #[schema(required = true)]
    whitelist_update: Option<Vec<String>>,
}

impl Summary {
    fn of(chain: &Chain, message: &[u8]) -> Option<Self> {
        let mut described = chain.describe(message)?;
        if described["kind"] == "whitelist_update" {
            let operators = serde_json::from_value(described["whitelist"].take()).ok()?;
            return Some(Self::Whitelist(WhitelistSummary { whitelist_update: operators }));
        }
        let mut transactions: Vec<CallSummary> =
            serde_json::from_value(described["transactions"].take()).ok()?;
        for call in &mut transactions {
            call.entrypoint.take_if(|name| name.0 == "default");
            call.parameters.take_if(|value| value.0 == json!({"prim": "Unit"}));
        }
        Some(Self::Calls(CallsSummary { transactions }))
    }
}

/// A message of a block's outbox
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum BlockOutboxMessage {
    Calls(BlockCalls),
    Whitelist(BlockWhitelist),
    Unknown(BlockUnknown),
}

/// Calls of contracts, in a block's outbox
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BlockCalls {
    message_index: u32,
    transactions: Vec<CallSummary>,
}

/// The operators from then on, in a block's outbox; `null` for anybody
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BlockWhitelist {
    message_index: u32,
    #[schema(required = true)]
    whitelist_update: Option<Vec<String>>,
}

/// What layer 1 does not understand, in a block's outbox
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BlockUnknown {
    message_index: u32,
}

impl BlockOutboxMessage {
    /// Those of an outbox.
    pub(crate) fn all(chain: &Chain, outbox: &[Vec<u8>]) -> Vec<Self> {
        let message = |(message_index, message): (u32, &Vec<u8>)| match Summary::of(chain, message)
        {
            Some(Summary::Calls(CallsSummary { transactions })) => {
                Self::Calls(BlockCalls { message_index, transactions })
            }
            Some(Summary::Whitelist(WhitelistSummary { whitelist_update })) => {
                Self::Whitelist(BlockWhitelist { message_index, whitelist_update })
            }
            None => Self::Unknown(BlockUnknown { message_index }),
        };
        (0..).zip(outbox).map(message).collect()
    }
}

/// A message that has not been executed
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PendingMessage {
    message_index: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    message: Option<Summary>,
}

/// What of an outbox has not been executed
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PendingOutbox {
    outbox_level: i32,
    messages: Vec<PendingMessage>,
}

/// What of an outbox has not been executed, and how far it is
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PendingOutboxWithStatus {
    outbox_level: i32,
    messages: Vec<PendingMessage>,
    status: Status,
}

/// How far messages are
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    Executable,
    Lost,
}

impl PendingOutbox {
    pub(crate) fn of(chain: &Chain, pending: &Pending) -> Self {
        let message = |(index, message): &(u32, Vec<u8>)| PendingMessage {
            message_index: *index,
            message: Summary::of(chain, message),
        };
        Self {
            outbox_level: pending.level,
            messages: pending.messages.iter().map(message).collect(),
        }
    }

    pub(crate) fn with(self, status: ExecutionStatus) -> PendingOutboxWithStatus {
        let Self { outbox_level, messages } = self;
        let status = match status {
            ExecutionStatus::Pending => Status::Pending,
            ExecutionStatus::Executable => Status::Executable,
            ExecutionStatus::Lost => Status::Lost,
        };
        PendingOutboxWithStatus { outbox_level, messages, status }
    }
}

/// What executes a message of an outbox
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutboxProof {
    pub(crate) commitment: CommitmentHash,
    pub(crate) proof: Hex,
}
