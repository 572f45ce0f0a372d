//! Operations of layer 1 as its node takes and answers them: what a user signs, and what came of it.

use layer1::entrypoints::DEFAULT;
use layer1::json::from_micheline;
use layer1::michelson::{Node, Prim};
use layer1::types::shown;
use mockup::{Call, CallOutcome, CallStatus, Content, Refusal, Ticket, contract_address};
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

/// Mutez that an account gained or lost
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BalanceUpdate {
    kind: String,
    contract: String,
    change: String,
    origin: String,
}

/// A ticket
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TicketToken {
    pub(crate) ticketer: String,
    pub(crate) content_type: Micheline,
    pub(crate) content: Micheline,
}

/// Tickets that an account gained or lost
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TicketMove {
    account: String,
    amount: String,
}

/// A ticket and who gained or lost it
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TicketUpdate {
    ticket_token: TicketToken,
    updates: Vec<TicketMove>,
}

/// What became of a step
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepStatus {
    Applied,
    Failed,
    Backtracked,
    Skipped,
}

/// Why a step failed
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepError {
    kind: String,
    id: String,
    msg: String,
    /// What the contract's code fails with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    with: Option<Micheline>,
}

/// What became of a step, and what it moved
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepResult {
    status: StepStatus,
    balance_updates: Vec<BalanceUpdate>,
    ticket_updates: Vec<TicketUpdate>,
    originated_contracts: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<StepError>,
}

/// A call that a contract made, and what became of it
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InternalStep {
    kind: ContentKind,
    source: String,
    nonce: u32,
    amount: Count,
    destination: String,
    parameters: Parameters,
    result: StepResult,
}

/// What became of a step and of the calls that it led to
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepMetadata {
    balance_updates: Vec<BalanceUpdate>,
    operation_result: StepResult,
    internal_operation_results: Vec<InternalStep>,
}

/// A step of an operation, and what became of it
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepOutcome {
    kind: ContentKind,
    source: String,
    fee: Count,
    counter: Count,
    gas_limit: Count,
    storage_limit: Count,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    amount: Option<Count>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    destination: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    parameters: Option<Parameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    balance: Option<Count>,
    metadata: StepMetadata,
}

/// What an operation would come to
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SimulatedOperation {
    pub(crate) contents: Vec<StepOutcome>,
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

fn parameters(call: &Call) -> Parameters {
    let name = if call.entrypoint.is_empty() { DEFAULT } else { &call.entrypoint };
    Parameters { entrypoint: EntrypointName(name.to_owned()), value: Micheline::of(&call.value) }
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

impl StepResult {
    pub(crate) fn of(outcome: &CallOutcome) -> Self {
        let (status, errors) = match &outcome.status {
            CallStatus::Applied => (StepStatus::Applied, Vec::new()),
            CallStatus::Failed(refusal) => (StepStatus::Failed, vec![StepError::of(refusal)]),
            CallStatus::Backtracked => (StepStatus::Backtracked, Vec::new()),
            CallStatus::Skipped => (StepStatus::Skipped, Vec::new()),
        };
        let tez = outcome.tez.iter().map(|(account, change)| BalanceUpdate {
            kind: "contract".to_owned(),
            contract: account.to_string(),
            change: change.to_string(),
            origin: "block".to_owned(),
        });
        let tickets = outcome.tickets.iter().map(|(ticket, account, change)| TicketUpdate {
            ticket_token: TicketToken::of(ticket),
            updates: vec![TicketMove { account: account.to_string(), amount: change.to_string() }],
        });
        let made = outcome.originated.iter();
        let made = made.filter(|_| matches!(status, StepStatus::Applied));
        Self {
            status,
            balance_updates: tez.collect(),
            ticket_updates: tickets.collect(),
            originated_contracts: made.map(|hash| contract_address(hash).to_string()).collect(),
            errors,
        }
    }
}

impl StepError {
    fn of(refusal: &Refusal) -> Self {
        let (id, with) = match refusal {
            Refusal::Code { with, .. } => ("michelson_v1.script_rejected", Some(*with)),
            Refusal::NoContract(_) => ("contract.non_existing_contract", None),
            Refusal::Tez { .. } => ("contract.balance_too_low", None),
            Refusal::Mismatch(_) | Refusal::NoEntrypoint { .. } => {
                ("michelson_v1.bad_contract_parameter", None)
            }
            Refusal::EmptyTransfer(_) => ("contract.empty_transaction", None),
            _ => ("mockup.refused", None),
        };
        Self {
            kind: "temporary".to_owned(),
            id: format!("proto.mockup.{id}"),
            msg: refusal.to_string(),
            with: with.map(|with| Micheline::of(&Node::String(with.to_owned()))),
        }
    }
}

impl InternalStep {
    fn of(nonce: u32, outcome: &CallOutcome) -> Self {
        let call = &outcome.call;
        Self {
            kind: ContentKind::Transaction,
            source: call.sender.to_string(),
            nonce,
            amount: Count::of(call.amount),
            destination: call.destination.to_string(),
            parameters: parameters(call),
            result: StepResult::of(outcome),
        }
    }
}

impl StepOutcome {
    /// The steps of an operation, whose calls are these; the counter of its source before it is `counter`.
    pub(crate) fn all(calls: &[CallOutcome], counter: u64) -> Vec<Self> {
        let own = calls.iter().filter(|one| !one.is_internal);
        let step = |(number, outcome): (u64, &CallOutcome)| {
            let call = &outcome.call;
            let is_transaction = outcome.originated.is_none();
            let within = calls
                .iter()
                .filter(|one| one.is_internal && one.transaction == outcome.transaction);
            let internal = (0..).zip(within).map(|(nonce, one)| InternalStep::of(nonce, one));
            let kind = match is_transaction {
                true => ContentKind::Transaction,
                false => ContentKind::Origination,
            };
            Self {
                kind,
                source: call.source.to_string(),
                fee: Count::of(0),
                counter: Count::of(counter.saturating_add(number)),
                gas_limit: Count::of(0),
                storage_limit: Count::of(0),
                amount: is_transaction.then(|| Count::of(call.amount)),
                destination: is_transaction.then(|| call.destination.to_string()),
                parameters: is_transaction.then(|| parameters(call)),
                balance: (!is_transaction).then(|| Count::of(call.amount)),
                metadata: StepMetadata {
                    balance_updates: Vec::new(),
                    operation_result: StepResult::of(outcome),
                    internal_operation_results: internal.collect(),
                },
            }
        };
        (1..).zip(own).map(step).collect()
    }
}

/// The type of a ticket's content, in words.
pub(crate) fn content_type(ticket: &Ticket) -> String {
    shown(ticket.content_type())
}

// Attributes take no constants.
const _: () = assert!(mockup::limits::MAX_CONTENTS == 64);
