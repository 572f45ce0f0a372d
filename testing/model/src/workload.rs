//! Workloads: who sends what, in a form that shrinks, prints and can be pasted back.

mod envelope;
mod layer1;
mod v1;
mod v2;

use std::fmt;

pub use envelope::*;
pub use layer1::*;
pub use v1::*;
pub use v2::*;

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

/// As a Rust literal, given `use model::{*, Content::*, Message::*, …}`.
impl fmt::Debug for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Workload { start, accept_v1, exits, levels } = self;
        let levels = format!("{levels:#?}").replace('[', "vec![");
        write!(f, "Workload {{ start: {start:?}, accept_v1: {accept_v1}, exits: {exits}, ")?;
        write!(f, "levels: {levels} }}")
    }
}
