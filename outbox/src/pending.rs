//! What waits for the outbox, kept as what it is made of.
//!
//! A message names its tickets in full, up to 2,000 bytes each, and a withdrawal of one takes some 30
//! bytes of the inbox. So the queue keeps indexes, and the message is encoded when it leaves.

mod record;

use encoding::{AccountIndex, Amount, Entrypoint, Kt1Address, Layer1Address, TicketIndex};

/// Whose turn it is: each owner has a queue of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// Who withdraws.
    Account(AccountIndex),
    /// Whom a held deposit is paid back to: a hash of the contract that sent it and of who signed for it.
    Depositor([u8; 20]),
}

/// A message that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pending {
    /// The withdrawals of an operation, in order; at least one.
    Withdrawals(Vec<Withdrawal>),
    /// The ticket of a held deposit goes back.
    Held {
        /// The number of the deposit.
        number: u64,
        /// Where it goes.
        call: Call,
    },
}

/// An amount of a ticket that leaves the rollup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// The ticket.
    pub ticket: TicketIndex,
    /// How much of it.
    pub amount: Amount,
    /// Where it goes.
    pub call: Call,
}

/// A call of a contract that takes a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The contract.
    pub destination: Kt1Address,
    /// Its entrypoint.
    pub entrypoint: Entrypoint,
    /// Whom it is to pay; without a receiver it is handed a bare ticket.
    pub receiver: Option<Layer1Address>,
}

impl Owner {
    /// As it stands in a path.
    pub(crate) fn path(&self) -> String {
        match self {
            Owner::Account(account) => account.to_string(),
            Owner::Depositor(hash) => {
                hash.iter().fold(String::from("d"), |path, byte| format!("{path}{byte:02x}"))
            }
        }
    }
}

impl Pending {
    /// What will have left the rollup with it. What was held was never part of a supply.
    pub fn tickets(&self) -> impl Iterator<Item = (TicketIndex, Amount)> {
        let withdrawals = match self {
            Pending::Withdrawals(withdrawals) => withdrawals.as_slice(),
            Pending::Held { .. } => &[],
        };
        withdrawals.iter().map(|one| (one.ticket, one.amount))
    }
}
