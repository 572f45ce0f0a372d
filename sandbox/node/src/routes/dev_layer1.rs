//! The sandbox's own endpoints about its layer 1.

use layer1::michelson::encode;
use mockup::genesis::ticket_of;
use mockup::{Code, Contract, Operation, contract_address};

use super::RequestContext;
use crate::error::NodeError;
use crate::layer1::message_ids;
use crate::limits::MAX_TOLD_OPERATIONS;
use crate::service::NodeService;
use crate::shapes::{
    ContractKind, Count, DoneOperation, Hex, KnownContract, Layer1Facts, MessageHash, NamedAccount,
    OperationHash, OperationRequest, PinKind, PinnedTicket, SolvencyReport, SolvencyTerms,
    StepOutcome, ToldOperation, content_type,
};

type Result<T> = std::result::Result<T, NodeError>;

pub(super) fn operation(
    service: &mut NodeService<'_>,
    _: &RequestContext,
    asked: OperationRequest,
) -> Result<DoneOperation> {
    let contents = asked.contents.iter().map(|one| one.read());
    let contents = contents.collect::<Result<Vec<_>>>()?;
    let source = contents.first().map(|content| *content.source());
    let counter = source.map_or(0, |source| service.chain.layer1().state().counter(&source));
    let level = service.chain.head();
    let outcome = service.chain.operate(Operation::Manager(contents))?;
    Ok(DoneOperation {
        hash: OperationHash::of(&outcome.hash),
        level,
        contents: StepOutcome::all(&outcome.calls, counter),
        messages: message_ids(outcome).map(|id| MessageHash::of(&id)).collect(),
    })
}

pub(super) fn operations(
    service: &mut NodeService<'_>,
    _: &RequestContext,
) -> Result<Vec<ToldOperation>> {
    let layer1 = service.chain.layer1();
    let told = layer1.mockup().told().take(MAX_TOLD_OPERATIONS);
    Ok(told.map(|done| ToldOperation::of(layer1.state(), done)).collect())
}

fn kind(contract: &Contract) -> ContractKind {
    match contract.code {
        Code::XtzTicketer => ContractKind::XtzTicketer,
        Code::FaTicketer(_) => ContractKind::FaTicketer,
        Code::Fa2(_) => ContractKind::Fa2,
        Code::Fa12(_) => ContractKind::Fa12,
        Code::DepositHelper(_) => ContractKind::DepositHelper,
        Code::DemoTicketer => ContractKind::DemoTicketer,
        Code::Typed => ContractKind::Typed,
    }
}

pub(super) fn facts(service: &mut NodeService<'_>, _: &RequestContext) -> Result<Layer1Facts> {
    let state = service.chain.layer1().state();
    let mut accounts: Vec<NamedAccount> = state
        .named_accounts()
        .map(|(account, name)| NamedAccount {
            name: name.to_owned(),
            address: account.to_string(),
            balance: Count::of(state.mutez(account)),
        })
        .collect();
    accounts.sort_by(|one, other| one.name.cmp(&other.name));
    let contracts = state.contracts().map(|(hash, contract)| KnownContract {
        address: contract_address(hash).to_string(),
        kind: kind(contract),
        name: contract.name.clone(),
    });
    let helper = state.contracts().find(|(_, one)| matches!(one.code, Code::DepositHelper(_)));
    let helper = helper.map(|(hash, _)| contract_address(hash).to_string());
    let pin = |(hash, contract): (&mockup::ContractHash, &Contract)| {
        let ticket = ticket_of(hash, contract)?;
        let (name, decimals) = state.ticket_name(&ticket)?;
        let kind = match contract.code {
            Code::XtzTicketer => PinKind::Tez,
            Code::FaTicketer(_) => PinKind::Fa,
            _ => PinKind::Other,
        };
        Some(PinnedTicket {
            name,
            ticketer: contract_address(hash).to_string(),
            content: Hex::of(&encode(ticket.content())),
            content_type: content_type(&ticket),
            decimals,
            kind,
            helper: helper.clone().filter(|_| kind != PinKind::Other),
        })
    };
    // What a user of the sandbox originates has no name: names that all agree on are those of its beginning.
    let named = state.contracts().filter(|(_, contract)| contract.name.is_some());
    let mut tickets: Vec<PinnedTicket> = named.filter_map(pin).collect();
    tickets.sort_by(|one, other| (one.kind, &one.name).cmp(&(other.kind, &other.name)));
    Ok(Layer1Facts { accounts, contracts: contracts.collect(), helper, tickets })
}

pub(super) fn solvency(
    service: &mut NodeService<'_>,
    _: &RequestContext,
) -> Result<SolvencyReport> {
    let state = service.chain.layer1().state();
    let (terms, since) = service.chain.solvency().ok_or(NodeError::NoSolvency)?;
    Ok(SolvencyReport {
        closed: terms.iter().all(crate::solvency::TicketTerms::close),
        since,
        tickets: terms.iter().map(|one| SolvencyTerms::of(state, one)).collect(),
    })
}
