//! What is known of a withdrawal, and what the log says of it line by line.

use encoding::{Hash32, Level};
use tx_kernel::results::Outcome;

use crate::outbox::OutboxMessageId;
use crate::withdrawal::Withdrawal;

/// The last thing that is known of a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithdrawalEnd {
    /// Layer 1 has executed it.
    Executed,
    /// Nobody has, and nobody can.
    Lost,
    /// The kernel refused it; `None` if another transaction took its id.
    Refused(Option<Outcome>),
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogEntry {
    /// It is about to be sent.
    Sent(Withdrawal),
    /// A level that is final has applied it.
    Applied(Hash32, Level),
    /// Its message is not in the outboxes up to this level, which is final.
    Searched(Hash32, Level),
    /// Its message, in a level that is final.
    Found(Hash32, OutboxMessageId),
    /// Nothing more will come.
    Ended(Hash32, WithdrawalEnd),
}

/// A withdrawal, and what is remembered of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedWithdrawal {
    /// The withdrawal.
    pub withdrawal: Withdrawal,
    /// The level that applied it.
    pub applied: Option<Level>,
    /// Up to which level its message was looked for in vain.
    pub searched: Option<Level>,
    /// Where its message is.
    pub found: Option<OutboxMessageId>,
    /// How it ended.
    pub end: Option<WithdrawalEnd>,
}

impl LoggedWithdrawal {
    /// A withdrawal of which nothing else is known.
    #[must_use]
    pub fn new(withdrawal: Withdrawal) -> Self {
        LoggedWithdrawal { withdrawal, applied: None, searched: None, found: None, end: None }
    }
}
