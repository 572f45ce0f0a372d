//! What is in the index, as types.

use encoding::{
    AccountIndex, Amount, Counter, Hash32, Level, MessageId, Ticket, TicketHash, TicketIndex,
    Tz4Address,
};
use tx_kernel::results::Outcome;

use crate::words::{MoveKind, MoveState, ResultKind, WithdrawalWord};

/// How far the index is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The rollup, `sr1…`.
    pub rollup: String,
    /// The last level that is in it; nothing before the first.
    pub last: Option<LevelRow>,
    /// The first level that is in it.
    pub first: Option<Level>,
    /// Levels of which the node did not show what was sent to them.
    pub unseen: u64,
    /// Alarms: where state and moves differ.
    pub alarms: u64,
}

/// A level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelRow {
    /// Its number.
    pub level: Level,
    /// The hash of its block, `BL…`.
    pub block: String,
    /// Seconds since 1970, if the node tells.
    pub time: Option<i64>,
    /// Whether the node shows what was sent to it.
    pub shown: bool,
    /// Messages for this rollup.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Messages for others.
    pub others: u64,
    /// The PVM's ticks, if the node tells.
    pub ticks: Option<u64>,
    /// Transfers that it applied.
    pub transfers: u64,
    /// Operations that it applied.
    pub applied: u64,
    /// Operations that it did not apply.
    pub failed: u64,
    /// How many of the operations were covered by their batch's one signature.
    pub cosigned: u64,
}

/// The last word on something, and the level that said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// What the kernel recorded.
    pub outcome: Outcome,
    /// The level.
    pub level: Level,
}

/// A message for this rollup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its row.
    pub row: i64,
    /// Which message it is.
    pub id: MessageId,
    /// `deposit`, `v1`, `v2`, `request`, `upgrade`, `bytes` or `malformed`.
    pub kind: String,
    /// In words.
    pub text: String,
    /// Of a v2 batch: what those who co-signed it signed.
    pub digest: Option<Hash32>,
    /// Bytes.
    pub length: u64,
    /// Transactions in it.
    pub transactions: u64,
    /// Accounts that it registers.
    pub registrations: u64,
    /// What became of it; nothing as long as the kernel puts it off.
    pub result: Option<(ResultKind, Settlement)>,
    /// The level from which on nobody can tell what became of it, as the state keeps no results of its level any more;
    /// nothing of all others.
    pub unknown: Option<Level>,
}

/// An account as rows name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// Its row.
    pub row: i64,
    /// Whose.
    pub address: Tz4Address,
    /// The level that first named it.
    pub since: Level,
    /// Its index in the registry.
    pub index: Option<AccountIndex>,
    /// The level that registered its key, if that was seen.
    pub registered: Option<Level>,
}

/// A ticket as rows name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketRow {
    /// Its row.
    pub row: i64,
    /// Its identity.
    pub hash: TicketHash,
    /// What it is.
    pub ticket: Ticket,
    /// The level that first named it.
    pub since: Level,
    /// Its index in the registry.
    pub index: Option<TicketIndex>,
}

/// A transaction in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionRow {
    /// Its row.
    pub row: i64,
    /// The message that carries it.
    pub message: Message,
    /// Its place in the batch.
    pub number: u32,
    /// Its hash; of v1 nothing, as operations have hashes there.
    pub hash: Option<Hash32>,
    /// The last level in which it is applied.
    pub expires: Option<Level>,
}

/// An operation of a transaction, with all that it moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationRow {
    /// Its row.
    pub row: i64,
    /// Its place in the transaction.
    pub number: u32,
    /// Who signed it, if that is known: an index may stand for nobody.
    pub signer: Option<Tz4Address>,
    /// Its counter.
    pub counter: Counter,
    /// Of v1: its hash.
    pub hash: Option<Hash32>,
    /// Its memo, in words.
    pub memo: Option<String>,
    /// Whether its signer signed the transaction for itself, and not the batch.
    pub individual: bool,
    /// What became of it; nothing as long as it waits, or if its message was refused.
    pub result: Option<Settlement>,
    /// What it moves, in its order.
    pub moves: Vec<MoveRow>,
}

/// How many operations of a message were applied, and how many were not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchCount {
    /// Applied.
    pub applied: u64,
    /// Not applied.
    pub failed: u64,
    /// How many of all were covered by the batch's one signature.
    pub cosigned: u64,
    /// All of them.
    pub all: u64,
}

/// An operation that was not applied, and where it is in its batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedOperation {
    /// The place of its transaction.
    pub transaction: u32,
    /// The hash of its transaction.
    pub hash: Option<Hash32>,
    /// The operation, without what it would have moved.
    pub operation: OperationRow,
}

/// Something that moves a ticket, or would have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveRow {
    /// Its row: a later one has a greater number.
    pub row: i64,
    /// The message that carries it.
    pub message: MessageId,
    /// The hash of its transaction, or of its operation in v1; nothing of a deposit.
    pub hash: Option<Hash32>,
    /// What it is.
    pub kind: MoveKind,
    /// The account that it leaves.
    pub sender: Option<Tz4Address>,
    /// The account that it reaches.
    pub receiver: Option<Tz4Address>,
    /// On layer 1: who made the deposit, or the contract that is handed the ticket.
    pub outside: Option<String>,
    /// Of a withdrawal: the contract's entrypoint.
    pub entrypoint: Option<String>,
    /// Of a withdrawal: whom the contract is to pay.
    pub pays: Option<String>,
    /// Of what.
    pub ticket: TicketRow,
    /// How much.
    pub amount: Amount,
    /// The operation's memo, in words.
    pub memo: Option<String>,
    /// How far it is.
    pub state: MoveState,
    /// What became of its operation, or of its deposit.
    pub result: Option<Settlement>,
    /// The time of its level, seconds since 1970.
    pub time: Option<i64>,
}

/// How many there are of something that can be without end: it is counted as far as [`crate::limits::COUNTED`], or
/// as far as the question says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BoundedCount {
    /// As many were counted.
    pub count: u64,
    /// Whether there are more.
    pub more: bool,
}

/// Where a list of those who have a ticket goes on: after an account, by its row, that has so much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HolderCursor {
    /// What the last one listed has.
    pub amount: Amount,
    /// Its row.
    pub account: i64,
}

/// A part of a list of those who have a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holders {
    /// Those who have most come first.
    pub rows: Vec<BalanceRow>,
    /// For the next part, if there is one.
    pub next: Option<HolderCursor>,
}

/// What an account has of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceRow {
    /// The row of the account.
    pub row: i64,
    /// Whose.
    pub account: Tz4Address,
    /// Of what.
    pub ticket: TicketRow,
    /// How much.
    pub amount: Amount,
    /// The last level that changed it.
    pub level: Level,
    /// The last level in which the state was asked, if ever.
    pub checked: Option<Level>,
}

/// A ticket's supply after a level that changed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupplyRow {
    /// The level.
    pub level: Level,
    /// On the rollup.
    pub on_rollup: Amount,
    /// Deposited since the beginning, in decimal.
    pub deposited: String,
    /// Withdrawn since the beginning, in decimal.
    pub withdrawn: String,
}

/// A deposit that is held, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRow {
    /// Its number: a request to pay it back names it.
    pub number: u64,
    /// The message.
    pub message: MessageId,
    /// The contract that called the rollup.
    pub sender: String,
    /// Who signed the operation of layer 1.
    pub source: String,
    /// What it carries, if that can be read.
    pub ticket: Option<Ticket>,
    /// How much, in decimal: it need not fit an amount.
    pub amount: Option<String>,
    /// Why it is held.
    pub outcome: Outcome,
    /// The level in which it was paid back, or put into the queue for it.
    pub paid: Option<Level>,
}

/// A withdrawal that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawalRow {
    /// What left the rollup.
    pub moved: MoveRow,
    /// Level and index of the outbox message, once it is in an outbox.
    pub outbox: Option<(Level, u32)>,
    /// How far it is.
    pub stage: WithdrawalWord,
    /// The level of its execution, if that is known.
    pub executed: Option<Level>,
    /// The last level in which it can be executed, as things go now; nothing at its end.
    pub expires: Option<Level>,
    /// The head at which it was seen to be at its end; nothing before that.
    pub ended: Option<Level>,
}

/// Where the state says otherwise than the moves do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmRow {
    /// The level.
    pub level: Level,
    /// What is wrong.
    pub text: String,
    /// What the state says.
    pub stated: String,
    /// What the moves come to.
    pub derived: String,
}
