//! Builds our kernel from source as WASM.

fn main() {
    kernel_build::embed("tx_kernel");
}
