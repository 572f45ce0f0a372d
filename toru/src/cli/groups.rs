//! Groups of options that several commands share: each is described in one place, and flattened into the
//! commands that take it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::error::Failure;
use wallet::follow::Settlement;

/// Where a rollup node is unless it is said: where `toru dev` serves.
pub const ENDPOINT: &str = "127.0.0.1:8932";

/// Which node, and which rollup.
#[derive(Clone, Debug, Args)]
pub struct EndpointArgs {
    /// The rollup node: http://HOST:PORT or https://…
    #[arg(long, value_name = "URL", env = "TORU_ENDPOINT", default_value = ENDPOINT)]
    pub endpoint: String,

    /// The rollup that is meant; by default, the one that the node runs
    #[arg(long, value_name = "sr1…", env = "TORU_ROLLUP")]
    pub rollup: Option<String>,
}

/// Which sandbox.
#[derive(Clone, Debug, Args)]
pub struct SandboxArgs {
    /// Where the sandbox is; one that is just being started is waited for
    #[arg(long, value_name = "URL", env = "TORU_ENDPOINT", default_value = ENDPOINT)]
    pub endpoint: String,
}

/// Where keys are, and the password to their files.
#[derive(Clone, Debug, Args)]
pub struct KeyringArgs {
    /// Folder of the keys [default: $XDG_DATA_HOME/toru/keys, or ~/.local/share/toru/keys]
    #[arg(long, value_name = "DIR", env = "TORU_KEYS")]
    pub keys: Option<PathBuf>,

    /// Take the password of the key's file from the first line of this file
    #[arg(long, value_name = "FILE", env = "TORU_PASSWORD_FILE")]
    pub password_file: Option<PathBuf>,
}

/// Whether JSON is printed. [`crate::ui::Ui`] has looked for it before the command line was read.
#[derive(Clone, Copy, Debug, Args)]
pub struct JsonArgs {
    /// Print one JSON object instead of words
    #[arg(long)]
    pub json: bool,
}

/// What every command of the wallet takes.
#[derive(Clone, Debug, Args)]
pub struct WalletArgs {
    /// Where the rollup is.
    #[command(flatten)]
    pub at: EndpointArgs,

    /// Where keys are.
    #[command(flatten)]
    pub keyring: KeyringArgs,

    /// Where pinned tickets are.
    #[command(flatten)]
    pub pins: PinsArgs,

    /// How it is printed.
    #[command(flatten)]
    pub json: JsonArgs,

    /// Show the whole plan and the whole result, however long they are
    #[arg(long)]
    pub verbose: bool,
}

/// Whether it is really done.
#[derive(Clone, Copy, Debug, Args)]
pub struct ConfirmArgs {
    /// Show what it would do, and stop
    #[arg(long)]
    pub dry_run: bool,

    /// Do not ask for confirmation
    #[arg(long)]
    pub yes: bool,
}

/// How long a result is waited for.
#[derive(Clone, Copy, Debug, Args)]
pub struct WaitArgs {
    /// Wait until it has reached a stage; "included" if none is named
    ///
    /// The stages: "included", in a level, which a reorganisation of layer 1 may still take back;
    /// "final", which no reorganisation takes back, two levels later; "committed", in a commitment on
    /// layer 1; "cemented", when nobody can refute that commitment any more.
    #[arg(
        long,
        value_name = "STAGE",
        num_args = 0..=1,
        default_missing_value = "included",
        value_parser = stage
    )]
    pub wait: Option<Settlement>,

    /// How many seconds to wait at most
    #[arg(long, value_name = "SECONDS", default_value_t = 600, allow_negative_numbers = true)]
    pub timeout: u64,
}

impl WaitArgs {
    /// How long that is.
    #[must_use]
    pub fn time(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

/// Reads the name of a stage.
fn stage(text: &str) -> Result<Settlement, String> {
    let found = Settlement::ALL.into_iter().find(|stage| stage.word() == text);
    found.ok_or_else(|| {
        let words: Vec<&str> = Settlement::ALL.into_iter().map(Settlement::word).collect();
        format!("expected one of {}", words.join(", "))
    })
}

/// By which way something goes to the rollup.
#[derive(Clone, Debug, Args)]
pub struct ViaArgs {
    /// The way to an inbox: through the batcher at URL, by the "node", or "layer1", which prints a command and sends
    /// nothing
    ///
    /// A batcher puts transactions of many people into one batch, which is cheaper if they sign it. What it is
    /// given is signed already: it can neither change it nor pay it twice. "node" is the rollup node's own batcher.
    /// "layer1" bypasses both: it prints the octez-client command that puts the message into an inbox. By default,
    /// toru send asks the batcher of a sandbox, and everything else goes by the node.
    #[arg(long, value_name = "URL|node|layer1", env = "TORU_BATCHER")]
    pub via: Option<String>,

    /// Through a batcher: do not stay to sign the batch; your own signature is used
    #[arg(long)]
    pub no_cosign: bool,

    /// Through a batcher: pay it at most this fee, such as 0.01 USDt
    #[arg(long, num_args = 2, value_names = ["AMOUNT", "TICKET"])]
    pub max_fee: Option<Vec<String>>,
}

impl ViaArgs {
    /// The way that is named, if one is; an empty variable names none.
    #[must_use]
    pub fn named(&self) -> Option<&str> {
        self.via.as_deref().filter(|text| !text.is_empty())
    }

    /// The fee that is agreed to at most: an amount and a ticket.
    ///
    /// # Errors
    /// When the amount is none, whichever way it goes, or two fees are given.
    pub fn most(&self) -> Result<Option<(&str, &str)>, Failure> {
        let Some(words) = &self.max_fee else { return Ok(None) };
        let [amount, ticket] = words.as_slice() else {
            return Err(Failure::usage(
                "--max-fee is given more than once",
                "one fee is agreed to, in one ticket: --max-fee AMOUNT TICKET",
            ));
        };
        // How many decimals the ticket has is seen where it is paid.
        let decimals = amount.split_once('.').map_or(0, |(_, part)| part.len());
        wallet::amount::parse(amount, u8::try_from(decimals).unwrap_or(u8::MAX))
            .map_err(|error| Failure::input(format!("--max-fee: {error}")).of_kind("usage"))?;
        Ok(Some((amount, ticket)))
    }

    /// Whether the environment names the way, for all commands: one that cannot go it goes the usual way.
    #[must_use]
    pub fn is_of_environment(&self) -> bool {
        self.via.is_some() && std::env::var("TORU_BATCHER").ok() == self.via
    }
}

/// How something is sent.
#[derive(Clone, Debug, Args)]
pub struct SendingArgs {
    /// By which way.
    #[command(flatten)]
    pub via: ViaArgs,

    /// Whether it is sent.
    #[command(flatten)]
    pub confirm: ConfirmArgs,

    /// How long it is waited for.
    #[command(flatten)]
    pub wait: WaitArgs,

    /// Fill each message up to 4,096 bytes with zeros, so that a busy rollup prefers it
    ///
    /// The kernel verifies a limited number of signatures in a level. Where a level asks for more, it prefers
    /// messages that pay for more bytes of the inbox. A message of 4,096 bytes is done in its own level,
    /// whatever else is in the block; it costs more on layer 1, by the byte.
    #[arg(long)]
    pub pad: bool,
}

impl SendingArgs {
    /// The messages as they are to be sent.
    #[must_use]
    pub fn filled(&self, messages: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        match self.pad {
            true => messages.into_iter().map(client::padded).collect(),
            false => messages,
        }
    }
}

/// A remark.
#[derive(Clone, Debug, Args)]
pub struct MemoArgs {
    /// A remark that is kept with the result: up to 64 bytes, for everybody to see
    #[arg(long, value_name = "TEXT")]
    pub memo: Option<String>,
}

/// How long what is sent at once can be applied.
#[derive(Clone, Copy, Debug, Args)]
pub struct ValidForArgs {
    /// It expires after so many levels; 0: it never expires
    #[arg(
        long,
        value_name = "LEVELS",
        default_value_t = wallet::expiry::VALID_LEVELS,
        allow_negative_numbers = true
    )]
    pub valid_for: u32,
}

/// Where pinned tickets are kept.
#[derive(Clone, Debug, Args)]
pub struct PinsArgs {
    /// Folder of the pinned tickets [default: $XDG_DATA_HOME/toru/tickets, or ~/.local/share/toru/tickets]
    #[arg(long, value_name = "DIR", env = "TORU_TICKETS")]
    pub tickets: Option<PathBuf>,
}

/// Where payments are recorded.
#[derive(Clone, Debug, Default, Args)]
pub struct PaymentsArgs {
    /// Folder of the records of payments [default: payments, beside the folder of withdrawals]
    #[arg(long, value_name = "DIR", env = "TORU_PAYMENTS")]
    pub payments: Option<PathBuf>,
}

/// Where withdrawals are recorded.
#[derive(Clone, Debug, Default, Args)]
pub struct WithdrawalLogArgs {
    /// Folder of the log of withdrawals [default: $XDG_DATA_HOME/toru/withdrawals, or
    /// ~/.local/share/toru/withdrawals]
    #[arg(long, value_name = "DIR", env = "TORU_WITHDRAWALS")]
    pub withdrawals: Option<PathBuf>,
}

/// Where layer 1 is asked.
#[derive(Clone, Debug, Args)]
pub struct Layer1Args {
    /// A node of layer 1, which is asked about contracts and accounts there, and how long
    /// a level takes: http://HOST:PORT or https://…; in the
    /// sandbox, that is the sandbox itself
    #[arg(long, value_name = "URL", env = "TORU_LAYER1")]
    pub layer1: Option<String>,
}

/// Where a file goes.
#[derive(Clone, Debug, Args)]
pub struct OutArgs {
    /// Write the file here; an existing one stays as it is
    #[arg(long, value_name = "FILE.json")]
    pub out: PathBuf,

    /// Show what would be in it, and stop
    #[arg(long)]
    pub dry_run: bool,
}

/// Which file is signed, and with what.
#[derive(Clone, Debug, Args)]
pub struct SignArgs {
    /// Which file; the signature is added to it
    #[arg(value_name = "FILE.json")]
    pub file: PathBuf,

    /// With which key
    #[arg(long)]
    pub key: String,

    /// Whether it is signed.
    #[command(flatten)]
    pub confirm: ConfirmArgs,

    /// Where.
    #[command(flatten)]
    pub wallet: WalletArgs,
}

/// Which history.
#[derive(Clone, Debug, Default, Args)]
pub struct HistoryArgs {
    /// The history that is asked: http://HOST:PORT or https://…; by default, the one that the rollup node's
    /// address serves, as a sandbox's does
    #[arg(long, value_name = "URL", env = "TORU_HISTORY")]
    pub history: Option<String>,
}

impl HistoryArgs {
    /// The one that is named, if one is; an empty variable names none.
    #[must_use]
    pub fn named(&self) -> Option<&str> {
        self.history.as_deref().filter(|text| !text.is_empty())
    }
}
