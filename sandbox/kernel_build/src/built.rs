//! What is built, for which target, by which compiler.

use std::path::PathBuf;

/// The target that kernels are built for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The compiler whose kernel has the hash that is published: that of `rust-toolchain.toml`. Others may make other
/// bytes of the same sources.
pub const COMPILER: &str = "1.95.0";

/// A kernel that was built.
#[derive(Debug)]
pub struct Built {
    /// The file with the module.
    pub module: PathBuf,
    /// The files of the workspace that it was made of.
    pub sources: Vec<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_is_that_of_the_toolchain_file() {
        let file = include_str!("../../../rust-toolchain.toml");
        assert!(file.contains(&format!("\nchannel = \"{COMPILER}\"\n")), "{file}");
    }
}
