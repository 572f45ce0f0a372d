//! What the ledger refuses, with the values that explain it; and what the host failed to do.

use encoding::{AccountIndex, Amount, Counter, TicketHash, TicketIndex};
use host::StepError;

/// A movement that the rules do not allow. Whoever asked for it rolls back to before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A transfer or withdrawal of nothing.
    #[error("the amount is zero")]
    ZeroAmount,
    /// A transfer from an account to itself.
    #[error("sender and receiver are the same account")]
    SelfTransfer,
    /// Nobody ever deposited such a ticket.
    #[error("the rollup has never held ticket {0}")]
    UnknownTicket(TicketHash),
    /// There is no ticket of that index.
    #[error("the rollup has no ticket {0}")]
    UnknownTicketIndex(TicketIndex),
    /// There is no account of that index.
    #[error("there is no account {index}: there are {accounts}")]
    UnknownAccount {
        /// Which.
        index: AccountIndex,
        /// How many there are.
        accounts: u32,
    },
    /// The account has less than that.
    #[error("balance too low: {available} available, {requested} requested")]
    BalanceTooLow {
        /// What the account has.
        available: Amount,
        /// What was to leave it.
        requested: Amount,
    },
    /// A ticket's supply on the rollup is bounded by 2^64 − 1.
    #[error("supply too large: {supply} on the rollup, {added} more exceed 2^64 - 1")]
    SupplyTooLarge {
        /// What there is.
        supply: Amount,
        /// What would have come.
        added: Amount,
    },
    /// The account has used its last counter.
    #[error("counter {0} is the last one")]
    CounterExhausted(Counter),
    /// A registry has given out its last index.
    #[error("no index left in the registry of {0}")]
    RegistryFull(&'static str),
}

/// Why the ledger did not do something.
pub type LedgerError = StepError<Refused>;

impl From<Refused> for LedgerError {
    fn from(refused: Refused) -> Self {
        StepError::Refused(refused)
    }
}

/// A ticket that is to be moved, looked up once for many movements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketLookup {
    /// The rollup has held it.
    Known(TicketIndex),
    /// It has not: what every movement of it is refused for, after what comes before in the order of
    /// refusals.
    Unknown(Refused),
}

impl TicketLookup {
    /// The ticket's index.
    ///
    /// # Errors
    /// When the rollup has never held it.
    pub fn index(self) -> Result<TicketIndex, Refused> {
        match self {
            TicketLookup::Known(index) => Ok(index),
            TicketLookup::Unknown(refused) => Err(refused),
        }
    }
}
