//! What can go wrong in the wallet: the line that says so, what to do, the exit code.

use std::path::PathBuf;

use encoding::{Kt1Address, RollupAddress, Tz4Address};
use tx_kernel::results::Reason;
use wallet::amount::AmountError;
use wallet::contract::Misfit;
use wallet::error::{BundleError, FileError, RpcError, StateError, TicketError};
use wallet::journal::JournalError;
use wallet::outbox::Place;
use wallet::payments::PaymentsError;

use crate::error::shown_path;
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
    /// Not the address of a rollup.
    #[error("{} is no rollup (expected sr1…)", quoted(.0))]
    NoRollup(String),
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
    #[error("{0} is an account of the rollup, and withdrawals go to layer 1")]
    NotLayerOne(String),
    /// A user of layer 1, where a contract is expected.
    #[error("{0} is no contract: a ticket is handed to a contract of layer 1, KT1…")]
    NoContract(String),
    /// Not a contract and an entrypoint.
    #[error("{} is nobody on layer 1 (expected tz1… to tz5… or KT1…; with --bare KT1…%entrypoint)", quoted(.0))]
    BadContract(String),
    /// An entrypoint, where it is asked who is paid.
    #[error("{0} is an entrypoint: a ticket that is handed to one names nobody")]
    NotBare(String),
    /// The ticketer itself, where it is asked who is paid.
    #[error("{0} is the ticketer, which pays out: it cannot be who is paid")]
    PaysTicketer(Kt1Address),
    /// Nobody who was asked knows how a ticketer pays out.
    #[error("how {0} pays out is not known: it is the ticketer, and nobody was asked who knows it")]
    ExitUnknown(Kt1Address),
    /// A ticketer that has no exit under the usual names.
    #[error("{contract} has no burn or withdraw that takes {wanted}, but {there}")]
    NoExit {
        /// The ticketer.
        contract: Kt1Address,
        /// The type of what the call has.
        wanted: String,
        /// Its entrypoints, with their types.
        there: String,
    },
    /// A contract that is not there.
    #[error("layer 1 at {layer1} has no contract {contract}")]
    NoSuchContract {
        /// Which.
        contract: Kt1Address,
        /// Who was asked.
        layer1: String,
    },
    /// A call that its contract does not take.
    #[error("not sent, as layer 1 would never take it: {0}")]
    Misfit(Misfit),
    /// A call that layer 1 refuses now, and may take later.
    #[error("{what} is not executed: {problem}")]
    NotTaken {
        /// Which message.
        what: String,
        /// Why not.
        problem: String,
    },
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
    /// The same was sent before.
    #[error("{what} was sent before: {standing}")]
    SentBefore {
        /// What: a file, or a payment.
        what: String,
        /// What became of it.
        standing: String,
        /// Whether some of it can still be applied.
        is_open: bool,
        /// The command that goes on with it.
        resume: String,
    },
    /// Nothing of that was sent from here.
    #[error("nothing of {0} was sent from here")]
    NothingToResume(String),
    /// Another process has gone on with it meanwhile.
    #[error("somebody else goes on with {0} at the same time")]
    GoneOn(String),
    /// Some rows were not paid, and what was sent for them cannot be applied any more.
    #[error("{unpaid} of {of} payments were not made: {why}")]
    NotPaid {
        /// How many were not.
        unpaid: usize,
        /// Of how many.
        of: usize,
        /// Why the first of them was not.
        why: String,
        /// The command that goes on with it.
        resume: String,
    },
    /// Some rows are not paid so far.
    #[error("{open} of {of} payments are not made yet: {why}")]
    NotPaidYet {
        /// How many are not.
        open: usize,
        /// Of how many.
        of: usize,
        /// Why the waiting ended.
        why: String,
        /// The command that goes on with it.
        resume: String,
    },
    /// Results that are so old that the rollup does not keep them.
    #[error("nobody knows any more whether {rows} payments were made: {lines}")]
    Forgotten {
        /// How many.
        rows: usize,
        /// In which lines.
        lines: String,
    },
    /// Another transaction took its place, or its time is over.
    #[error("{hash} cannot be applied any more: {why}")]
    NeverApplied {
        /// What it is.
        hash: String,
        /// Why.
        why: &'static str,
    },
    /// Somebody pressed Ctrl-C while it was waited for.
    #[error("interrupted; what was sent may still come")]
    Interrupted,
    /// The node has not answered while something was sent or waited for.
    #[error("{problem}; what was sent may still come")]
    Away {
        /// What it said last.
        problem: String,
        /// What to ask for.
        hint: String,
    },
    /// The records of payments cannot be used.
    #[error(transparent)]
    Payments(PaymentsError),
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
    /// 3 what the kernel refuses, 4 the network, 5 not yet, 2 everything else.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Foreseen(_)
            | Self::Refused(_)
            | Self::NoClaim { .. }
            | Self::NoExit { .. }
            | Self::NoSuchContract { .. }
            | Self::Misfit(_)
            | Self::NotTaken { .. }
            | Self::NotPaid { .. }
            | Self::NeverApplied { .. } => 3,
            Self::Away { .. } => 4,
            // As shells report a process that SIGINT ended.
            Self::Interrupted => 130,
            Self::SentBefore { is_open: true, .. } | Self::NotPaidYet { .. } => 5,
            Self::Rpc(error) | Self::State(StateError::Rpc(error)) => of_rpc(error),
            Self::StillWaiting(_)
            | Self::NotYet { .. }
            | Self::NoResult { .. }
            | Self::NotRegistered(_)
            | Self::UnknownHash(_)
            | Self::NotClaimable { .. }
            | Self::Unsettled(_) => 5,
            _ => 2,
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
            Self::LayerOne(_) => "toru withdraw pays addresses of layer 1".to_owned(),
            Self::NotLayerOne(_) => {
                "toru send pays accounts of the rollup; on layer 1, an address is written out: tz1…"
                    .to_owned()
            }
            Self::NotBare(_) => {
                "--to tz1… pays somebody, through the ticketer; --bare hands over the \
                                 ticket alone, to a contract that holds tickets"
                    .to_owned()
            }
            Self::PaysTicketer(_) => "name who is paid: --to tz1…".to_owned(),
            Self::ExitUnknown(_) => {
                "--layer1 URL, or TORU_LAYER1, names a node of layer 1 to ask; --exit \
                                     NAME says which entrypoint pays out"
                    .to_owned()
            }
            Self::NoExit { .. } => {
                "--exit NAME says which entrypoint pays out; --bare hands over the \
                                    ticket alone"
                    .to_owned()
            }
            Self::NoSuchContract { .. } => "is that the chain of the rollup?".to_owned(),
            Self::NotTaken { .. } => {
                "it stays as it is, and can be claimed when the contract takes it".to_owned()
            }
            Self::NoContract(_) => {
                "name the contract that takes the ticket, such as its ticketer".to_owned()
            }
            Self::NoKey(_) => "toru key import keeps a key; --keys names another folder".to_owned(),
            Self::Ticket(TicketError::Unknown(_)) => {
                "toru tickets lists them; #N and KT1…/NAME mean one for sure".to_owned()
            }
            Self::Ticket(TicketError::Several { .. }) => {
                "toru tickets says who mints each; write #N or KT1…/NAME".to_owned()
            }
            Self::StillWaiting(_) => {
                "wait for it: --wait with the earlier one, or toru tx show HASH".to_owned()
            }
            Self::NoResult { .. } => "a level that is full puts batches off, or refuses them as \
                                      busy: send it again, which is safe"
                .to_owned(),
            Self::NotYet { hash, .. } => format!("it may still come: toru tx show {hash}"),
            Self::UnknownHash(_) => "it may still wait for a level; results are kept for one to \
                                     two days' worth of levels"
                .to_owned(),
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
            Self::SentBefore { resume, .. } => {
                format!(
                    "{resume} goes on with it, and pays nobody twice; --again pays a second time"
                )
            }
            Self::GoneOn(_) => "--resume says how far it is".to_owned(),
            Self::NotPaid { resume, .. } => {
                format!("{resume} pays those that were not paid, and nobody twice")
            }
            Self::NotPaidYet { resume, .. } => {
                format!("{resume} goes on with the same signatures, and pays nobody twice")
            }
            Self::Away { hint, .. } => hint.clone(),
            Self::NothingToResume(_) => {
                "without --resume it is sent; --payments names the folder of the records".to_owned()
            }
            Self::Forgotten { .. } => {
                "look at what they hold, and pay those that were not paid from a file of their own"
                    .to_owned()
            }
            Self::NeverApplied { .. } => "nothing of it happened: make it anew".to_owned(),
            Self::Payments(_) => "--payments names another folder".to_owned(),
            _ => return None,
        })
    }
}

/// A node that cannot be asked is the network's fault; one that says no to what was asked is not.
fn of_rpc(error: &RpcError) -> u8 {
    match error {
        RpcError::Endpoint(_) => 2,
        RpcError::Connection { .. } | RpcError::Refused { .. } | RpcError::Shape { .. } => 4,
    }
}
