//! What workloads say of v1 batches.

use super::envelope::Signing;
use super::layer1::Kind;

/// A transaction, and who signs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// What it does.
    pub operations: Vec<Operation>,
    /// Who signs it.
    pub signing: Signing,
}

/// An operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Who.
    pub signer: u8,
    /// How that is said.
    pub named: Named,
    /// How far its counter is from the one that is right if all before applies.
    pub counter_off_by: i64,
    /// What it does.
    pub contents: Vec<Content>,
}

/// How a signer is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// By the public key.
    ByKey,
    /// By address.
    ByAddress,
    /// By 48 bytes that are no key, made of this byte.
    ByNonsense(u8),
    /// By the identity of the group: a key whose signature anyone can make.
    ByIdentity,
}

/// What is done with tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// To a person.
    Pay(u8, Kind, u64),
    /// To layer 1.
    Withdraw(Kind, u64),
}
