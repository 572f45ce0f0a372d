//! Operations of layer 1 as its node takes them: what a user signs.

use layer1::entrypoints::DEFAULT;
use layer1::json::from_micheline;
use layer1::michelson::{Node, Prim};
use layer1::types::shown;
use mockup::{Content, Ticket, contract_address};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Micheline;
use super::texts::{BlockHash, Count, EntrypointName, ImplicitAddress};
use crate::error::NodeError;

/// Which kind of step an operation has
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ContentKind {
    Transaction,
    Origination,
}

/// What a contract is called with
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    pub(crate) entrypoint: EntrypointName,
    pub(crate) value: Micheline,
}

/// A script and what it has stored
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    pub(crate) code: Micheline,
    pub(crate) storage: Micheline,
}

/// A step of an operation. A transaction has `amount` and `destination`, an origination `balance` and `script`;
/// fee, counter and limits are taken and mean nothing here
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContentRequest {
    pub(crate) kind: ContentKind,
    pub(crate) source: ImplicitAddress,
    #[schema(nullable = false)]
    pub(crate) amount: Option<Count>,
    #[schema(nullable = false)]
    pub(crate) destination: Option<String>,
    #[schema(nullable = false)]
    pub(crate) parameters: Option<Parameters>,
    #[schema(nullable = false)]
    pub(crate) balance: Option<Count>,
    #[schema(nullable = false)]
    pub(crate) script: Option<Script>,
    #[serde(rename = "fee")]
    #[schema(nullable = false)]
    pub(crate) _fee: Option<Count>,
    #[serde(rename = "counter")]
    #[schema(nullable = false)]
    pub(crate) _counter: Option<Count>,
    #[serde(rename = "gas_limit")]
    #[schema(nullable = false)]
    pub(crate) _gas_limit: Option<Count>,
    #[serde(rename = "storage_limit")]
    #[schema(nullable = false)]
    pub(crate) _storage_limit: Option<Count>,
}

/// An operation without its signature
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnsignedOperation {
    #[serde(rename = "branch")]
    #[schema(nullable = false)]
    pub(crate) _branch: Option<BlockHash>,
    #[schema(max_items = 64)]
    pub(crate) contents: Vec<ContentRequest>,
    #[serde(rename = "signature")]
    #[schema(nullable = false)]
    pub(crate) _signature: Option<String>,
}

/// An operation that is to be simulated
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperationSimulation {
    pub(crate) operation: UnsignedOperation,
    #[serde(rename = "chain_id")]
    pub(crate) _chain_id: String,
    #[serde(rename = "latency")]
    #[schema(nullable = false)]
    pub(crate) _latency: Option<i32>,
    #[serde(rename = "blocks_before_activation")]
    #[schema(nullable = false)]
    pub(crate) _blocks_before_activation: Option<i32>,
}

/// A ticket
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TicketToken {
    pub(crate) ticketer: String,
    pub(crate) content_type: Micheline,
    pub(crate) content: Micheline,
}

impl ContentRequest {
    /// What is to be done.
    pub(crate) fn read(&self) -> Result<Content, NodeError> {
        let source = self.source.0.parse().map_err(|_| {
            let expected = "the address tz1… to tz5… of an implicit account";
            NodeError::malformed("source", &self.source.0, expected)
        })?;
        match self.kind {
            ContentKind::Transaction => {
                let to = self.destination.as_deref().unwrap_or_default();
                let destination = to
                    .parse()
                    .map_err(|_| NodeError::malformed("destination", to, "an address"))?;
                let amount = mutez("amount", self.amount.as_ref())?;
                let (entrypoint, value) = match &self.parameters {
                    Some(Parameters { entrypoint, value }) => {
                        (entrypoint.0.clone(), value.read("parameters")?)
                    }
                    None => (String::new(), unit()),
                };
                let entrypoint = if entrypoint == DEFAULT { String::new() } else { entrypoint };
                Ok(Content::Transaction { source, destination, amount, entrypoint, value })
            }
            ContentKind::Origination => {
                let script = self.script.as_ref();
                let script =
                    script.ok_or_else(|| NodeError::malformed("script", "", "code and storage"))?;
                let balance = mutez("balance", self.balance.as_ref())?;
                let (code, storage) = (script.code.read("code")?, script.storage.read("storage")?);
                Ok(Content::Origination { source, balance, code, storage })
            }
        }
    }
}

impl Micheline {
    /// The expression.
    pub(crate) fn read(&self, what: &'static str) -> Result<Node, NodeError> {
        from_micheline(&self.0)
            .ok_or_else(|| NodeError::malformed(what, &self.0.to_string(), "Micheline in JSON"))
    }
}

/// An amount of tez in a request.
fn mutez(what: &'static str, text: Option<&Count>) -> Result<u64, NodeError> {
    let text = text.map_or("", |count| count.0.as_str());
    let number = text.parse().ok().filter(|number| i64::try_from(*number).is_ok());
    number.ok_or_else(|| NodeError::malformed(what, text, "a number of mutez"))
}

/// `Unit`.
fn unit() -> Node {
    match Prim::from_name("Unit") {
        Some(prim) => Node::Prim { prim, args: Vec::new(), annots: Vec::new() },
        // It is a primitive of Michelson.
        None => Node::Seq(Vec::new()),
    }
}

impl TicketToken {
    pub(crate) fn of(ticket: &Ticket) -> Self {
        Self {
            ticketer: contract_address(ticket.ticketer()).to_string(),
            content_type: Micheline::of(ticket.content_type()),
            content: Micheline::of(ticket.content()),
        }
    }
}

/// The type of a ticket's content, in words.
pub(crate) fn content_type(ticket: &Ticket) -> String {
    shown(ticket.content_type())
}

// Attributes take no constants.
const _: () = assert!(mockup::limits::MAX_CONTENTS == 64);
