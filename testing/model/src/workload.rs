//! Workloads: who sends what, in a form that shrinks, prints and can be pasted back.

use std::fmt;

pub use crate::workload_v2::*;

/// What is played to a rollup, level by level.
#[derive(Clone, PartialEq, Eq)]
pub struct Workload {
    /// What there is before.
    pub start: Start,
    /// Whether the rollup accepts v1 batches in the levels to come.
    pub accept_v1: bool,
    /// Whether the configuration names the exit of the contract `mint`.
    pub exits: bool,
    /// The messages of each level.
    pub levels: Vec<Vec<Message>>,
}

/// What there is before a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Nothing.
    Fresh,
    /// Three people with gold and 165 withdrawals of theirs, of which 65 wait for the outbox.
    Crowded,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A ticket comes from layer 1.
    Deposit {
        /// For whom.
        to: Receiver,
        /// Which.
        ticket: Kind,
        /// How much; layer 1 sets no bound.
        amount: i128,
        /// How it is written.
        form: Form,
        /// Who sends it.
        by: Route,
    },
    /// Somebody asks for the held deposit of this number.
    Reclaim(u64, Asking),
    /// A contract sends bytes and no ticket.
    Bytes,
    /// A batch.
    Batch {
        /// How it is addressed.
        frame: Frame,
        /// What is wrong with its bytes.
        damage: Damage,
        /// What its signature is.
        seal: Seal,
        /// What it does.
        transactions: Vec<Transaction>,
    },
    /// A batch in wire format v2.
    Compact(Compact),
    /// The message sent as the n-th of all, modulo how many there were.
    Again(usize),
    /// A frame of ours around nothing.
    EmptyFrame,
    /// Bytes that are nobody's.
    Nonsense(u8),
}

/// A contract of layer 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contract {
    /// Mints most tickets, and has an exit.
    Mint,
    /// Mints fool's gold, and has none.
    Forger,
    /// Makes deposits.
    Helper,
    /// Makes deposits too.
    Stranger,
    /// Takes what is withdrawn and reclaimed.
    Vault,
}

/// Who signed the operation that led to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A person.
    Tz4(u8),
    /// The tz1 of the same 20 bytes, who is somebody else.
    Tz1(u8),
}

/// Who makes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The contract.
    pub sender: Contract,
    /// Who signed for it.
    pub source: Source,
}

/// How a held deposit is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// In a call.
    ByCall(Route),
    /// In a message with this person's key.
    Signed(u8, Consent),
}

/// What stands under a signed request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// The signature that it takes.
    Given,
    /// Somebody else's.
    Forged,
    /// A signature for another rollup.
    Misdirected,
    /// A signature that is no point.
    NoSignature,
    /// An invalid key.
    NoKey,
    /// A byte too little.
    Cut,
}

/// For whom a deposit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// A person's tz4.
    Account(u8),
    /// A person's tz4 with one character changed.
    Mistyped(u8),
    /// Somebody's tz1.
    Tz1,
    /// Nobody: an empty string.
    Nobody,
}

/// Which ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The text `gold`.
    Gold,
    /// The text `gold` too, by another ticketer.
    FoolsGold,
    /// The empty text.
    Blank,
    /// The longest content that is credited.
    Longest,
    /// A content a byte longer.
    TooLong,
    /// `Pair 7 (Some 0x01)`, which v1 batches cannot name.
    Token,
}

/// How a deposit is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In the branch of its type.
    Branch,
    /// With no branch, as the original kernel took it.
    Unwrapped,
    /// In the other type's branch.
    WrongBranch,
    /// With a byte too many.
    ByteTooMany,
    /// `Unit`.
    NoDeposit,
    /// For another rollup.
    Elsewhere,
}

/// How a batch is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Not at all.
    Unframed,
    /// To us.
    Framed,
    /// To another rollup.
    Foreign,
    /// To us, in a version that does not exist.
    Version9,
}

/// What is wrong with a batch's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// Nothing.
    Sound,
    /// There is a byte too many at the end.
    Longer,
    /// The last byte is missing.
    Shorter,
    /// There are no transactions.
    NoTransactions,
    /// The first transaction has no operations.
    NoOperations,
    /// The first operation's counter is negative.
    NegativeCounter,
    /// The first operation's first content has an unknown tag.
    UnknownContent,
}

/// What the signature of a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    /// The sum of what everybody signed.
    Sum,
    /// That, and somebody's signature of something else.
    OneMore,
    /// 96 bytes that are no point.
    NoPoint,
    /// The identity.
    Identity,
}

/// A transaction, and who signs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// What it does.
    pub operations: Vec<Operation>,
    /// Who signs it.
    pub signing: Signing,
}

/// Who signs a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// All its signers.
    All,
    /// Its first signer does not.
    NotTheFirst,
    /// A stranger signs in place of its first signer.
    Stranger,
    /// Its first signer signs twice.
    FirstTwice,
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

/// As a Rust literal, given `use e2e_kernel_tests::oracle::{*, Content::*, Message::*, …}`.
impl fmt::Debug for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Workload { start, accept_v1, exits, levels } = self;
        let levels = format!("{levels:#?}").replace('[', "vec![");
        write!(f, "Workload {{ start: {start:?}, accept_v1: {accept_v1}, exits: {exits}, ")?;
        write!(f, "levels: {levels} }}")
    }
}
