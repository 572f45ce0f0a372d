//! Moves of tickets, withdrawals, and deposits that are held.

use encoding::{Level, Ticket};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ResultAnswer, text};
use crate::rows::{HeldRow, MoveRow, Settlement, WithdrawalRow};
use crate::words::MoveState;

/// A ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketAnswer {
    /// Its identity on the rollup: the hash of ticketer, content type and content.
    pub hash: String,
    /// Its index in the rollup's registry, once a level has given it one.
    pub index: Option<u32>,
    /// The contract that mints it, `KT1…`.
    pub ticketer: String,
    /// Its content, in Micheline's binary form.
    pub content: String,
    /// Ticketer, content type and content, as the rollup stores them.
    pub record: String,
}

impl TicketAnswer {
    fn new(ticket: &Ticket, index: Option<u32>) -> Self {
        Self {
            hash: ticket.hash().to_string(),
            index,
            ticketer: ticket.ticketer.to_string(),
            content: hex::encode(ticket.content.to_micheline()),
            record: hex::encode(ticket.to_record()),
        }
    }

    /// The ticket; nothing if the record is none.
    #[must_use]
    pub fn ticket(&self) -> Option<Ticket> {
        Ticket::from_record(&hex::decode(&self.record).ok()?)
    }
}

/// Something that moves a ticket, or would have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MoveAnswer {
    /// The level that had its message.
    pub level: i32,
    /// The index of its message in that level.
    pub message: u32,
    /// When, in seconds since 1970, if the node tells.
    pub time: Option<i64>,
    /// The hash of its transaction, or of its operation in the first form; null of a deposit.
    pub hash: Option<String>,
    /// `deposit`, `transfer` or `withdrawal`.
    pub kind: String,
    /// The account that it leaves; null of a deposit.
    pub sender: Option<String>,
    /// The account that it reaches; null of a withdrawal.
    pub receiver: Option<String>,
    /// On layer 1: who made the deposit, or the contract that is handed the ticket.
    pub outside: Option<String>,
    /// Of a withdrawal: the contract's entrypoint.
    pub entrypoint: Option<String>,
    /// Of a withdrawal: whom the contract is to pay.
    pub pays: Option<String>,
    /// Of what.
    pub ticket: TicketAnswer,
    /// How much, in the smallest units, in decimal.
    pub amount: String,
    /// The operation's memo: its text, or `0x` and hexadecimal if it is no plain text.
    pub memo: Option<String>,
    /// `waits`, `applied`, `not_applied`, or `unknown` if nobody can tell any more.
    pub state: String,
    /// What became of its operation, or of its deposit; null as long as it waits, or if that is unknown.
    pub result: Option<ResultAnswer>,
}

/// The word for how far a move is.
fn word(state: MoveState) -> &'static str {
    match state {
        MoveState::Waits => "waits",
        MoveState::Applied => "applied",
        MoveState::NotApplied => "not_applied",
        MoveState::Unknown => "unknown",
    }
}

impl From<MoveRow> for MoveAnswer {
    fn from(row: MoveRow) -> Self {
        Self {
            level: row.message.level.0,
            message: row.message.index,
            time: row.time,
            hash: row.hash.as_ref().map(text),
            kind: row.kind.word().to_owned(),
            sender: row.sender.as_ref().map(text),
            receiver: row.receiver.as_ref().map(text),
            outside: row.outside,
            entrypoint: row.entrypoint,
            pays: row.pays,
            ticket: TicketAnswer::new(&row.ticket.ticket, row.ticket.index.map(|index| index.0)),
            amount: row.amount.get().to_string(),
            memo: row.memo,
            state: word(row.state).to_owned(),
            result: row.result.map(ResultAnswer::from),
        }
    }
}

/// Moves of an account, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MovesAnswer {
    /// Whose.
    pub account: String,
    /// The last level that is in the index.
    pub level: i32,
    /// The moves.
    pub moves: Vec<MoveAnswer>,
    /// For `after`, if there is more.
    pub next: Option<String>,
}

/// A withdrawal that was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WithdrawalAnswer {
    /// What left the rollup.
    pub moved: MoveAnswer,
    /// The level of its outbox message, once it is in an outbox.
    pub outbox_level: Option<i32>,
    /// The index of its outbox message, once it is in an outbox.
    pub outbox_index: Option<u32>,
    /// `queued`, `outbox`, `committed`, `cementing`, `executable`, `executed`, `lost` or `unknown`.
    pub stage: String,
    /// The level of its execution, if that is known.
    pub executed: Option<i32>,
    /// The last level in which it can be executed, as things go now; null at its end.
    pub expires: Option<i32>,
    /// The head at which it was seen to be executed, lost or unknown; null before that.
    pub ended: Option<i32>,
}

impl From<WithdrawalRow> for WithdrawalAnswer {
    fn from(row: WithdrawalRow) -> Self {
        let (outbox_level, outbox_index) = row.outbox.unzip();
        let number = |level: Option<Level>| level.map(|level| level.0);
        Self {
            moved: row.moved.into(),
            outbox_level: number(outbox_level),
            outbox_index,
            stage: row.stage.word().to_owned(),
            executed: number(row.executed),
            expires: number(row.expires),
            ended: number(row.ended),
        }
    }
}

/// Withdrawals, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WithdrawalsAnswer {
    /// The withdrawals.
    pub withdrawals: Vec<WithdrawalAnswer>,
    /// For `after`, if there is more.
    pub next: Option<String>,
}

/// A deposit that is held, or was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeldAnswer {
    /// Its number in decimal: a request to pay it back names it.
    pub number: String,
    /// The level that had its message.
    pub level: i32,
    /// The index of its message in that level.
    pub message: u32,
    /// The contract that called the rollup.
    pub sender: String,
    /// Who signed the operation of layer 1.
    pub source: String,
    /// What it carries, if that can be read.
    pub ticket: Option<TicketAnswer>,
    /// How much, in decimal: it need not fit an amount.
    pub amount: Option<String>,
    /// Why it is held.
    pub reason: ResultAnswer,
    /// The level in which it was paid back, or put into the queue for it.
    pub paid: Option<i32>,
}

impl From<HeldRow> for HeldAnswer {
    fn from(row: HeldRow) -> Self {
        let level = row.message.level;
        Self {
            number: row.number.to_string(),
            level: level.0,
            message: row.message.index,
            sender: row.sender,
            source: row.source,
            ticket: row.ticket.map(|ticket| TicketAnswer::new(&ticket, None)),
            amount: row.amount,
            reason: Settlement { outcome: row.outcome, level }.into(),
            paid: row.paid.map(|level| level.0),
        }
    }
}

/// Deposits that are held, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeldListAnswer {
    /// The deposits.
    pub held: Vec<HeldAnswer>,
    /// For `after`, if there is more.
    pub next: Option<String>,
}
