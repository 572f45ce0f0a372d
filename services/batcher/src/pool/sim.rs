//! The state that pending transactions are applied to, as the pool sees it.

use encoding::{AccountIndex, Amount, Counter, TicketIndex, Tz4Address};
use inbox::v2::Transaction;
use tx_kernel::results::Outcome;

use crate::admission::Verified;

/// The state is not known, as the node does not tell. In words for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Away(pub String);

/// What the kernel makes of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is applied, and what comes next comes after it.
    Applied,
    /// A signer's counter has been used.
    CounterBehind {
        /// The next one.
        expected: Counter,
        /// The transaction's.
        provided: Counter,
    },
    /// A signer's counter is not the next one yet.
    CounterAhead {
        /// Whose.
        account: Tz4Address,
        /// The next one.
        expected: Counter,
        /// The transaction's.
        provided: Counter,
    },
    /// It has expired.
    Expired(Vec<Outcome>),
    /// It is refused for anything else. Results of all its operations.
    Refused(Vec<Outcome>),
}

/// A state to which transactions are applied in turn. Only what is applied changes it.
pub(crate) trait Sim {
    /// Applies a transaction.
    fn apply(&mut self, transaction: &Verified) -> Result<Verdict, Away>;

    /// Takes everything back.
    fn reset(&mut self) -> Result<(), Away>;

    /// What transactions would do one after the other. Nothing is changed.
    fn try_all(&mut self, transactions: &[Transaction]) -> Result<Vec<Vec<Outcome>>, Away>;

    /// An account after all that was applied.
    fn view(&mut self, account: &Tz4Address) -> Result<AccountState, Away>;
}

/// An account in some state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AccountState {
    /// Its index in the registry.
    pub index: Option<AccountIndex>,
    /// The counter that its next operation carries.
    pub counter: Counter,
    /// What it holds, of the first tickets; nothing that is zero.
    pub balances: Vec<(TicketIndex, Amount)>,
}

/// The two states that are kept.
pub(crate) struct Sims<'a> {
    /// After all batches, each in its own order.
    pub batches: &'a mut dyn Sim,
    /// After everything that is pending.
    pub pending: &'a mut dyn Sim,
}
