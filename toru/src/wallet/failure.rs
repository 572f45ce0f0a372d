//! What can go wrong in the wallet: the line that says so, what to do, the exit code.

use std::path::PathBuf;

use encoding::{Level, MessageId, RollupAddress, Tz4Address};
use keys::TextError;
use tx_kernel::results::{Reason, code};
use wallet::amount::AmountError;
use wallet::error::{BundleError, FileError, RpcError, StateError, TicketError};
use wallet::journal::JournalError;
use wallet::outbox::Place;

use crate::address::AddressError;
use crate::error::shown_path;
use crate::exit::Exit;
use crate::plain::quoted;
use crate::reasons;

/// Everything that ends a command of the wallet early.
#[derive(Debug, thiserror::Error)]
pub enum WalletFailure {
    /// The node does not tell.
    #[error(transparent)]
    Rpc(RpcError),
    /// The state of the rollup is not known.
    #[error(transparent)]
    State(StateError),
    /// The node is that of another rollup.
    #[error("the node runs {found}, not {wanted}")]
    OtherRollup {
        /// Which is meant.
        wanted: RollupAddress,
        /// Which it is.
        found: RollupAddress,
    },
    /// Under the same address there was another rollup before.
    #[error("{endpoint} ran {before} before, and runs {found} now")]
    RollupChanged {
        /// Where.
        endpoint: String,
        /// What it ran.
        before: String,
        /// What it runs.
        found: String,
    },
    /// The file of the rollups that were seen is malformed.
    #[error("{}: not the rollups that were seen: {problem}", shown_path(path))]
    KnownRollups {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Neither a key's name nor an account.
    #[error("{} is no account: neither tz4… nor the name of a key", quoted(.0))]
    NoAccount(String),
    /// There is no account of that place.
    #[error("the rollup has no account {0}")]
    NoSuchPlace(String),
    /// An address of layer 1, where an account of the rollup is expected.
    #[error("{0} is an address of layer 1, and accounts of the rollup are tz4…")]
    LayerOne(String),
    /// An account of the rollup, where a contract of layer 1 is expected.
    #[error("{0} is an account of the rollup, and withdrawals go to contracts of layer 1")]
    NotLayerOne(String),
    /// A user of layer 1, where a contract is expected.
    #[error("{0} is no contract: a ticket is handed to a contract of layer 1, KT1…")]
    NoContract(String),
    /// Not a contract and an entrypoint.
    #[error("{} is no contract (expected KT1…, or KT1…%entrypoint)", quoted(.0))]
    BadContract(String),
    /// A key of the sandbox outside of it.
    #[error("{0} is an account of the sandbox, whose key everybody knows, and this node is none")]
    NotASandbox(String),
    /// There is no key for it here.
    #[error("there is no key for {0} here")]
    NoKey(String),
    /// Which ticket is not known.
    #[error(transparent)]
    Ticket(TicketError),
    /// An amount that is none.
    #[error(transparent)]
    Amount(AmountError),
    /// A memo that is too long or empty.
    #[error("a memo has 1 to 64 bytes, and this one has {0}")]
    Memo(usize),
    /// A file of payments that is malformed.
    #[error("{}, line {line}: {problem}", shown_path(path))]
    Csv {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: u64,
        /// What is wrong.
        problem: String,
    },
    /// A file of a transaction or a batch that cannot be used.
    #[error("{}: {problem}", shown_path(path))]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        problem: FileError,
    },
    /// Something about a transaction that is in no file yet.
    #[error(transparent)]
    Signing(FileError),
    /// Somebody has not signed.
    #[error("{0} has not signed it")]
    NotSigned(String),
    /// A swap of somebody with themselves.
    #[error("a swap is between two people, and both are the same")]
    SwapWithOneself,
    /// A batch that fits no message.
    #[error("the batch makes a message of {0} bytes, and 4,096 are the most")]
    LongBatch(usize),
    /// Transactions that make no messages.
    #[error(transparent)]
    Bundle(BundleError),
    /// The kernel would refuse it, and it was not sent.
    #[error("not sent, as it would be refused: {0}")]
    Foreseen(String),
    /// The kernel has refused it.
    #[error("refused by the kernel: {}", reasons::words(.0))]
    Refused(Reason),
    /// An earlier one of the same account is not in a level yet.
    #[error("an earlier transaction of {0} still waits for a level")]
    StillWaiting(Tz4Address),
    /// It has not come so far in the time there was.
    #[error("not {stage} yet")]
    NotYet {
        /// How far it was to come.
        stage: &'static str,
        /// What it is.
        hash: String,
    },
    /// It was in a level, and the kernel says nothing of it.
    #[error(
        "{hash} was in a level, and has no result: the kernel put it off, or refused its message"
    )]
    NoResult {
        /// What it is.
        hash: String,
    },
    /// A key has not been registered in the time there was.
    #[error("{0} is not registered yet")]
    NotRegistered(Tz4Address),
    /// The message that had it was refused whole: it left no result of its own.
    #[error(
        "{hash} is not applied: message {} of level {} was refused whole: {}",
        message.index, message.level, reasons::words(reason)
    )]
    RefusedWhole {
        /// What was in it.
        hash: String,
        /// Which message.
        message: MessageId,
        /// Why.
        reason: Reason,
    },
    /// The node had it, and has it no more.
    #[error(
        "the node does not have {hash} any more: it waits for no level, and is in none from {since} on"
    )]
    Gone {
        /// What it is.
        hash: String,
        /// The first level that was looked at.
        since: Level,
    },
    /// Signers whom the kernel does not know, so that it would refuse a batch with them whole.
    #[error("not registered: {}", .0.join(", "))]
    Unregistered(Vec<String>),
    /// A public key that is mistyped.
    #[error("{} {problem}", quoted(text))]
    PublicKey {
        /// What was given.
        text: String,
        /// What is wrong with it.
        problem: TextError,
    },
    /// A secret key where an account is named. It is not shown.
    #[error("that is a secret key, where an account is named")]
    SecretAsAccount,
    /// An address that is mistyped.
    #[error("{} {problem}", quoted(text))]
    Address {
        /// What was given.
        text: String,
        /// What is wrong with it.
        problem: AddressError,
    },
    /// It waits for a level.
    #[error("{0} waits for a level in the node's queue: there is no result of it yet")]
    InQueue(String),
    /// It is in no level that was looked at, and waits for none.
    #[error(
        "the rollup knows no result of {hash}: it waits for no level, and is in none from {since} on"
    )]
    Nowhere {
        /// What it is.
        hash: String,
        /// The first level that was looked at.
        since: Level,
    },
    /// Nothing is known under a hash.
    #[error("the rollup knows no result of {0}")]
    UnknownHash(String),
    /// Not a hash.
    #[error("{} is no hash (expected 64 hexadecimal digits)", quoted(.0))]
    BadHash(String),
    /// The record of withdrawals cannot be used.
    #[error(transparent)]
    Journal(JournalError),
    /// A hash that is not in the record of withdrawals.
    #[error("no withdrawal {0} is on record here")]
    NotOnRecord(String),
    /// There is no such message.
    #[error("the outbox of level {} has no message {}", .0.level, .0.index)]
    NoOutboxMessage(Place),
    /// Its time has not come.
    #[error("{what} cannot be claimed yet: {stage}")]
    NotClaimable {
        /// Which.
        what: String,
        /// How far it is, and when its time comes.
        stage: String,
    },
    /// It never left the rollup, or its time is over.
    #[error("{what} cannot be claimed any more: {stage}")]
    NoClaim {
        /// Which.
        what: String,
        /// What became of it.
        stage: String,
    },
    /// There is more to come of withdrawals than the time there was.
    #[error("withdrawals that are not settled yet: {0}")]
    Unsettled(usize),
    /// Asked whether that is meant, the user did not say so, or could not be asked.
    #[error("nothing was done: it was not confirmed")]
    Unconfirmed,
}

impl WalletFailure {
    /// How the process ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Foreseen(_)
            | Self::Refused(_)
            | Self::RefusedWhole { .. }
            | Self::Unregistered(_)
            | Self::NoClaim { .. } => Exit::Refused,
            Self::Rpc(error) | Self::State(StateError::Rpc(error)) => of_rpc(error),
            Self::StillWaiting(_)
            | Self::NotYet { .. }
            | Self::NoResult { .. }
            | Self::Gone { .. }
            | Self::Nowhere { .. }
            | Self::InQueue(_)
            | Self::NotRegistered(_)
            | Self::UnknownHash(_)
            | Self::NotClaimable { .. }
            | Self::Unsettled(_) => Exit::NotYet,
            _ => Exit::Input,
        }
    }

    /// The exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        self.exit().code()
    }

    /// What went wrong, in a word that stays the same: the `code` of an error in JSON.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Address { .. } | Self::PublicKey { .. } => "address",
            Self::OtherRollup { .. } | Self::RollupChanged { .. } => "other_rollup",
            Self::NoAccount(_) | Self::NoSuchPlace(_) => "no_account",
            Self::NoKey(_) => "no_key",
            Self::Ticket(TicketError::Several { .. }) => "several_tickets",
            Self::Ticket(_) => "no_ticket",
            Self::Amount(_) => "amount",
            Self::File { .. } | Self::Csv { .. } => "file",
            Self::NotSigned(_) => "not_signed",
            Self::Unregistered(_) => "not_registered",
            Self::Foreseen(_) => "foreseen",
            Self::RefusedWhole { .. } => "refused_whole",
            Self::StillWaiting(_) => "still_waiting",
            Self::Gone { .. } => "gone",
            Self::UnknownHash(_) | Self::Nowhere { .. } => "unknown_hash",
            Self::InQueue(_) => "queued",
            Self::Unconfirmed => "not_confirmed",
            other => other.exit().word(),
        }
    }

    /// What to do, where there is something to do.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Rpc(RpcError::Connection { .. })
            | Self::State(StateError::Rpc(RpcError::Connection { .. })) => {
                "toru dev starts a sandbox here; --endpoint names another node".to_owned()
            }
            Self::Rpc(RpcError::Shape { .. }) => "--endpoint names a rollup node".to_owned(),
            Self::OtherRollup { .. } => "--endpoint names another node".to_owned(),
            Self::RollupChanged { found, .. } => {
                format!("if that is meant, --rollup {found} says so, once")
            }
            Self::KnownRollups { .. } => "remove it, and nodes are new again".to_owned(),
            Self::NoAccount(_) => {
                "toru key list says which names there are; toru key new NAME makes one".to_owned()
            }
            Self::SecretAsAccount => {
                "whoever has seen it has the key: toru key import NAME --octez \
                                      keeps one, and asks for it without showing it"
                    .to_owned()
            }
            Self::LayerOne(_) => "toru withdraw takes tickets to layer 1, to a contract".to_owned(),
            Self::NotLayerOne(_) => "toru send pays accounts of the rollup".to_owned(),
            Self::NoContract(_) => {
                "name the contract that takes the ticket, such as its ticketer".to_owned()
            }
            Self::NoKey(_) => "toru key import keeps a key; --keys names another folder".to_owned(),
            Self::Ticket(TicketError::Unknown(_)) => {
                "toru tickets lists them; '#N' and KT1…/NAME mean one for sure".to_owned()
            }
            Self::Ticket(TicketError::NotAmongFirst { .. }) => {
                "'#N' is looked up directly, and so is KT1…/NAME where the content is that text"
                    .to_owned()
            }
            Self::Ticket(TicketError::Several { .. }) => {
                "toru tickets says who mints each; write '#N' or KT1…/NAME".to_owned()
            }
            Self::StillWaiting(_) => {
                "wait for it: --wait with the earlier one, or toru tx show HASH".to_owned()
            }
            Self::NoResult { .. } => "a level that is full puts batches off, or refuses them as \
                                      busy: send it again, which is safe"
                .to_owned(),
            Self::NotYet { hash, .. } => format!("it may still come: toru tx show {hash}"),
            Self::InQueue(hash) => format!("toru tx show {hash} --wait waits for it"),
            Self::Nowhere { .. } => {
                "it was never sent, or not to this node, or it is gone: results \
                                     are kept for one to two days' worth of levels"
                    .to_owned()
            }
            Self::UnknownHash(_) => "it may still wait for a level; results are kept for one to \
                                     two days' worth of levels"
                .to_owned(),
            Self::Unregistered(names) => {
                let names = names.iter().map(|name| name.split(' ').next().unwrap_or_default());
                let orders = names.map(|name| format!("toru register {name}"));
                let orders = orders.collect::<Vec<_>>().join("; ");
                format!("whoever has the key registers it first: {orders}")
            }
            Self::RefusedWhole { reason, .. } => match reason.code {
                code::BUSY => "its level was full: send it again, which is safe".to_owned(),
                code::UNKNOWN_SIGNER | code::KEY_NOT_PROVEN => {
                    "a key signs once it is registered: toru register NAME".to_owned()
                }
                code::ALL_STALE => {
                    "other transactions of its signers took its place: make it anew, if \
                                    it is still meant"
                        .to_owned()
                }
                _ => "nothing of it was applied, and nothing of it will be".to_owned(),
            },
            Self::Gone { .. } => {
                "after toru dev revert, or a restart of a node that keeps nothing, \
                                  it is gone: sent again, it is applied once at most"
                    .to_owned()
            }
            Self::NotSigned(_) => "toru tx sign FILE --key NAME, toru swap accept, or toru batch \
                                   sign adds a signature"
                .to_owned(),
            Self::LongBatch(_) => "make two batches of it".to_owned(),
            Self::Journal(_) => {
                "--withdrawals names another folder; toru withdrawals --all needs none".to_owned()
            }
            Self::NotOnRecord(_) => {
                "toru withdrawals --all lists what is in outboxes, and toru claim \
                                     --level L --index I claims it"
                    .to_owned()
            }
            Self::NoOutboxMessage(_) => {
                "toru withdrawals --all lists what is in outboxes".to_owned()
            }
            Self::NotClaimable { .. } => "toru withdrawals --watch waits for it".to_owned(),
            Self::Unsettled(_) => {
                "toru withdrawals says how far they are; toru claim --all claims \
                                   those that are claimable"
                    .to_owned()
            }
            Self::Unconfirmed => "--yes says so beforehand".to_owned(),
            Self::Csv { .. } => "a row is to,amount,ticket, under a line that says so".to_owned(),
            _ => return None,
        })
    }
}

/// What was not answered, or with nothing of use.
fn of_rpc(error: &RpcError) -> Exit {
    match error {
        RpcError::Endpoint(_) => Exit::Input,
        RpcError::Connection { .. } | RpcError::Refused { .. } | RpcError::Shape { .. } => {
            Exit::NoAnswer
        }
    }
}
