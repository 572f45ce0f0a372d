//! The command line of `toru key`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use keys::Name;

use crate::exit::exit_codes;

/// `toru key`.
#[derive(Debug, Args)]
#[command(
    after_help = concat!(
        "Passwords and secrets are asked for at the terminal; where standard input is no terminal, each is \
        read from a line of it, in the order in which they would be asked for. ",
        exit_codes!()
    )
)]
pub struct KeyArgs {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: KeyCommand,

    /// Folder of the keys [default: $XDG_DATA_HOME/toru/keys, or ~/.local/share/toru/keys]
    #[arg(long, value_name = "DIR", global = true, env = "TORU_KEYS")]
    pub(super) keys: Option<PathBuf>,

    /// Take the password of the key's file from the first line of this file
    ///
    /// A byte order mark before it is dropped, here and before whatever comes from standard input.
    #[arg(long, value_name = "FILE", global = true, env = "TORU_PASSWORD_FILE")]
    pub(super) password_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Make a key and keep it under a password
    New {
        /// The name: a letter, then letters, digits, '_' or '-'
        name: Name,
        /// Grow it from 24 words (BIP-39), and print them: they are the key
        ///
        /// It stands at m/12381/1729/0/0 of the tree of EIP-2333 that grows from the words.
        #[arg(long)]
        words: bool,
        /// Print one JSON object: name, tz4, public_key, path, file, and words with --words
        #[arg(long)]
        json: bool,
    },
    /// Keep a key that there is already
    Import {
        /// The name: a letter, then letters, digits, '_' or '-'
        name: Name,
        /// Read the key as Octez writes it: BLsk…, or BLesk… and its passphrase
        #[arg(long, required_unless_present = "mnemonic", conflicts_with = "mnemonic")]
        octez: bool,
        /// Read the key's words (BIP-39, English)
        #[arg(long)]
        mnemonic: bool,
        /// Which key of those words: ACCOUNT in m/12381/1729/ACCOUNT/0
        #[arg(long, default_value_t = 0, requires = "mnemonic")]
        account: u32,
        /// Print one JSON object: name, tz4, public_key, path, file
        #[arg(long)]
        json: bool,
    },
    /// Print a key as Octez reads it (octez-client import secret key NAME unencrypted:BLsk…)
    Export {
        /// Which key
        name: Name,
        /// Plain, or under a passphrase
        #[arg(long, value_enum)]
        format: Format,
        /// Print a plain secret without asking whether that is meant
        #[arg(long)]
        yes: bool,
    },
    /// List all keys
    List {
        /// Print one JSON object: {"keys": [{name, tz4, public_key, path, file}]}
        #[arg(long)]
        json: bool,
    },
    /// Show a key's account and public key
    Show {
        /// Which key
        name: Name,
        /// Print one JSON object: name, tz4, public_key, path, file
        #[arg(long)]
        json: bool,
    },
    /// Remove a key for good
    Rm {
        /// Which key
        name: Name,
        /// Remove it without asking whether that is meant
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// The secret, plain
    #[value(name = "BLsk")]
    Plain,
    /// The secret under a passphrase
    #[value(name = "BLesk")]
    Encrypted,
}
