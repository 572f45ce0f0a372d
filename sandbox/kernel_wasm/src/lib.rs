//! Our kernel as WASM: embedded, with its hash, and built anew from a checkout.

pub mod checkout;

/// Our kernel as WASM, built from source by this crate's build script.
pub static EMBEDDED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/tx_kernel.wasm"));

/// The blake2b-256 of a module, in hex.
pub fn hash(module: &[u8]) -> String {
    hex::encode(encoding::blake2b_256(&[module]).0)
}
