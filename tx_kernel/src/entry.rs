//! The WASM entry points.

use host::{Host, WasmHost};

/// One run: what the PVM calls.
#[unsafe(no_mangle)]
pub extern "C" fn kernel_run() {
    // A panic is a trap either way; this one says first where it came from.
    std::panic::set_hook(Box::new(|info| WasmHost.debug(&format!("toru: {info}\n"))));
    crate::kernel_run(&WasmHost);
}

/// The name by which the first PVMs called it.
#[unsafe(no_mangle)]
pub extern "C" fn kernel_next() {
    kernel_run();
}
