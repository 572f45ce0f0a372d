//! What is built, for which target, by which compiler.

use std::path::PathBuf;

/// The target that kernels are built for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The compiler whose kernel has the hash that is published. Others may make other bytes of the same
/// sources. It is no `rust-toolchain.toml`, since rustup would fetch a compiler by that name where the same
/// one is installed as `stable`, and fail where it cannot.
pub const COMPILER: &str = "1.95.0";

/// A kernel that was built.
#[derive(Debug)]
pub struct Built {
    /// The file with the module.
    pub module: PathBuf,
    /// The files of the workspace that it was made of.
    pub sources: Vec<PathBuf>,
}
