//! Why a command ends without success: what is said of it, what to do about it, the exit code.
//!
//! Each command has its own errors, and says beside them what a [`Failure`] each becomes.

use std::fmt;
use std::io;
use std::path::Path;

use layer1::plain::{one_line, quoted};

use crate::exit::Exit;

/// Why a command ends without success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    kind: &'static str,
    message: String,
    hints: Vec<String>,
    exit: Exit,
}

impl Failure {
    /// A failure that says this, and nothing of what to do.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Failure { kind: exit.word(), message: message.into(), hints: Vec::new(), exit }
    }

    /// The same of an error that may have anything in it: on one line.
    pub fn of(exit: Exit, error: &impl fmt::Display) -> Self {
        Failure::new(exit, one_line(&error.to_string()))
    }

    /// What was given cannot be used.
    pub fn input(message: impl Into<String>) -> Self {
        Failure::new(Exit::Input, message)
    }

    /// The same of what is in a file.
    pub fn in_file(path: &Path, problem: &impl fmt::Display) -> Self {
        Failure::input(format!("{}: {problem}", shown_path(path)))
    }

    /// A mistake on the command line.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Failure::input(message).of_kind("usage").with_hint(hint)
    }

    /// The value of an option or an argument is malformed.
    pub fn option(name: &str, value: &str, problem: &impl fmt::Display) -> Self {
        Failure::input(format!("{name}: {} {problem}", quoted(value))).of_kind("usage")
    }

    /// A fault of this program, or of the machine.
    pub fn internal(problem: impl fmt::Display) -> Self {
        Failure::new(Exit::Internal, format!("internal failure: {problem}"))
    }

    /// The output cannot be written.
    pub fn output(error: &io::Error) -> Self {
        let message = format!("cannot write the output: {}", io_reason(error));
        Failure::new(Exit::Internal, message).of_kind("output")
    }

    /// For `map_err` when a file cannot be read.
    pub fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |error| Failure::file("read", path, &error)
    }

    /// For `map_err` when a file cannot be written.
    pub fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |error| Failure::file("write", path, &error)
    }

    /// Something cannot be done with a file or a folder.
    pub fn file(action: &str, path: &Path, error: &io::Error) -> Self {
        let (path, reason) = (shown_path(path), io_reason(error));
        Failure::input(format!("cannot {action} {path}: {reason}")).of_kind("file")
    }

    /// The same with a word of its own for what went wrong: the `code` of an error in JSON.
    #[must_use]
    pub fn of_kind(self, kind: &'static str) -> Self {
        Failure { kind, ..self }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// How the process ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// What went wrong, in a word that stays the same.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// What to do, where there is something to do.
    #[must_use]
    pub fn hints(&self) -> &[String] {
        &self.hints
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

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
