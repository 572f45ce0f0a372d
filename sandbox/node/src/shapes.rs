//! What is answered and taken, as types: JSON is written and read by them, and `/openapi` is made of them.
//! They are those of Octez's rollup node, and the sandbox's own.

mod batcher;
mod blocks;
mod commitments;
mod contracts;
mod dev_layer1;
mod layer1;
mod manager;
mod operation;
mod outboxes;
mod sandbox;
mod service;
mod steps;
mod texts;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub(crate) use batcher::{
    InBlock, IncludedOperation, Layer1Inclusion, MessageInfo, Payloads, QueuedContent,
    QueuedMessage,
};
pub(crate) use blocks::{Block, BlockHead, Inbox, InboxFacts, InboxWithFacts};
pub(crate) use commitments::{
    CementedCommitment, Commitment, CommittedStatus, PublishedCommitment,
};
pub(crate) use contracts::{Entrypoints, Micheline};
pub(crate) use dev_layer1::{
    ContractKind, DoneOperation, KnownContract, Layer1Facts, NamedAccount, OperationRequest,
    PinKind, PinnedTicket, SolvencyReport, SolvencyTerms, ToldOperation,
};
pub(crate) use layer1::{
    BlockHeader, CallingView, Constants, ScriptView, TicketQuestion, ViewAnswer,
};
pub(crate) use manager::{OperationSimulation, Script, content_type};
pub(crate) use operation::{Insight, InsightKind, Simulated, Simulation, StoredValue};
pub(crate) use outboxes::{
    BlockOutboxMessage, Described, OutboxMessage, OutboxProof, PendingOutbox,
    PendingOutboxWithStatus,
};
pub(crate) use sandbox::{
    BakeRequest, CallEffect, ContractRequest, DepositRequest, ExecuteRequest, ExecutedMessage,
    ExecutionWindow, Head, RevertRequest, SentMessage, SnapshotRequest,
};
pub(crate) use service::{
    Config, ConfigBatcher, ConfigCors, ErrorShape, GcInfo, Health, HealthOfLayer1, Layer1Head,
    Synchronized, Version,
};
pub(crate) use steps::{SimulatedOperation, StepOutcome};
pub(crate) use texts::{
    AccountAddress, BlockHash, BlockName, ChainId, CommitmentHash, ContractAddress, Count,
    EntrypointName, Hex, Index, Key, MessageHash, Moment, OperationHash, OperationName, Order,
    RollupAddress, StateHash, WholeMessage,
};

/// A moment, in seconds since 1970, as it is written in texts.
pub(crate) fn time(seconds: i64) -> Moment {
    let moment = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    // It fails for years that have not four digits.
    Moment(moment.format(&Rfc3339).unwrap_or_default())
}
