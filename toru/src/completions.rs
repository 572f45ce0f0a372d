//! `toru completions`: what a shell has to know to complete a command line of ours.

use clap::{CommandFactory, ValueEnum};
use clap_complete::{Shell as Known, generate};
use serde_json::json;

use crate::cli::Cli;
use crate::error::Failure;
use crate::out::json_line;

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

/// The script for a shell. It fails only where what is written is no text.
pub fn script(shell: Shell, json: bool) -> Result<String, Failure> {
    let (known, name) = match shell {
        Shell::Bash => (Known::Bash, "bash"),
        Shell::Zsh => (Known::Zsh, "zsh"),
        Shell::Fish => (Known::Fish, "fish"),
    };
    let mut script = Vec::new();
    generate(known, &mut Cli::command(), "toru", &mut script);
    let script = String::from_utf8(script)
        .map_err(|error| Failure::Internal(format!("the script: {error}")))?;
    if json { json_line(&json!({"shell": name, "script": script})) } else { Ok(script) }
}
