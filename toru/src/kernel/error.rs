//! Why a file is no kernel, or none that can be run here.

use std::path::PathBuf;

use kernel_wasm::checkout::{BuildError, PACKAGE};
use layer1::plain::one_line;

use crate::error::{Failure, shown_path};
use crate::exit::Exit;

/// Why a file is no kernel, or none that can be run here.
#[derive(Debug, thiserror::Error)]
pub enum KernelError {
    /// The file is no WASM module.
    #[error("{}: {problem}", shown_path(path))]
    NotAModule {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The module breaks a rule of the PVM.
    #[error("{}: {problem}", shown_path(path))]
    BrokenRules {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The module breaks a rule, and it was to be run.
    #[error("{}: {problem}", shown_path(path))]
    CannotRun {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The module keeps the rules, but toru's engine cannot run it.
    #[error("{}: {problem}", shown_path(path))]
    EngineLimit {
        /// Which file.
        path: PathBuf,
        /// What the engine cannot do.
        problem: String,
    },
}

impl From<KernelError> for Failure {
    fn from(error: KernelError) -> Self {
        let failure = Failure::input(error.to_string());
        match error {
            KernelError::NotAModule { .. } | KernelError::BrokenRules { .. } => failure,
            KernelError::CannotRun { .. } => {
                failure.with_hint("toru kernel check states the rules and what breaks them")
            }
            KernelError::EngineLimit { .. } => {
                failure.with_hint("toru kernel check says whether a rollup node can run it")
            }
        }
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::NoCheckout(path) => {
                let problem = format!("no checkout (expected the package {PACKAGE} in it)");
                Failure::in_file(&path, &problem)
                    .with_hint("--source names the folder of toru's sources")
            }
            BuildError::Read { path, source } => Failure::reading(&path)(source),
            BuildError::Write { path, source } => Failure::writing(&path)(source),
            BuildError::Cargo(problem) => Failure::new(Exit::No, one_line(&problem)),
            BuildError::NotReproducible { .. } => Failure::of(Exit::No, &error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_kernels_that_differ_are_a_no() {
        let (first, second) = ("a1".to_owned(), "b2".to_owned());
        let failure = Failure::from(BuildError::NotReproducible { first, second });
        let expected = "two builds differ: blake2b-256 a1 and b2";
        assert_eq!((failure.to_string().as_str(), failure.exit().code()), (expected, 1));
    }
}
