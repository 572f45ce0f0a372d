//! What every command of the wallet begins with: a node, keys, how something is sent.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use encoding::RollupAddress;
use wallet::error::RpcError;
use wallet::follow::Settlement;
use wallet::rpc::Node;
use wallet::state::RollupState;

use super::account_ref::AccountRef;
use super::failure::WalletFailure;
use super::known::Known;
use crate::address::{Address, Role};
use crate::error::Failure;
use crate::inputs::ROLLUP_DEFAULT;
use crate::key::Keyring;

pub(super) use crate::exit::EXIT_CODES;

/// How often a node is asked how far it is.
pub(super) const PAUSE: Duration = Duration::from_millis(300);

/// Where a rollup node is unless it is said: where `toru dev` serves.
pub(super) const ENDPOINT: &str = "127.0.0.1:8932";

/// Where the rollup is, and where keys are.
#[derive(Debug, Args)]
pub struct Common {
    /// The rollup node: http://HOST:PORT or https://…
    #[arg(long, value_name = "URL", env = "TORU_ENDPOINT", default_value = ENDPOINT)]
    pub(super) endpoint: String,

    /// The rollup that is meant; without it, that of the node
    #[arg(long, value_name = "sr1…", env = "TORU_ROLLUP")]
    pub(super) rollup: Option<String>,

    /// Folder of the keys [default: $XDG_DATA_HOME/toru/keys, or ~/.local/share/toru/keys]
    #[arg(long, value_name = "DIR", env = "TORU_KEYS")]
    pub(super) keys: Option<PathBuf>,

    /// Take the password of the key's file from the first line of this file
    #[arg(long, value_name = "FILE", env = "TORU_PASSWORD_FILE")]
    pub(super) password_file: Option<PathBuf>,

    /// Print one JSON object instead of words
    #[arg(long)]
    pub(super) json: bool,

    /// Show all of a plan and of what became of it, however long that is
    #[arg(long)]
    pub(super) verbose: bool,
}

impl Common {
    pub(super) fn keyring(&self) -> Keyring {
        Keyring::new(self.keys.as_deref(), self.password_file.as_deref(), self.json)
    }
}

/// How something is sent.
#[derive(Debug, Args)]
pub struct Sending {
    /// Show what it would do, and stop
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Do not ask whether it is to be sent
    #[arg(long)]
    pub(super) yes: bool,

    /// Wait until it is so far; "included" without a stage
    ///
    /// The stages: "included", in a level, which a reorganisation of layer 1 may still take back;
    /// "final", which none takes back any more, two levels later; "committed", in a commitment on
    /// layer 1; "cemented", when nobody can refute that commitment any more.
    #[arg(
        long,
        value_name = "STAGE",
        num_args = 0..=1,
        default_missing_value = "included",
        value_parser = stage
    )]
    pub(super) wait: Option<Settlement>,

    /// How many seconds to wait at most
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub(super) timeout: u64,

    /// Fill each message up to 4,096 bytes with zeros, so that a busy rollup prefers it
    ///
    /// A level verifies so much and no more. Where it is asked for more, it prefers messages that pay more
    /// bytes of the inbox for what they ask for. One that is filled up is done in its own level, whatever
    /// else is in the block; it costs more on layer 1, by the byte.
    #[arg(long)]
    pub(super) pad: bool,
}

/// Reads the name of a stage.
pub(super) fn stage(text: &str) -> Result<Settlement, String> {
    let found = Settlement::ALL.into_iter().find(|stage| stage.word() == text);
    found.ok_or_else(|| {
        let words: Vec<&str> = Settlement::ALL.into_iter().map(Settlement::word).collect();
        format!("expected one of {}", words.join(", "))
    })
}

impl Sending {
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }

    /// The messages as they are to be sent.
    pub(super) fn filled(&self, messages: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        match self.pad {
            true => messages.into_iter().map(client::padded).collect(),
            false => messages,
        }
    }
}

/// The rollup that a node runs. One that is just being started is waited for.
fn first_answer(node: &Node) -> Result<RollupAddress, RpcError> {
    const START_TIME: Duration = Duration::from_secs(1);
    node.once_up(START_TIME, Node::rollup)
}

/// What every command of the wallet works with.
pub(super) struct Session {
    pub(super) node: Node,
    pub(super) keyring: Keyring,
    pub(super) json: bool,
    /// Whether plans are shown whole.
    pub(super) verbose: bool,
    /// Whether the node is that of `toru dev`, and has its endpoints.
    pub(super) sandbox: bool,
    /// Whether the sandbox's accounts may be named: on the rollup that it simulates, as what is signed
    /// for that is nothing anywhere else.
    pub(super) dev_keys: bool,
    /// The accounts whose keys are here, once they have been looked for.
    pub(super) here: OnceCell<Vec<AccountRef>>,
}

impl Session {
    pub(super) fn open(common: &Common) -> Result<Self, Failure> {
        let node = Node::new(&common.endpoint).map_err(WalletFailure::Rpc)?;
        let found = first_answer(&node).map_err(WalletFailure::Rpc)?;
        if let Some(wanted) = &common.rollup {
            let address = Address::parse_as(Role::Rollup, wanted).map_err(|problem| {
                Failure::Option { name: "--rollup", value: wanted.clone(), problem }
            })?;
            let wanted = RollupAddress(address.hash);
            if wanted != found {
                return Err(WalletFailure::OtherRollup { wanted, found }.into());
            }
        }
        let sandbox = node.is_sandbox().map_err(WalletFailure::Rpc)?;
        let worthless = found.0 == ROLLUP_DEFAULT.hash;
        if !(sandbox && worthless)
            && let Some(folder) = crate::key::data_folder()
        {
            let known = Known::in_folder(&folder);
            known.check(node.endpoint(), &found, common.rollup.is_some())?;
        }
        let keyring = common.keyring();
        let dev_keys = sandbox && worthless;
        let Common { json, verbose, .. } = *common;
        Ok(Session { node, keyring, json, verbose, sandbox, dev_keys, here: OnceCell::new() })
    }

    /// A session that asks no node, about something of that rollup.
    pub(super) fn offline(common: &Common, rollup: &RollupAddress) -> Result<Self, Failure> {
        let node = Node::new(&common.endpoint).map_err(WalletFailure::Rpc)?;
        let keyring = common.keyring();
        let dev_keys = rollup.0 == ROLLUP_DEFAULT.hash;
        Ok(Session {
            node,
            keyring,
            json: common.json,
            verbose: common.verbose,
            sandbox: false,
            dev_keys,
            here: OnceCell::new(),
        })
    }

    /// The state at the head.
    pub(super) fn state(&self) -> Result<RollupState<'_>, Failure> {
        Ok(RollupState::at(&self.node, "head").map_err(WalletFailure::State)?)
    }
}
