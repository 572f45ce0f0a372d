//! Every endpoint but `/openapi`, which is written from this table. Requests are routed by it as well.

use web::openapi::{Parameter, shape};

use super::endpoint::{Effect, Endpoint, get, post, signal, stream};
use super::{
    batcher, block, config, dev, dev_layer1, durable, global, layer1, outbox, simulate, status,
};
use crate::shapes::{Index, Key, Order};
use crate::subscribers::Feed;

const KEY: &[Parameter] = &[Parameter {
    name: "key",
    required: true,
    is_header: false,
    shape: shape::<Key>,
    about: "A path in durable storage",
}];
const INDEX: &[Parameter] = &[Parameter {
    name: "index",
    required: true,
    is_header: false,
    shape: shape::<Index>,
    about: "The message's index in the outbox",
}];
const OUTBOX: &[Parameter] = &[Parameter {
    name: "outbox",
    required: false,
    is_header: false,
    shape: shape::<bool>,
    about: "With the outbox of its level",
}];
const OUTBOX_LEVEL: &[Parameter] = &[Parameter {
    name: "outbox_level",
    required: false,
    is_header: false,
    shape: shape::<i32>,
    about: "The outbox of this level only",
}];
const TYPES: &[Parameter] = &[Parameter {
    name: "normalize_types",
    required: false,
    is_header: false,
    shape: shape::<bool>,
    about: "Taken, and changes nothing: no type is stored otherwise",
}];
const INJECTION: &[Parameter] = &[
    Parameter {
        name: "order",
        required: false,
        is_header: false,
        shape: shape::<Order>,
        about: "Messages with an order come before others, the least first",
    },
    Parameter {
        name: "drop_duplicate",
        required: false,
        is_header: false,
        shape: shape::<bool>,
        about: "Do not take again what is known",
    },
];

/// All that is served: what a rollup node has, and what the sandbox alone has if it is asked for.
pub(super) fn endpoints(dev: bool) -> Vec<Endpoint> {
    let mut all = Vec::new();
    all.extend(node());
    if dev {
        all.extend(sandbox());
    }
    all
}

#[rustfmt::skip]
fn node() -> [Endpoint; 55] {
    [
        get("/global/smart_rollup_address", &[], global::address, "The rollup's address"),
        get("/global/tezos_head", &[], global::head, "The head's hash, which is the simulation's own"),
        get("/global/tezos_level", &[], global::level, "The head's level"),
        get("/global/last_stored_commitment", &[], global::last_stored, "The last commitment that was made"),
        get("/global/last_cemented_commitment", &[], global::last_cemented, "The last commitment that is cemented"),
        stream("/global/monitor_blocks", Feed::Head, "A stream of blocks, from the head on: a value a line"),
        stream("/global/monitor_finalized_blocks", Feed::Final, "A stream of blocks that are final, from the last one on: a value a line"),
        get("/global/block/{block}", OUTBOX, block::block, "A block: head, finalized, cemented, a level or a hash"),
        get("/global/block/{block}/hash", &[], block::hash, "Its hash, which is the simulation's own"),
        get("/global/block/{block}/level", &[], block::level, "Its level"),
        get("/global/block/{block}/inbox", &[], block::inbox, "Its inbox; what is known of it is the simulation's own"),
        get("/global/block/{block}/num_messages", &[], block::num_messages, "Messages of its inbox, the protocol's included"),
        get("/global/block/{block}/ticks", &[], block::ticks, "The ticks of its level, padded as the PVM's are"),
        get("/global/block/{block}/total_ticks", &[], block::total_ticks, "The ticks of all levels up to its own"),
        get("/global/block/{block}/committed_status", &[], block::committed_status, "How far the commitment is that has it in it. Times are as if levels came as they do now"),
        get("/global/block/{block}/status", &[], block::status, "The PVM after it"),
        get("/global/block/{block}/state_hash", &[], block::state_hash, "The hash of the state after it, as every rollup node computes it"),
        get("/global/block/{block}/state_current_level", &[], block::level, "The level that the PVM is at after it"),
        get("/global/block/{block}/durable/wasm_2_0_0/value", KEY, durable::value, "A value"),
        get("/global/block/{block}/durable/wasm_2_0_0/length", KEY, durable::length, "How many bytes a value has"),
        get("/global/block/{block}/durable/wasm_2_0_0/subkeys", KEY, durable::subkeys, "The names below a path"),
        get("/global/block/{block}/durable/wasm_2_0_0/values", KEY, durable::values, "All values below a path"),
        get("/global/block/{block}/outbox", OUTBOX_LEVEL, outbox::of_level, "The outbox of a level, that of the block unless it is said"),
        get("/global/block/{block}/outbox/{level}/messages", &[], outbox::messages, "The outbox of a level"),
        get("/global/block/{block}/helpers/proofs/outbox/{level}/messages", INDEX, outbox::proof, "What executes a message: under the last cemented commitment, whatever the block"),
        post("/global/block/{block}/simulate", &[], Effect::Reads, simulate::simulate, "Plays messages as the level after the head, the only block there is for it; changes nothing"),
        post("/local/batcher/injection", INJECTION, Effect::Sends, batcher::inject, "Takes external messages, without the tag. They are on the disk when it answers"),
        get("/local/batcher/queue", &[], batcher::queue, "The external messages that wait for a level, in the order in which it takes them"),
        get("/local/batcher/queue/{id}", &[], status::message, "What became of a message"),
        get("/local/injector/operation/{operation}/status", &[], status::of_operation, "What became of the message that is an operation of layer 1, by the hash of that or its name in the injector"),
        get("/local/gc_info", &[], config::gc_info, "From which level on all is kept"),
        get("/local/last_published_commitment", &[], global::last_published, "The last commitment that was published"),
        get("/local/commitments/{commitment}", &[], global::commitment, "The commitment of a hash"),
        get("/local/outbox/pending", OUTBOX_LEVEL, outbox::pending, "Messages that have not been executed"),
        get("/local/outbox/pending/executable", OUTBOX_LEVEL, outbox::executable, "Those of them that can be executed"),
        get("/local/outbox/pending/unexecutable", OUTBOX_LEVEL, outbox::unexecutable, "Those of them that cannot be executed yet"),
        get("/local/synchronized", &[], global::synchronized, "Whether the node follows layer 1: always, as it makes it"),
        get("/chains/main/chain_id", &[], layer1::chain_id, "The name of the simulated layer 1, which is the simulation's own"),
        get("/chains/main/blocks/{block}/header", &[], layer1::header, "What a block of the simulated layer 1 says of itself"),
        get("/chains/main/blocks/{block}/context/constants", &[], layer1::constants, "The constants of layer 1 that mean something here"),
        get("/chains/main/blocks/{block}/context/contracts/{account}/balance", &[], layer1::balance, "Mutez of an account or a contract"),
        get("/chains/main/blocks/{block}/context/contracts/{account}/counter", &[], layer1::counter, "The counter of an account's last operation"),
        get("/chains/main/blocks/{block}/context/contracts/{contract}/script", &[], layer1::script_of, "The script of a contract, if it is one that we ship, and what it has stored"),
        get("/chains/main/blocks/{block}/context/contracts/{contract}/storage", &[], layer1::stored, "What such a contract has stored"),
        get("/chains/main/blocks/{block}/context/contracts/{contract}/entrypoints", TYPES, layer1::entrypoints, "What a contract of the simulated layer 1 can be called with, as layer 1's node has it"),
        get("/chains/main/blocks/{block}/context/contracts/{contract}/entrypoints/{name}", TYPES, layer1::entrypoint, "The type of an entrypoint"),
        post("/chains/main/blocks/{block}/context/contracts/{account}/ticket_balance", &[], Effect::Reads, layer1::ticket_balance, "How many of a ticket an account or a contract has"),
        post("/chains/main/blocks/{block}/context/smart_rollups/smart_rollup/{rollup}/ticket_balance", &[], Effect::Reads, layer1::rollup_ticket_balance, "How many of a ticket the rollup has"),
        post("/chains/main/blocks/{block}/helpers/scripts/run_script_view", &[], Effect::Reads, layer1::script_view, "What a view of a contract answers"),
        post("/chains/main/blocks/{block}/helpers/scripts/run_view", &[], Effect::Reads, layer1::calling_view, "What an entrypoint would call back with"),
        post("/chains/main/blocks/{block}/helpers/scripts/simulate_operation", &[], Effect::Reads, layer1::simulate_operation, "What an operation would come to, upon the head"),
        get("/config", &[], config::config, "The configuration that a rollup node would have"),
        get("/health", &[], config::health, "Whether the node works"),
        get("/version", &[], config::version, "The version of the sandbox"),
        get("/ping", &[], global::ping, "Nothing"),
    ]
}

#[rustfmt::skip]
fn sandbox() -> [Endpoint; 12] {
    [
        post("/dev/mine", &[], Effect::Changes, dev::mine, "Bakes levels"),
        post("/dev/deposit", &[], Effect::Sends, dev::deposit, "A contract's call of the rollup. It is on the disk when it answers"),
        post("/dev/snapshot", &[], Effect::Changes, dev::snapshot, "Names the state as it is"),
        post("/dev/revert", &[], Effect::Changes, dev::revert, "Goes back to a level or a snapshot"),
        post("/dev/execute", &[], Effect::Sends, dev::execute, "Executes an outbox message: by its index, or with a proof of the proof endpoint"),
        post("/dev/contract", &[], Effect::Sends, dev::contract, "Tells what a contract of the simulated layer 1 can be called with. It is on the disk when it answers"),
        post("/dev/operation", &[], Effect::Sends, dev_layer1::operation, "Does an operation on the simulated layer 1, all of it or none, for whoever its source is. It is on the disk when it answers"),
        get("/dev/operations", &[], dev_layer1::operations, "The last operations of the simulated layer 1, newest first, and the balances that they changed"),
        get("/dev/layer1", &[], dev_layer1::facts, "Who and what is on the simulated layer 1"),
        get("/dev/solvency", &[], dev_layer1::solvency, "Whether what layer 1 has locked is what the rollup owes: each term of each ticket, and since when they do not close, as looked at after every level"),
        signal("/dev/stop", dev::stop, "Ends the sandbox"),
        get("/dev/outbox/{level}", &[], dev::outbox, "When the messages of an outbox can be executed"),
    ]
}
