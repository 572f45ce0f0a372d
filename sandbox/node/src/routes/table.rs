//! Every endpoint: its path, what it takes, what serves it, and the shape of what comes back. Requests
//! are routed by this table, and `/openapi` is written from it.

use super::{
    Asked, Served, batcher, block, config, dev, durable, global, layer1, openapi, outbox, simulate,
    status,
};
use crate::desk::Desk;
use crate::error::NodeError;

/// What serves an endpoint.
type Serve = fn(&mut Desk<'_>, &Asked<'_>) -> Result<Served, NodeError>;

/// An endpoint.
pub(super) struct Endpoint {
    /// Its path, with parameters in braces.
    pub(super) path: &'static str,
    /// What it is.
    pub(super) summary: &'static str,
    /// What it takes after the path.
    pub(super) queries: &'static [Query],
    /// The schema of its body; without one it takes GET.
    pub(super) body: Option<&'static str>,
    /// The schema of its answer, or of each value of its stream.
    pub(super) answer: &'static str,
    pub(super) serve: Serve,
}

/// What can be given after a path.
pub(super) struct Query {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) required: bool,
    pub(super) schema: &'static str,
}

const fn query(
    name: &'static str,
    required: bool,
    schema: &'static str,
    about: &'static str,
) -> Query {
    Query { name, about, required, schema }
}

const KEY: &[Query] = &[query("key", true, "Key", "A path in durable storage")];
const INDEX: &[Query] = &[query("index", true, "Index", "The message's place in the outbox")];
const OUTBOX: &[Query] = &[query("outbox", false, "Flag", "With the outbox of its level")];
const OUTBOX_LEVEL: &[Query] =
    &[query("outbox_level", false, "Level", "The outbox of this level only")];
const TYPES: &[Query] = &[query(
    "normalize_types",
    false,
    "Flag",
    "Taken, and changes nothing: no type is stored otherwise",
)];
const INJECTION: &[Query] = &[
    query("order", false, "Order", "Messages with an order come before others, the least first"),
    query("drop_duplicate", false, "Flag", "Do not take again what is known"),
];

const fn get(
    path: &'static str,
    queries: &'static [Query],
    serve: Serve,
    answer: &'static str,
    summary: &'static str,
) -> Endpoint {
    Endpoint { path, summary, queries, body: None, answer, serve }
}

const fn post(
    path: &'static str,
    queries: &'static [Query],
    body: &'static str,
    serve: Serve,
    answer: &'static str,
    summary: &'static str,
) -> Endpoint {
    Endpoint { path, summary, queries, body: Some(body), answer, serve }
}

impl Endpoint {
    /// `GET` or `POST`.
    pub(super) fn method(&self) -> &'static str {
        if self.body.is_some() { "POST" } else { "GET" }
    }
}

/// Those that a rollup node has.
#[rustfmt::skip]
pub(super) const ENDPOINTS: [Endpoint; 44] = [
    get("/global/smart_rollup_address", &[], global::address, "Address", "The rollup's address"),
    get("/global/tezos_head", &[], global::head, "BlockHash", "The head's hash, which is the simulation's own"),
    get("/global/tezos_level", &[], global::level, "Level", "The head's level"),
    get("/global/last_stored_commitment", &[], global::last_stored, "CommitmentOrNull", "The last commitment that was made"),
    get("/global/last_cemented_commitment", &[], global::last_cemented, "CementedOrNull", "The last commitment that is cemented"),
    get("/global/monitor_blocks", &[], global::monitor, "BlockHead", "A stream of blocks, from the head on: a value a line"),
    get("/global/monitor_finalized_blocks", &[], global::monitor_finalized, "BlockHead", "A stream of blocks that are final, from the last one on: a value a line"),
    get("/global/block/{block}", OUTBOX, block::block, "Block", "A block: head, finalized, cemented, a level or a hash"),
    get("/global/block/{block}/hash", &[], block::hash, "BlockHash", "Its hash, which is the simulation's own"),
    get("/global/block/{block}/level", &[], block::level, "Level", "Its level"),
    get("/global/block/{block}/inbox", &[], block::inbox, "Inbox", "Its inbox; what is known of it is the simulation's own"),
    get("/global/block/{block}/num_messages", &[], block::num_messages, "Count", "Messages of its inbox, the protocol's included"),
    get("/global/block/{block}/ticks", &[], block::ticks, "Count", "The ticks of its level, padded as the PVM's are"),
    get("/global/block/{block}/total_ticks", &[], block::total_ticks, "Count", "The ticks of all levels up to its own"),
    get("/global/block/{block}/committed_status", &[], block::committed_status, "CommittedStatus", "How far the commitment is that has it in it. Times are as if levels came as they do now"),
    get("/global/block/{block}/status", &[], block::status, "Status", "The PVM after it"),
    get("/global/block/{block}/state_hash", &[], block::state_hash, "StateHash", "The state after it: the simulation's own hash, over the block's"),
    get("/global/block/{block}/state_current_level", &[], block::level, "Level", "The level that the PVM is at after it"),
    get("/global/block/{block}/durable/wasm_2_0_0/value", KEY, durable::value, "HexOrNull", "A value"),
    get("/global/block/{block}/durable/wasm_2_0_0/length", KEY, durable::length, "CountOrNull", "How many bytes a value has"),
    get("/global/block/{block}/durable/wasm_2_0_0/subkeys", KEY, durable::subkeys, "Names", "The names below a path"),
    get("/global/block/{block}/durable/wasm_2_0_0/values", KEY, durable::values, "Values", "All values below a path"),
    get("/global/block/{block}/outbox", OUTBOX_LEVEL, outbox::of_level, "OutboxMessages", "The outbox of a level, that of the block unless it is said"),
    get("/global/block/{block}/outbox/{level}/messages", &[], outbox::messages, "OutboxMessages", "The outbox of a level"),
    get("/global/block/{block}/helpers/proofs/outbox/{level}/messages", INDEX, outbox::proof, "OutboxProof", "What executes a message: under the last cemented commitment, whatever the block. The proof is the simulation's own"),
    post("/global/block/{block}/simulate", &[], "Simulation", simulate::simulate, "Simulated", "Plays messages as the level after the head, the only block there is for it; changes nothing"),
    post("/local/batcher/injection", INJECTION, "Payloads", batcher::inject, "MessageIds", "Takes external messages, without the tag. They are on the disk when it answers"),
    get("/local/batcher/queue", &[], batcher::queue, "QueuedMessages", "The external messages that wait for a level, in the order in which it takes them"),
    get("/local/batcher/queue/{id}", &[], status::message, "MessageStatus", "What became of a message"),
    get("/local/injector/operation/{operation}/status", &[], status::of_operation, "MessageStatus", "What became of the message that is an operation of layer 1, by the hash of that or its name in the injector"),
    get("/local/gc_info", &[], config::gc_info, "GcInfo", "From which level on all is kept"),
    get("/local/last_published_commitment", &[], global::last_published, "PublishedCommitmentOrNull", "The last commitment that was published"),
    get("/local/commitments/{commitment}", &[], global::commitment, "PublishedCommitmentOrNull", "The commitment of a hash"),
    get("/local/outbox/pending", OUTBOX_LEVEL, outbox::pending, "PendingOutboxes", "Messages that have not been executed"),
    get("/local/outbox/pending/executable", OUTBOX_LEVEL, outbox::executable, "Outboxes", "Those of them that can be executed"),
    get("/local/outbox/pending/unexecutable", OUTBOX_LEVEL, outbox::unexecutable, "Outboxes", "Those of them that cannot be executed yet"),
    get("/local/synchronized", &[], global::synchronized, "Synchronized", "Whether the node follows layer 1: always, as it makes it"),
    get("/chains/main/blocks/head/context/contracts/{contract}/entrypoints", TYPES, layer1::entrypoints, "Entrypoints", "What a contract of the simulated layer 1 can be called with, as layer 1's node has it"),
    get("/chains/main/blocks/head/context/contracts/{contract}/entrypoints/{name}", TYPES, layer1::entrypoint, "Micheline", "The type of an entrypoint"),
    get("/config", &[], config::config, "Config", "The configuration that a rollup node would have"),
    get("/health", &[], config::health, "Health", "Whether the node works"),
    get("/version", &[], config::version, "Version", "The version of the sandbox"),
    get("/ping", &[], global::ping, "Nothing", "Nothing"),
    get("/openapi", &[], openapi::openapi, "Document", "This document"),
];

/// Those of the sandbox alone.
#[rustfmt::skip]
pub(super) const DEV: [Endpoint; 8] = [
    post("/dev/mine", &[], "Mine", dev::mine, "Head", "Bakes levels"),
    post("/dev/deposit", &[], "Deposit", dev::deposit, "Sent", "A contract's call of the rollup. It is on the disk when it answers"),
    post("/dev/snapshot", &[], "Snapshot", dev::snapshot, "Head", "Names the state as it is"),
    post("/dev/revert", &[], "Revert", dev::revert, "Head", "Goes back to a level or a snapshot"),
    post("/dev/execute", &[], "Execute", dev::execute, "Executed", "Executes an outbox message: by its place, or with a proof of the proof endpoint"),
    post("/dev/contract", &[], "Contract", dev::contract, "Entrypoints", "Tells what a contract of the simulated layer 1 can be called with. It is on the disk when it answers"),
    post("/dev/stop", &[], "Anything", dev::stop, "Head", "Ends the sandbox"),
    get("/dev/outbox/{level}", &[], dev::outbox, "Prospects", "When the messages of an outbox can be executed"),
];
