//! `toru completions`: what a shell has to know to complete a command line of ours.

use clap::{CommandFactory, ValueEnum};
use clap_complete::{Shell as Known, generate};
use serde_json::json;

use crate::error::Failure;
use crate::ui::{Output, Ui};

/// The shells that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Bash: source <(toru completions bash)
    Bash,
    /// Z shell: toru completions zsh > a file _toru in a folder of $fpath
    Zsh,
    /// Fish: toru completions fish > ~/.config/fish/completions/toru.fish
    Fish,
}

/// The script for a shell, of a command line.
///
/// # Errors
/// When what is written is no text.
pub fn script<C: CommandFactory>(shell: Shell, ui: &Ui) -> Result<Output, Failure> {
    let (known, name) = match shell {
        Shell::Bash => (Known::Bash, "bash"),
        Shell::Zsh => (Known::Zsh, "zsh"),
        Shell::Fish => (Known::Fish, "fish"),
    };
    let mut script = Vec::new();
    generate(known, &mut C::command(), "toru", &mut script);
    let script = String::from_utf8(script)
        .map_err(|error| Failure::internal(format!("the script: {error}")))?;
    ui.answer(&json!({"shell": name, "script": &script}), || script.clone())
}
