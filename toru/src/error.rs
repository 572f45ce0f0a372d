//! What can go wrong in the binary: the line that says so, what to do about it, the exit code.

use std::io;
use std::path::{Path, PathBuf};

use crate::address::AddressError;
use crate::exit::Exit;
use crate::inputs::InputsError;
use crate::install::InstallError;
use crate::key::KeyFailure;
use crate::plain::{one_line, quoted};
use scenario::Diagnostics;

use crate::setup::SetupError;
use crate::wallet::WalletFailure;

/// Everything that ends the program early.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A mistake on the command line.
    #[error("{problem}")]
    Usage {
        /// What is wrong.
        problem: String,
        /// What to do instead.
        hint: String,
    },
    /// The value of an option is malformed.
    #[error("{name}: {} {problem}", quoted(value))]
    Option {
        /// Which option.
        name: &'static str,
        /// What was given.
        value: String,
        /// What is wrong with it.
        problem: AddressError,
    },
    /// A file or folder cannot be used.
    #[error("cannot {action} {}: {}", shown_path(path), io_reason(source))]
    File {
        /// `read` or `write`.
        action: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The inputs file is malformed.
    #[error("{}: {problem}", shown_path(path))]
    Inputs {
        /// Which file.
        path: PathBuf,
        /// What is wrong in it.
        problem: InputsError,
    },
    /// The setup file is malformed.
    #[error("{}: {problem}", shown_path(path))]
    Setup {
        /// Which file.
        path: PathBuf,
        /// What is wrong in it.
        problem: SetupError,
    },
    /// Scenario files are malformed: which, and all that is wrong in each of them. The one failure that
    /// has more than a line to say.
    #[error("{}", scenario::report(.0))]
    Scenario(Vec<(String, Diagnostics)>),
    /// Scenarios differ from what they expect. The differences have been printed.
    #[error("{failed} of {total} scenarios differ from what they expect")]
    ScenariosFailed {
        /// How many did.
        failed: usize,
        /// Of how many.
        total: usize,
    },
    /// Counts differ from those of before. Which has been printed.
    #[error("{0} counts differ from the baseline by more than 2 %")]
    CountsChanged(usize),
    /// A report of the bench is malformed.
    #[error("{}: {}", shown_path(path), one_line(problem))]
    Report {
        /// Which file.
        path: PathBuf,
        /// What is wrong in it.
        problem: String,
    },
    /// The file is no WASM.
    #[error("{}: {problem}", shown_path(path))]
    NotAModule {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The module is no kernel.
    #[error("{}: {problem}", shown_path(path))]
    BrokenRules {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The module is no kernel, and it was to be run.
    #[error("{}: {problem}", shown_path(path))]
    Kernel {
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
        /// What it cannot.
        problem: String,
    },
    /// The kernel was stuck at the end of a level. What happened has been printed.
    #[error("level {level}: the kernel is STUCK: {problem}")]
    Stuck {
        /// Which level, the first.
        level: i32,
        /// Why.
        problem: String,
    },
    /// There is no installer of a kernel.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// A folder from which our kernel cannot be built.
    #[error("{}: no checkout (expected the package {package} in it)", shown_path(path))]
    NoCheckout {
        /// Which folder.
        path: PathBuf,
        /// What is not there.
        package: &'static str,
    },
    /// Our kernel does not build.
    #[error("{}", one_line(.0))]
    Build(String),
    /// Two folders made two kernels.
    #[error("two builds differ: blake2b-256 {first} and {second}")]
    NotReproducible {
        /// The hash of the first.
        first: String,
        /// The hash of the second.
        second: String,
    },
    /// A level that no node could play, such as one that asks for a preimage that is not there.
    #[error("level {level}: {problem}")]
    Unplayable {
        /// Which level.
        level: i32,
        /// Why.
        problem: String,
        /// What to do.
        hint: &'static str,
    },
    /// Somebody pressed Ctrl-C.
    #[error("level {level}: interrupted, and nothing of it is kept")]
    Interrupted {
        /// The level that was being played.
        level: i32,
    },
    /// Our kernel's state is not what its layout says.
    #[error("the kernel's state cannot be read: {problem}")]
    State {
        /// What is wrong with it.
        problem: String,
        /// Whether the user's setup wrote there. If not, it is our own fault.
        by_setup: bool,
    },
    /// The file that keeps a rollup cannot be used as it should be.
    #[error("{}: {problem}", shown_path(path))]
    Store {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
        /// What to do.
        hint: Option<&'static str>,
    },
    /// Rows of a file of payments that cannot be paid: each with its line. As of scenarios, all of them
    /// are told.
    #[error("{}", crate::wallet::mistakes_said(path, mistakes))]
    Sheet {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        mistakes: Vec<wallet::sheet::Mistake>,
    },
    /// Something is wrong with a key or a password.
    #[error("{}", one_line(&.0.to_string()))]
    Key(#[from] KeyFailure),
    /// Something in the wallet.
    #[error("{}", one_line(&.0.to_string()))]
    Wallet(#[from] WalletFailure),
    /// A sandbox cannot be started, is not there, or says no.
    #[error("{problem}")]
    Dev {
        /// What is wrong.
        problem: String,
        /// What to do.
        hint: Option<&'static str>,
        /// Whose word that is.
        exit: Exit,
    },
    /// Our own fault.
    #[error("internal failure: {0}")]
    Internal(String),
    /// The output could not be written.
    #[error("cannot write the output: {}", io_reason(.0))]
    Output(io::Error),
}

impl Failure {
    /// How the process ends.
    pub fn exit(&self) -> Exit {
        match self {
            Self::ScenariosFailed { .. }
            | Self::CountsChanged(_)
            | Self::Build(_)
            | Self::NotReproducible { .. } => Exit::No,
            Self::Internal(_) | Self::Output(_) | Self::State { by_setup: false, .. } => {
                Exit::Internal
            }
            Self::Key(failure) => failure.exit(),
            Self::Wallet(failure) => failure.exit(),
            Self::Dev { exit, .. } => *exit,
            Self::Stuck { .. } => Exit::Stuck,
            Self::Interrupted { .. } => Exit::Interrupted,
            _ => Exit::Input,
        }
    }

    /// The exit code.
    pub fn exit_code(&self) -> u8 {
        self.exit().code()
    }

    /// What went wrong, in a word that stays the same: the `code` of an error in JSON.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Usage { .. } | Self::Option { .. } => "usage",
            Self::File { .. } => "file",
            Self::Output(_) => "output",
            Self::Key(failure) => failure.code(),
            Self::Wallet(failure) => failure.code(),
            other => other.exit().word(),
        }
    }

    /// What to do, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } => Some(hint.clone()),
            Self::State { by_setup: true, .. } => Some("the setup writes into it".to_owned()),
            Self::Unplayable { hint, .. } => Some((*hint).to_owned()),
            Self::Wallet(failure) => failure.hint(),
            Self::Key(failure) => failure.hint().map(str::to_owned),
            Self::Dev { hint, .. } | Self::Store { hint, .. } => hint.map(str::to_owned),
            Self::Inputs { problem, .. } => problem.hint().map(str::to_owned),
            Self::Setup { problem, .. } => problem.hint().map(str::to_owned),
            Self::Kernel { .. } => {
                Some("toru kernel check states the rules and what breaks them".to_owned())
            }
            Self::EngineLimit { .. } => {
                Some("toru kernel check says whether a rollup node can run it".to_owned())
            }
            Self::Stuck { .. } => Some("--allow-stuck takes that for success".to_owned()),
            Self::CountsChanged(_) => Some(
                "explain the change, and make the new report the baseline: make bench-baseline"
                    .to_owned(),
            ),
            Self::Sheet { .. } => Some(
                "a row is to,amount,ticket and perhaps memo, under a line that says so".to_owned(),
            ),
            Self::NoCheckout { .. } => {
                Some("--source names the folder of toru's sources".to_owned())
            }
            Self::Scenario(_) => Some("docs/scenarios.md has the format".to_owned()),
            Self::File { .. }
            | Self::ScenariosFailed { .. }
            | Self::State { .. }
            | Self::Option { .. }
            | Self::Report { .. }
            | Self::NotAModule { .. }
            | Self::Interrupted { .. }
            | Self::BrokenRules { .. }
            | Self::Install(_)
            | Self::Build(_)
            | Self::NotReproducible { .. }
            | Self::Internal(_)
            | Self::Output(_) => None,
        }
    }

    /// For `map_err` when a file cannot be read.
    pub fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::File { action: "read", path: path.to_owned(), source }
    }

    /// For `map_err` when a file cannot be written.
    pub fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::File { action: "write", path: path.to_owned(), source }
    }
}

/// Writes a file whole, in the place of any that is there, and through no link.
pub(crate) fn write_file(path: &Path, bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
    files::replace(path, bytes.as_ref(), files::Readers::All).map_err(Failure::writing(path))
}

/// The system's reason without Rust's "(os error 2)".
pub(crate) fn io_reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((reason, _)) => reason.to_owned(),
        None => text,
    }
}

/// A path on one line, whatever characters are in it.
pub(crate) fn shown_path(path: &Path) -> String {
    one_line(&path.display().to_string())
}
