//! Our kernel, compiled into this binary.

use pvm::{NativeHost, NativeProgram, Program};

/// The kernel as a program of the PVM. It runs the same code as the kernel's WASM.
#[must_use]
pub fn native_program() -> Box<dyn Program> {
    Box::new(NativeProgram::new(|host: &NativeHost| tx_kernel::kernel_run(host)))
}
