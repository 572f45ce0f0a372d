//! What a message says, as the model takes it: without its bytes, with what is wrong with them.

use crate::outcome::CodeAndValues;
use crate::wire::Address;
use crate::wire_v2::{Operation, Transaction};
use crate::workload::{Content, Kind, Message, Receiver, Route};

/// What a message is, as the model takes it.
#[derive(Clone, Debug)]
pub enum Parsed {
    /// Nobody's.
    NotOurs,
    /// Bytes without a ticket.
    Bytes,
    /// A deposit.
    Deposit(Deposit),
    /// A contract's request for a held deposit.
    Call(u64, Route),
    /// A batch.
    V1(V1Batch),
    /// A batch in wire format v2.
    V2(V2Batch),
    /// A signed request for a held deposit.
    Signed(Ask),
}

/// A message, and what it is.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The message.
    pub bytes: Vec<u8>,
    /// What it is.
    pub parsed: Parsed,
    /// What the workload says of it; where that is to send another one again, what it says of that.
    pub message: Message,
    /// The level in which it was sent for the first time.
    pub level: i32,
}

/// What a batch says.
#[derive(Clone, Debug)]
pub struct V1Batch {
    /// Whether it has no frame.
    pub unframed: bool,
    /// Its version byte.
    pub version: u8,
    /// Where it is malformed.
    pub wrong_at: Option<usize>,
    /// Whether its signature is a point that it may be.
    pub is_point: bool,
    /// Whether exactly those signed it who have to.
    pub is_signed: bool,
    /// Its transactions.
    pub transactions: Vec<Vec<SignedOperation>>,
}

/// An operation with what is to be known of its signer.
#[derive(Clone, Debug)]
pub struct SignedOperation {
    /// The signer's account.
    pub address: Address,
    /// Whether the key is shown, and if so, whether it is one.
    pub key: Option<bool>,
    /// Its counter.
    pub counter: u64,
    /// What it does.
    pub contents: Vec<Content>,
}

/// What stands in the place of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proven {
    /// That of the person of this number.
    By(u8),
    /// No point.
    NoPoint,
}

/// A key to be registered.
#[derive(Clone, Copy, Debug)]
pub struct Registration {
    /// Its account.
    pub address: Address,
    /// Whose it is; nobody's, if it is no key.
    pub of: Option<u8>,
    /// Its proof.
    pub proof: Proven,
}

/// What a v2 batch says.
#[derive(Clone, Debug)]
pub struct V2Batch {
    /// Where it is malformed.
    pub wrong_at: Option<usize>,
    /// Its last level.
    pub expires: Option<i32>,
    /// Its registrations.
    pub registrations: Vec<Registration>,
    /// Its transactions, those of groups first.
    pub transactions: Vec<Transaction>,
    /// Whether its signature is a point that it may be.
    pub is_point: bool,
    /// Whether exactly those signed it who have to, each in the way that it says.
    pub is_signed: bool,
    /// The digest that those sign who sign the batch, …
    pub digest: [u8; 32],
    /// … and for each transaction the one that is its own.
    pub own: Vec<[u8; 32]>,
}

impl V2Batch {
    /// Whoever signs, in order.
    pub fn signings(&self) -> impl Iterator<Item = &Operation> {
        self.transactions.iter().flat_map(|one| &one.operations)
    }
}

/// What a deposit says.
#[derive(Clone, Copy, Debug)]
pub struct Deposit {
    /// For whom.
    pub to: Receiver,
    /// Which ticket.
    pub ticket: Kind,
    /// How much.
    pub amount: i128,
    /// Where it is not of the rollup's type.
    pub wrong_at: Option<usize>,
    /// Who made it.
    pub by: Route,
}

/// A signed request for a held deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Its number.
    pub number: u64,
    /// Whose key it carries.
    pub of: u8,
    /// What is wrong with it, before anyone looks at what it asks for.
    pub wrong: Option<CodeAndValues>,
}

/// What asks to be verified.
#[derive(Clone, Debug)]
pub enum Work {
    /// A batch.
    V1(V1Batch),
    /// A batch in wire format v2.
    V2(V2Batch),
    /// A request for a held deposit.
    Request(Ask),
}
