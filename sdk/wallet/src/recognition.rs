//! What stands behind a ticket's name: the user's pin, a ticketer that is known here, or nobody's word but
//! the ticketer's.

use std::collections::BTreeSet;

use encoding::{Kt1Address, Ticket, Tz4Address};

use crate::payments::{PaymentStore, PaymentsError};
use crate::pins::Pins;
use crate::ticket::Token;
use crate::withdrawal_log::{WithdrawalLog, WithdrawalLogError};

/// What stands behind a ticket's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recognition {
    /// The user has pinned the name to this ticket.
    Pinned,
    /// The ticketer is known here, the name is its word.
    Known,
    /// Nothing: anybody can mint a ticket of any name.
    Unknown,
}

impl Recognition {
    /// Every recognition, from the best down.
    pub const ALL: [Recognition; 3] =
        [Recognition::Pinned, Recognition::Known, Recognition::Unknown];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Recognition::Pinned => "pinned",
            Recognition::Known => "known",
            Recognition::Unknown => "unknown",
        }
    }
}

/// The ticketers that are known here beyond those that are pinned.
#[derive(Clone, Debug, Default)]
pub struct KnownTicketers(BTreeSet<Kt1Address>);

impl KnownTicketers {
    /// Those of tickets that were used before.
    #[must_use]
    pub fn of_used(used: &BTreeSet<Ticket>) -> Self {
        KnownTicketers(used.iter().map(|ticket| ticket.ticketer).collect())
    }

    /// Adds one that somebody else vouches for: a node of layer 1 that has its code, say.
    pub fn add(&mut self, ticketer: Kt1Address) {
        self.0.insert(ticketer);
    }

    /// What stands behind a ticket's name.
    #[must_use]
    pub fn recognition(&self, token: &Token, pins: &Pins) -> Recognition {
        let ticketer = &token.ticket.ticketer;
        if token.pinned.is_some() {
            Recognition::Pinned
        } else if self.0.contains(ticketer) || pins.has_ticketer(ticketer) {
            Recognition::Known
        } else {
            Recognition::Unknown
        }
    }
}

/// Why it is not known which tickets were used.
#[derive(Debug, thiserror::Error)]
pub enum UsedError {
    /// The records of payments cannot be used.
    #[error(transparent)]
    Payments(#[from] PaymentsError),
    /// The log of withdrawals cannot be used.
    #[error(transparent)]
    Withdrawals(#[from] WithdrawalLogError),
}

/// The tickets that were paid or withdrawn from here, as this wallet has recorded it: by one account, or by
/// any.
///
/// # Errors
/// When the records cannot be read.
pub fn used_tickets(
    payments: &PaymentStore,
    withdrawals: &WithdrawalLog,
    account: Option<&Tz4Address>,
) -> Result<BTreeSet<Ticket>, UsedError> {
    let is_meant = |found: &Tz4Address| account.is_none_or(|account| account == found);
    let mut used = BTreeSet::new();
    for record in payments.all()? {
        let payments = record.payments;
        if is_meant(&payments.payer) {
            used.extend(payments.rows.into_iter().map(|row| row.ticket));
        }
    }
    for logged in withdrawals.read()? {
        if is_meant(&logged.withdrawal.account) {
            used.insert(logged.withdrawal.payout.ticket);
        }
    }
    Ok(used)
}
