//! What the sandbox alone tells of its layer 1, under `/dev`.

use layer1::entrypoints::DEFAULT;
use mockup::{Asset, Change, Content, Done, Operation, State, contract_address};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::manager::{ContentRequest, content_type};
use super::steps::{StepOutcome, StepResult};
use super::texts::{Count, EntrypointName, Hex, MessageHash, OperationHash};
use crate::layer1::message_ids;
use crate::solvency::{Owed, TicketTerms};

/// An operation that is to be done, all of it or none. Nothing is signed, and no fee is paid
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperationRequest {
    #[schema(max_items = 64)]
    pub(crate) contents: Vec<ContentRequest>,
}

/// An operation that was done
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DoneOperation {
    pub(crate) hash: OperationHash,
    pub(crate) level: i32,
    pub(crate) contents: Vec<StepOutcome>,
    /// The messages that the next level's inbox has of it.
    pub(crate) messages: Vec<MessageHash>,
}

/// An account that the sandbox began with
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NamedAccount {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) balance: Count,
}

/// A contract that is known
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KnownContract {
    pub(crate) address: String,
    pub(crate) kind: ContractKind,
    #[schema(required = true)]
    pub(crate) name: Option<String>,
}

/// What a contract does
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ContractKind {
    XtzTicketer,
    FaTicketer,
    Fa2,
    #[serde(rename = "fa1.2")]
    Fa12,
    DepositHelper,
    DemoTicketer,
    Typed,
}

/// A ticket with the name that the sandbox pins to it
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PinnedTicket {
    pub(crate) name: String,
    pub(crate) ticketer: String,
    pub(crate) content: Hex,
    pub(crate) content_type: String,
    pub(crate) decimals: u8,
    pub(crate) kind: PinKind,
    #[schema(required = true)]
    pub(crate) helper: Option<String>,
}

/// What stands behind a ticket
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PinKind {
    Tez,
    Fa,
    Other,
}

/// Who and what is on the simulated layer 1
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Layer1Facts {
    pub(crate) accounts: Vec<NamedAccount>,
    pub(crate) contracts: Vec<KnownContract>,
    #[schema(required = true)]
    pub(crate) helper: Option<String>,
    pub(crate) tickets: Vec<PinnedTicket>,
}

/// What kind of operation it was
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ToldKind {
    /// What a user signs.
    Operation,
    /// An outbox message was executed.
    Execution,
    /// A contract called the rollup.
    Call,
    /// It was told what a contract takes.
    Contract,
    /// Tickets that a rollup has which was played without this layer 1.
    Found,
}

/// A call of an operation
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToldCall {
    sender: String,
    destination: String,
    entrypoint: EntrypointName,
    amount: Count,
    internal: bool,
    result: StepResult,
}

/// What something is
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AssetKind {
    Tez,
    Token,
    Ticket,
}

/// A balance before and after
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BalanceChange {
    account: String,
    #[schema(required = true)]
    name: Option<String>,
    kind: AssetKind,
    /// The token's contract, or the ticketer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    contract: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token_id: Option<Count>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    content: Option<Hex>,
    /// What it is called.
    #[schema(required = true)]
    asset: Option<String>,
    decimals: u8,
    before: Count,
    after: Count,
}

/// An operation as it is told afterwards
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToldOperation {
    hash: OperationHash,
    level: i32,
    kind: ToldKind,
    #[schema(required = true)]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    outbox_level: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    message_index: Option<u32>,
    calls: Vec<ToldCall>,
    changes: Vec<BalanceChange>,
    messages: Vec<MessageHash>,
}

/// The terms of a ticket: locked >= supply >= of_rollup, and that is all the others together
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SolvencyTerms {
    #[schema(required = true)]
    name: Option<String>,
    ticketer: String,
    content_type: String,
    content: Hex,
    /// What the ticketer has locked; `null` if nothing is known to stand behind the ticket.
    #[schema(required = true)]
    locked: Option<Count>,
    supply: Count,
    /// What the rollup has by layer 1.
    of_rollup: Count,
    /// What layer 1 has sent, and the next inbox will have.
    waiting: Count,
    /// What the rollup has collected, and not worked off.
    collected: Count,
    /// In accounts, and in withdrawals that wait for the outbox.
    on_rollup: Count,
    held: Count,
    refunds: Count,
    /// In outboxes, and not executed.
    in_outboxes: Count,
    /// In outboxes of levels that are no longer kept: taken to be what was missing at the start.
    forgotten: Count,
    closed: bool,
}

/// Whether what layer 1 has locked is what the rollup owes
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SolvencyReport {
    pub(crate) closed: bool,
    /// The first level after which it did not close.
    #[schema(required = true)]
    pub(crate) since: Option<i32>,
    pub(crate) tickets: Vec<SolvencyTerms>,
}

impl SolvencyTerms {
    pub(crate) fn of(state: &State, terms: &TicketTerms) -> Self {
        let Owed { on_rollup, held, refunds, collected } = &terms.owed;
        Self {
            name: state.ticket_name(&terms.ticket).map(|(name, _)| name),
            ticketer: contract_address(terms.ticket.ticketer()).to_string(),
            content_type: content_type(&terms.ticket),
            content: Hex::of(&layer1::michelson::encode(terms.ticket.content())),
            locked: terms.locked.as_ref().map(Count::of),
            supply: Count::of(&terms.supply),
            of_rollup: Count::of(&terms.of_rollup),
            waiting: Count::of(&terms.waiting),
            collected: Count::of(collected),
            on_rollup: Count::of(on_rollup),
            held: Count::of(held),
            refunds: Count::of(refunds),
            in_outboxes: Count::of(&terms.in_outboxes),
            forgotten: Count::of(&terms.forgotten),
            closed: terms.close(),
        }
    }
}

impl BalanceChange {
    /// A change of a balance.
    pub(crate) fn of(state: &State, change: &Change) -> Self {
        let account = change.holding.account;
        let (mut contract, mut token_id, mut of, mut content) = (None, None, None, None);
        let kind = match &change.holding.asset {
            Asset::Tez => AssetKind::Tez,
            Asset::Token { contract: found, id } => {
                contract = Some(contract_address(found).to_string());
                token_id = Some(Count::of(id));
                AssetKind::Token
            }
            Asset::Ticket(ticket) => {
                contract = Some(contract_address(ticket.ticketer()).to_string());
                of = Some(content_type(ticket));
                content = Some(Hex::of(&layer1::michelson::encode(ticket.content())));
                AssetKind::Ticket
            }
        };
        let named = state.asset_name(&change.holding.asset);
        Self {
            account: account.to_string(),
            name: state.name(&account).map(str::to_owned),
            kind,
            contract,
            token_id,
            content_type: of,
            content,
            decimals: named.as_ref().map_or(0, |(_, decimals)| *decimals),
            asset: named.map(|(name, _)| name),
            before: Count::of(&change.before),
            after: Count::of(&change.after),
        }
    }
}

impl ToldOperation {
    /// An operation that was done.
    pub(crate) fn of(state: &State, done: &Done) -> Self {
        let (kind, source, place) = match &done.operation {
            Operation::Manager(contents) => {
                (ToldKind::Operation, contents.first().map(Content::source), None)
            }
            Operation::Execute { source, outbox_level, index, .. } => {
                (ToldKind::Execution, Some(source), Some((*outbox_level, *index)))
            }
            Operation::Call { source, .. } => (ToldKind::Call, Some(source), None),
            Operation::Tell { .. } => (ToldKind::Contract, None, None),
            Operation::Found(_) => (ToldKind::Found, None, None),
        };
        let call = |one: &mockup::CallOutcome| {
            let name = one.call.entrypoint.as_str();
            ToldCall {
                sender: one.call.sender.to_string(),
                destination: one.call.destination.to_string(),
                entrypoint: EntrypointName(if name.is_empty() { DEFAULT } else { name }.to_owned()),
                amount: Count::of(one.call.amount),
                internal: one.is_internal,
                result: StepResult::of(one),
            }
        };
        let outcome = &done.outcome;
        Self {
            hash: OperationHash::of(&outcome.hash),
            level: done.level,
            kind,
            source: source.map(ToString::to_string),
            outbox_level: place.map(|(level, _)| level),
            message_index: place.map(|(_, index)| index),
            calls: outcome.calls.iter().map(call).collect(),
            changes: outcome.changes.iter().map(|one| BalanceChange::of(state, one)).collect(),
            messages: message_ids(outcome).map(|id| MessageHash::of(&id)).collect(),
        }
    }
}
