//! The wallet: money on a rollup, over nothing but a node's RPC.

mod balance;
mod claim;
mod failure;
mod grid;
mod payments;
mod plan;
mod record;
mod register;
mod send;
mod submit;
mod who;
mod withdraw;
mod withdrawals;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use encoding::RollupAddress;
use wallet::follow::Stage;
use wallet::rpc::Node;
use wallet::state::State;

use crate::error::Failure;
use crate::key::Keyring;

pub use balance::{BalanceArgs, TicketsArgs, balance, tickets};
pub use claim::{ClaimArgs, claim};
pub use failure::WalletFailure;
pub use register::{RegisterArgs, register};
pub use send::{SendArgs, send};
pub use withdraw::{WithdrawArgs, withdraw};
pub use withdrawals::{WithdrawalsArgs, withdrawals};

/// What every exit code means, at the end of the help of commands that send something.
pub(crate) const EXIT_CODES: &str = "Exit codes: 0 done; 2 bad usage or input; 3 refused by the kernel, \
    or foreseen to be; 4 no answer from the node; 5 not there yet when the waiting ended; \
    1 internal failure.";

/// Where the rollup is, and where keys are.
#[derive(Debug, Args)]
pub struct Common {
    /// The rollup node: http://HOST:PORT or https://…
    #[arg(long, value_name = "URL", env = "TORU_ENDPOINT", default_value = "127.0.0.1:8932")]
    endpoint: String,

    /// The rollup that is meant; without it, that of the node
    #[arg(long, value_name = "sr1…", env = "TORU_ROLLUP")]
    rollup: Option<String>,

    /// Folder of the keys [default: $XDG_DATA_HOME/toru/keys, or ~/.local/share/toru/keys]
    #[arg(long, value_name = "DIR", env = "TORU_KEYS")]
    keys: Option<PathBuf>,

    /// Take the password of the key's file from the first line of this file
    #[arg(long, value_name = "FILE", env = "TORU_PASSWORD_FILE")]
    password_file: Option<PathBuf>,

    /// Print one JSON object instead of words
    #[arg(long)]
    json: bool,
}

/// How something is sent.
#[derive(Debug, Args)]
pub struct Sending {
    /// Show what it would do, and stop
    #[arg(long)]
    dry_run: bool,

    /// Do not ask whether it is to be sent
    #[arg(long)]
    yes: bool,

    /// Wait until it has come so far; "included" without a stage
    #[arg(
        long,
        value_name = "STAGE",
        num_args = 0..=1,
        default_missing_value = "included",
        value_parser = stage
    )]
    wait: Option<Stage>,

    /// How many seconds to wait at most
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    timeout: u64,
}

/// Reads the name of a stage.
fn stage(text: &str) -> Result<Stage, String> {
    let found = Stage::ALL.into_iter().find(|stage| stage.word() == text);
    found.ok_or_else(|| {
        let words: Vec<&str> = Stage::ALL.into_iter().map(Stage::word).collect();
        format!("expected one of {}", words.join(", "))
    })
}

impl Sending {
    fn patience(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

/// What every command of the wallet works with.
struct Session {
    node: Node,
    keyring: Keyring,
    json: bool,
    sandbox: bool,
}

impl Session {
    fn open(common: &Common) -> Result<Self, Failure> {
        let node = Node::new(&common.endpoint).map_err(WalletFailure::Rpc)?;
        let found = node.rollup().map_err(WalletFailure::Rpc)?;
        if let Some(wanted) = &common.rollup {
            let wanted = RollupAddress::from_base58(wanted)
                .map_err(|_| WalletFailure::NoRollup(wanted.clone()))?;
            if wanted != found {
                return Err(WalletFailure::OtherRollup { wanted, found }.into());
            }
        }
        let sandbox = node.is_sandbox().map_err(WalletFailure::Rpc)?;
        let keyring = Keyring::new(common.keys.as_deref(), common.password_file.as_deref());
        Ok(Session { node, keyring, json: common.json, sandbox })
    }

    /// The state at the head.
    fn state(&self) -> Result<State<'_>, Failure> {
        Ok(State::at(&self.node, "head").map_err(WalletFailure::State)?)
    }
}
