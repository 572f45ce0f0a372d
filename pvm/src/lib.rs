//! An embedded Tezos WASM PVM: levels, reboots, durable storage, reveals and outbox, with no Octez node.
