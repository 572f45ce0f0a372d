//! What can go wrong in the wallet: the line that says so, the exit code.

mod hint;

use std::path::PathBuf;

use encoding::{Kt1Address, Level, MessageId, RollupAddress, Tz4Address};
use keys::TextError;
use tx_kernel::results::{Outcome, ResultCode};
use wallet::amount::AmountError;
use wallet::contract::Misfit;
use wallet::error::{BundleError, FileError, RpcError, StateError, TicketError};
use wallet::outbox::OutboxMessageId;
use wallet::payments::PaymentsError;
use wallet::withdrawal_log::WithdrawalLogError;

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
    /// There is no account with that index.
    #[error("the rollup has no account {0}")]
    NoSuchIndex(String),
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
        /// Whether all of it was.
        is_paid: bool,
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
    WouldBeRefused(String),
    /// The kernel has refused it.
    #[error("refused by the kernel: {}", reasons::sentence_with_code(.0))]
    Refused(Outcome),
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
        message.index, message.level, reasons::sentence_with_code(reason)
    )]
    RefusedWhole {
        /// What was in it.
        hash: String,
        /// Which message.
        message: MessageId,
        /// Why.
        reason: Outcome,
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
    WithdrawalLog(WithdrawalLogError),
    /// A hash that is not in the record of withdrawals.
    #[error("no withdrawal {0} is on record here")]
    NotOnRecord(String),
    /// There is no such message.
    #[error("the outbox of level {} has no message {}", .0.level, .0.index)]
    NoOutboxMessage(OutboxMessageId),
    /// Its time has not come.
    #[error("{what} cannot be executed yet: {stage}")]
    NotExecutable {
        /// Which.
        what: String,
        /// How far it is, and when its time comes.
        stage: String,
    },
    /// It never left the rollup, or its time is over.
    #[error("{what} cannot be executed any more: {stage}")]
    NeverExecutable {
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
            Self::WouldBeRefused(_)
            | Self::Refused(_)
            | Self::RefusedWhole { .. }
            | Self::Unregistered(_)
            | Self::NeverExecutable { .. }
            | Self::NoExit { .. }
            | Self::NoSuchContract { .. }
            | Self::Misfit(_)
            | Self::NotTaken { .. }
            | Self::NotPaid { .. }
            | Self::NeverApplied { .. } => Exit::Refused,
            Self::Away { .. } => Exit::NoAnswer,
            Self::Interrupted => Exit::Interrupted,
            Self::SentBefore { is_open: true, .. } | Self::NotPaidYet { .. } => Exit::NotYet,
            Self::Rpc(error) | Self::State(StateError::Rpc(error)) => of_rpc(error),
            Self::StillWaiting(_)
            | Self::NotYet { .. }
            | Self::NoResult { .. }
            | Self::Gone { .. }
            | Self::Nowhere { .. }
            | Self::InQueue(_)
            | Self::NotRegistered(_)
            | Self::UnknownHash(_)
            | Self::NotExecutable { .. }
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
            Self::NoAccount(_) | Self::NoSuchIndex(_) => "no_account",
            Self::NoKey(_) => "no_key",
            Self::Ticket(TicketError::Several { .. }) => "several_tickets",
            Self::Ticket(_) => "no_ticket",
            Self::Amount(_) => "amount",
            Self::File { .. } => "file",
            Self::NotSigned(_) => "not_signed",
            Self::Unregistered(_) => "not_registered",
            Self::WouldBeRefused(_) => "would_be_refused",
            Self::RefusedWhole { .. } => "refused_whole",
            Self::StillWaiting(_) => "still_waiting",
            Self::Gone { .. } => "gone",
            Self::UnknownHash(_) | Self::Nowhere { .. } => "unknown_hash",
            Self::InQueue(_) => "queued",
            Self::Unconfirmed => "not_confirmed",
            other => other.exit().word(),
        }
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
