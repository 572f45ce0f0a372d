//! The way of a transaction to an inbox: through a batcher, by the node, or straight to layer 1.

mod cosigning;
mod fee;
mod layer1;
mod payments;
mod record;
mod transactions;
mod words;

use std::cell::RefCell;

use encoding::{Counter, Level};
use serde_json::{Value, json};
use wallet::batcher::Batcher;
use wallet::batcher::known::KnownBatchers;
use wallet::expiry::{last_level, last_level_of_batch};
use wallet::indexes::KnownIndexes;
use wallet::state::Account;

pub(super) use transactions::Posting;

use super::error::result::ResultError;
use super::error::via::ViaError;
use super::session::Session;
use crate::cli::groups::{SendingArgs, ViaArgs};
use crate::error::Failure;
use crate::key;

/// The way that is meant by this word: the batcher of the rollup node itself.
const NODE: &str = "node";
/// The same of no batcher at all.
pub(super) const LAYER1: &str = "layer1";

/// The way of a transaction to an inbox.
pub(super) enum Way {
    /// The node is given messages.
    Node,
    /// Nobody is given anything: the command is printed that puts a message into an inbox.
    Layer1,
    /// A batcher is given transactions.
    Batcher(Box<ThroughBatcher>),
}

/// A way through a batcher.
pub(super) struct ThroughBatcher {
    pub batcher: Batcher,
    /// What indexes mean on the rollup.
    pub indexes: RefCell<KnownIndexes>,
    /// Whether to stay and sign the batch.
    pub cosign: bool,
    /// The fee that was agreed to, as it is shown.
    pub fee: RefCell<Option<(String, Value)>>,
}

/// The way where none is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Usual {
    /// By the node.
    Node,
    /// Through the batcher of a sandbox, where it has one and takes what ends after so many levels.
    Sandbox {
        /// How many; 0 is never.
        valid_for: u32,
    },
}

impl Session<'_> {
    /// The way that is named, or the usual one.
    pub fn way(&self, args: &SendingArgs, usual: Usual) -> Result<Way, Failure> {
        // What is malformed is told whichever way it goes.
        args.via.most()?;
        match (args.via.named(), usual) {
            (Some(NODE), _) => Ok(Way::Node),
            (Some(LAYER1), _) => Ok(Way::Layer1),
            (Some(_), usual)
                if args.via.is_of_environment()
                    && (args.pad || usual == (Usual::Sandbox { valid_for: 0 })) =>
            {
                Ok(Way::Node)
            }
            (Some(url), usual) => {
                if args.pad {
                    return Err(ViaError::Padding.into());
                }
                if usual == (Usual::Sandbox { valid_for: 0 }) {
                    return Err(ViaError::NoEnd.into());
                }
                let batcher = Batcher::connect(url, self.wallet.rollup())?;
                self.through(batcher, &args.via)
            }
            (None, Usual::Sandbox { valid_for }) if valid_for > 0 && !args.pad => {
                if !self.wallet.is_sandbox() {
                    return Ok(Way::Node);
                }
                // A sandbox without a batcher is a node like others.
                match Batcher::connect(self.wallet.node().endpoint(), self.wallet.rollup()) {
                    Ok(batcher) => self.through(batcher, &args.via),
                    Err(_) => Ok(Way::Node),
                }
            }
            (None, _) => Ok(Way::Node),
        }
    }

    /// Fails if something that is no transaction with own signatures is to go through a batcher.
    pub fn whole(&self, args: &SendingArgs, what: &'static str) -> Result<(), Failure> {
        args.via.most()?;
        match args.via.named() {
            None | Some(NODE | LAYER1) => Ok(()),
            Some(_) if args.via.is_of_environment() => Ok(()),
            Some(_) => Err(ViaError::NotATransaction(what).into()),
        }
    }

    /// Fails if something that only the node takes is to go another way.
    pub fn by_node(&self, args: &SendingArgs, what: &'static str) -> Result<(), Failure> {
        args.via.most()?;
        match args.via.named() {
            None | Some(NODE) => Ok(()),
            Some(_) if args.via.is_of_environment() => Ok(()),
            Some(_) => Err(ViaError::OnlyByNode(what).into()),
        }
    }

    fn through(&self, mut batcher: Batcher, args: &ViaArgs) -> Result<Way, Failure> {
        batcher.catch_up(self.wallet.node());
        let indexes = self.known_indexes()?;
        let folder = key::data_folder().filter(|_| !self.wallet.is_simulated());
        if let Some(folder) = &folder
            && let Some(changed) = KnownBatchers::in_folder(folder).check(&batcher)?
        {
            self.ui.tell(&format!(
                "note: {} signs receipts with another key than before\n  before: {}\n  now:    {}\n",
                batcher.url(),
                changed.before,
                changed.now
            ));
        }
        let (indexes, cosign, fee) = (RefCell::new(indexes), !args.no_cosign, RefCell::new(None));
        Ok(Way::Batcher(Box::new(ThroughBatcher { batcher, indexes, cosign, fee })))
    }
}

impl Way {
    /// The batcher, if it is one.
    pub fn batcher(&self) -> Option<&ThroughBatcher> {
        match self {
            Way::Batcher(through) => Some(through),
            Way::Node | Way::Layer1 => None,
        }
    }

    /// The last level of what goes this way and is to be valid for so many levels.
    pub fn expires(&self, head: Level, valid_for: u32) -> Option<Level> {
        match self {
            Way::Batcher(through) => {
                let quoted = Level(through.batcher.quote().expires);
                last_level_of_batch(head, valid_for, quoted)
            }
            Way::Node | Way::Layer1 => last_level(head, valid_for),
        }
    }

    /// How a plan says it: in words, and as JSON. The usual way of all nodes is not said in words.
    pub fn told(&self) -> (String, Value) {
        match self {
            Way::Node => (String::new(), json!({"way": NODE, "batcher": null, "fee": null})),
            Way::Layer1 => (
                "  nobody is given it: a command is printed that puts it into an inbox\n"
                    .to_owned(),
                json!({"way": LAYER1, "batcher": null, "fee": null}),
            ),
            Way::Batcher(through) => {
                let url = through.batcher.url();
                let (words, fee) = match through.fee.borrow().as_ref() {
                    None => ("no fee".to_owned(), Value::Null),
                    Some((words, fee)) => (format!("fee {words}"), fee.clone()),
                };
                (
                    format!("  through the batcher at {url}, {words}\n"),
                    json!({"way": "batcher", "batcher": url, "fee": fee}),
                )
            }
        }
    }
}

impl ThroughBatcher {
    /// Fails if the batcher has something of an account that no level has yet: the next transaction would carry the
    /// same counter, or wait for that one. What the node's head has is over, whether the batcher has seen it or not.
    pub fn check_in_flight(&self, account: &Account) -> Result<(), Failure> {
        let known = self.batcher.account(&account.address)?;
        let address = account.address.to_string();
        let waits = known.transactions.iter().find(|record| {
            let own = record.accounts.iter().find(|one| one.account == address);
            let counter = own.and_then(|one| one.counter.parse().ok()).map(Counter::new);
            record.stage.is_pending() && counter.is_none_or(|counter| counter >= account.counter)
        });
        let Some(record) = waits else { return Ok(()) };
        // It goes into a command line.
        let is_hash =
            record.hash.len() == 64 && record.hash.bytes().all(|one| one.is_ascii_hexdigit());
        let hash = is_hash.then(|| record.hash.clone());
        Err(ResultError::StillWaiting { account: account.address, hash }.into())
    }
}
