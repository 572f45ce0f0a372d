//! Builds the next kernel from source as WASM, for tests of upgrades.

#[path = "../toru/kernel_wasm.rs"]
mod kernel_wasm;

fn main() {
    kernel_wasm::embed("next_kernel", &["testing/next_kernel"]);
}
