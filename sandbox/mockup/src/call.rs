//! Calls, and what became of them.

use layer1::address::Address;
use layer1::michelson::Node;
use num_bigint::{BigInt, BigUint};

use crate::refusal::Refusal;
use crate::ticket::{ContractHash, Ticket};

/// A transfer of tez to an account, or a call of a contract or of the rollup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Who signed the operation that it is part of.
    pub source: Address,
    /// Who calls.
    pub sender: Address,
    /// Who is called.
    pub destination: Address,
    /// Tez that come with it, in mutez.
    pub amount: u64,
    /// Where; empty for `default`.
    pub entrypoint: String,
    /// With what.
    pub value: Node,
    /// The type of that, where the caller says it.
    pub value_type: Option<Node>,
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallStatus {
    /// It is done.
    Applied,
    /// It failed, and with it the operation.
    Failed(Refusal),
    /// It was done, and undone as a later one failed.
    Backtracked,
    /// It was not tried, as an earlier one failed.
    Skipped,
}

/// A call, what it moved, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallOutcome {
    /// The call.
    pub call: Call,
    /// Which of the operation's transactions it belongs to, from 0.
    pub transaction: usize,
    /// Whether a contract made it.
    pub is_internal: bool,
    /// What became of it.
    pub status: CallStatus,
    /// Mutez that accounts gained or lost.
    pub tez: Vec<(Address, i128)>,
    /// Tickets that accounts gained or lost.
    pub tickets: Vec<(Ticket, Address, BigInt)>,
    /// The contract that it made, if it was an origination.
    pub originated: Option<ContractHash>,
}

/// A contract's call of the rollup: a message for its inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollupCall {
    /// The contract.
    pub sender: ContractHash,
    /// Who signed the operation.
    pub source: Address,
    /// Micheline, as layer 1 writes it.
    pub payload: Vec<u8>,
    /// The tickets in it.
    pub tickets: Vec<(Ticket, BigUint)>,
}
