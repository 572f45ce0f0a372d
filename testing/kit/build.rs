//! Builds the next kernel as WASM, for the tests of upgrades.

fn main() {
    kernel_build::embed("next_kernel");
}
