//! What came of an operation of layer 1, as its node answers it: each step with its status, and what it moved.

use layer1::entrypoints::DEFAULT;
use layer1::michelson::Node;
use mockup::{Call, CallOutcome, CallStatus, Refusal, contract_address};
use serde::Serialize;
use utoipa::ToSchema;

use super::Micheline;
use super::manager::{ContentKind, Parameters, TicketToken};
use super::texts::{Count, EntrypointName};

/// Mutez that an account gained or lost
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BalanceUpdate {
    kind: String,
    contract: String,
    change: String,
    origin: String,
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

fn parameters(call: &Call) -> Parameters {
    let name = if call.entrypoint.is_empty() { DEFAULT } else { &call.entrypoint };
    Parameters { entrypoint: EntrypointName(name.to_owned()), value: Micheline::of(&call.value) }
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
