//! What the ledger refuses, with the values that explain it; and what the host failed to do.

use encoding::{AccountIndex, Amount, Counter, TicketHash, TicketIndex};
use host::HostError;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The rules do not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The host failed.
    #[error(transparent)]
    Host(#[from] HostError),
}
