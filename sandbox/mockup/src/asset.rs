//! What accounts hold on layer 1: tez, tokens, tickets.

use layer1::address::Address;
use num_bigint::BigUint;

use crate::ticket::{ContractHash, Ticket};

/// What can be held.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asset {
    /// Tez, in mutez.
    Tez,
    /// A token of a contract, in its smallest unit.
    Token {
        /// The contract.
        contract: ContractHash,
        /// Which of its tokens; 0 for those of FA1.2.
        id: BigUint,
    },
    /// A ticket.
    Ticket(Ticket),
}

/// What one account holds of one asset.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holding {
    /// Whose.
    pub account: Address,
    /// Of what.
    pub asset: Asset,
}

/// A balance before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whose, and of what.
    pub holding: Holding,
    /// Before.
    pub before: BigUint,
    /// After.
    pub after: BigUint,
}
