//! A withdrawal, and how far it has come: layer 1 has the money when somebody has executed the outbox
//! message, and that can be long after the rollup has paid it out.

mod pace;
mod queue;

use encoding::{Counter, Hash32, Level, Payout, Tz4Address};
use inbox::v2::{Action, Name, TicketName};

use crate::outbox::OutboxMessageId;
use crate::transaction::Signable;

pub use pace::SettlementPace;
pub use queue::OutboxQueue;

/// A transaction that does nothing but hand a ticket to a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// The transaction's hash: its result is kept under it.
    pub hash: Hash32,
    /// Whose ticket it was.
    pub account: Tz4Address,
    /// The counter of that account's operation.
    pub counter: Counter,
    /// The last level in which it is applied, if it expires.
    pub expires: Option<Level>,
    /// The call.
    pub payout: Payout,
    /// The head when it was sent.
    pub sent: Level,
}

impl Withdrawal {
    /// The withdrawal that a transaction is; `None` if it is anything else, or does not name all by
    /// what it is.
    #[must_use]
    pub fn of(signable: &Signable, sent: Level) -> Option<Self> {
        let transaction = signable.transaction();
        let [operation] = transaction.operations.as_slice() else { return None };
        let Name::Address(account) = operation.signer else { return None };
        let [
            Action::Withdraw { ticket: TicketName::Full(ticket), to, entrypoint, receiver, amount },
        ] = operation.actions.as_slice()
        else {
            return None;
        };
        let payout = Payout {
            destination: *to,
            entrypoint: entrypoint.clone(),
            ticket: ticket.clone(),
            amount: *amount,
            receiver: *receiver,
        };
        Some(Withdrawal {
            hash: signable.hash(),
            account,
            counter: operation.counter,
            expires: transaction.expires,
            payout,
            sent,
        })
    }
}

/// How far a withdrawal has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WithdrawalStage {
    /// No level has it yet.
    Sent,
    /// It was not applied, and will not be: nothing left the rollup.
    Refused,
    /// It was applied, and waits for room in the outbox.
    Accepted,
    /// It was applied, and neither waits nor is in an outbox that was looked through.
    NotFound,
    /// It is in an outbox that no commitment of the node has yet.
    Outbox,
    /// A commitment has it; the node does not know it to be published.
    Committed,
    /// The commitment is published, and can still be refuted.
    Cementing,
    /// Layer 1 executes it for whoever asks.
    Executable,
    /// As before, or it has been executed: the node does not tell.
    Unknown,
    /// It has been executed: the contract has the ticket.
    Executed,
    /// Its time is over, and the node does not tell whether it had been executed.
    Expired,
    /// Its time is over, and nobody had executed it.
    Lost,
}

impl WithdrawalStage {
    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            WithdrawalStage::Sent => "sent",
            WithdrawalStage::Refused => "refused",
            WithdrawalStage::Accepted => "accepted",
            WithdrawalStage::NotFound => "not found",
            WithdrawalStage::Outbox => "in the outbox",
            WithdrawalStage::Committed => "committed",
            WithdrawalStage::Cementing => "cementing",
            WithdrawalStage::Executable => "executable",
            WithdrawalStage::Unknown => "executable or executed",
            WithdrawalStage::Executed => "executed",
            WithdrawalStage::Expired => "executed or lost",
            WithdrawalStage::Lost => "lost",
        }
    }

    /// Whether there is more to come that the node would tell.
    #[must_use]
    pub fn is_open(self) -> bool {
        match self {
            WithdrawalStage::Refused
            | WithdrawalStage::Unknown
            | WithdrawalStage::Executed
            | WithdrawalStage::Expired
            | WithdrawalStage::Lost => false,
            WithdrawalStage::Sent
            | WithdrawalStage::Accepted
            | WithdrawalStage::NotFound
            | WithdrawalStage::Outbox
            | WithdrawalStage::Committed
            | WithdrawalStage::Cementing
            | WithdrawalStage::Executable => true,
        }
    }
}

/// A withdrawal with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackedWithdrawal {
    /// The withdrawal.
    pub withdrawal: Withdrawal,
    /// How far it is.
    pub stage: WithdrawalStage,
    /// The level that has its result.
    pub result: Option<Level>,
    /// The outbox message, if it is in an outbox.
    pub id: Option<OutboxMessageId>,
    /// Why it was refused, or not applied so far; `None` also if another transaction took its place.
    pub reason: Option<tx_kernel::results::Outcome>,
    /// The level in which its message was executed, if that is known.
    pub executed: Option<Level>,
    /// Up to which level outboxes were looked through for it, if it is not found.
    pub searched: Option<Level>,
}
