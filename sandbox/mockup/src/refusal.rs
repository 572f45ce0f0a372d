//! Why layer 1 does not do what it is asked to.

use layer1::address::Address;
use layer1::fits::Mismatch;
use num_bigint::BigUint;
use thiserror::Error;

/// Why a call fails.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Nobody has told of the contract.
    #[error("layer 1 has no contract {0}")]
    NoContract(Address),
    /// Another rollup than the one that there is.
    #[error("layer 1 has no rollup {0}")]
    NoRollup(Address),
    /// The contract has no such entrypoint.
    #[error("the contract has no such entrypoint, but {there}")]
    NoEntrypoint {
        /// The entrypoints that there are.
        there: String,
    },
    /// The entrypoint takes something else.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// An address in a call is not of a contract that takes what it would be sent.
    #[error("{address} does not take {what}")]
    NotTaken {
        /// Which address, with its entrypoint.
        address: String,
        /// What it would be sent.
        what: String,
    },
    /// Too little tez.
    #[error("{account} has {has} mutez, and {needs} are asked for")]
    Tez {
        /// Whose.
        account: Address,
        /// How much there is.
        has: u64,
        /// How much is asked for.
        needs: u64,
    },
    /// More tez than there can be.
    #[error("{account} would have more than {} mutez", i64::MAX)]
    TezOverflow {
        /// Whose.
        account: Address,
    },
    /// Too few of a ticket.
    #[error("{account} has {has} of the ticket {ticket}, and {needs} are asked for")]
    Tickets {
        /// Whose.
        account: Address,
        /// What the ticket says.
        ticket: String,
        /// How many there are.
        has: BigUint,
        /// How many are asked for.
        needs: BigUint,
    },
    /// The contract's code ends with a failure.
    #[error("{contract} refuses: {words} ({with})")]
    Code {
        /// Which contract.
        contract: Address,
        /// What the code fails with.
        with: &'static str,
        /// What it means.
        words: &'static str,
    },
    /// Only contracts may call a rollup.
    #[error("{0} is no contract, and only contracts can call the rollup")]
    RollupByUser(Address),
    /// A rollup takes no tez.
    #[error("the rollup takes no tez")]
    RollupTez,
    /// A user's call with a ticket in it.
    #[error("{0} is no contract, and only contracts can put tickets into a call")]
    TicketByUser(Address),
    /// The operation's sources differ, or it has none.
    #[error("an operation has one source, an implicit account, and transactions of it")]
    Sources,
    /// A transaction of nothing to nobody.
    #[error("a transfer of no tez to {0}, which is no contract")]
    EmptyTransfer(Address),
    /// Too many transactions, with those of contracts.
    #[error("an operation of more than {0} transactions, those of contracts counted")]
    TooMany(usize),
    /// A contract whose code would not make such a call of the rollup.
    #[error("the code of {0} does not make this call; POST /dev/operation calls the contract")]
    NotItsCode(Address),
    /// A contract whose code is known.
    #[error("the code of {0} is known, and so is what it takes")]
    HasCode(Address),
    /// A script that cannot be originated.
    #[error("the script cannot be originated: {0}")]
    Script(String),
    /// An outbox message that was executed before.
    #[error("the message was executed at level {0}")]
    Executed(i32),
    /// A call of an outbox message fails.
    #[error("call {number} of {count}, of {target}: {refusal}")]
    OfMessage {
        /// Which call, from 1.
        number: usize,
        /// How many calls the message has.
        count: usize,
        /// The contract and the entrypoint.
        target: String,
        /// Why.
        refusal: Box<Refusal>,
    },
}
