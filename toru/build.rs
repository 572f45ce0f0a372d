//! Builds our kernel from source as WASM, for `toru` to embed.

mod kernel_wasm;

fn main() {
    kernel_wasm::embed("tx_kernel", &[]);
}
