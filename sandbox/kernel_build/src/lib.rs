//! Builds a kernel of this workspace as WASM: for build scripts and for `toru kernel build`.
//!
//! It runs a cargo of its own: a kernel needs another target and another profile than native code. That
//! cargo has a target folder of its own too, since the outer one holds its lock. The folder is kept, so
//! that a later build only compiles what changed. This crate has no dependencies: it is built before
//! anything that embeds a kernel.

mod built;
mod cargo;
mod environment;
mod script;
mod sources;

pub use built::{Built, COMPILER, TARGET};
pub use cargo::{build, built, compiler};
pub use script::embed;
