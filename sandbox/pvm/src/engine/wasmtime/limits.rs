//! The limits of the fast engine, beside those that all engines have.

/// Bytes of stack that nested calls may take at least: without any, nothing could be called.
pub(super) const STACK_BYTES_MIN: usize = 1 << 16;

/// Bytes of stack beyond, for the host functions: as much as a thread has.
pub(super) const HOST_STACK_BYTES: usize = 2 << 20;

/// Compiled modules that a process keeps in memory for later use, for each size of stack. Of our kernel, each takes a
/// megabyte.
pub(super) const COMPILED_MODULES_MAX: usize = 16;

/// Compiled modules that are kept in a folder. Beyond them the oldest goes.
pub(super) const ARTEFACTS_MAX: usize = 32;
