//! Scenarios: a start, levels of messages, and what is to come of them, written in sentences.
//!
//! `file` reads them, `stage` builds the state they start from and the messages that are sent,
//! `play` runs them on the engines, `check` compares what came out with what was to.

mod cast;
mod check;
mod deed;
mod error;
mod facts;
mod file;
mod item;
mod outcome;
mod outgoing;
mod play;
mod reclaim;
mod sign;
mod stage;
mod statement;
mod words;

use num_bigint::BigInt;

use cast::Cast;
pub use error::{Problem, ScenarioError};
pub use file::{parse, title};
pub use play::{Difference, Theatre};

use encoding::{Kt1Address, Source, Ticket};
use inbox::v1::Operation;
use outcome::Expected;
use statement::Expectation;

/// A scenario as it was read: every name resolved, nothing built yet.
#[derive(Debug)]
pub struct Scenario {
    /// Its title.
    pub name: String,
    /// Who and what is in it.
    cast: Cast,
    /// Whether the rollup takes batches in wire format v1.
    accept_v1: bool,
    /// Values written to durable storage before anything else.
    set: Vec<(String, Vec<u8>)>,
    /// What is so from the start.
    start: Vec<statement::Statement>,
    /// Deposits that are held from the start.
    start_held: Vec<Deposit>,
    /// What happens.
    levels: Vec<Level>,
}

/// One level.
#[derive(Debug, Default)]
struct Level {
    entries: Vec<Entry>,
    expect: Vec<Expectation>,
}

/// One entry of a level: a message, or several of the same kind.
#[derive(Debug)]
struct Entry {
    label: Option<String>,
    bodies: Vec<Body>,
    expect: Vec<(usize, Expected)>,
}

/// What a message is made from.
#[derive(Debug)]
enum Body {
    Deposit(Deposit),
    Call { payload: Vec<u8>, route: Route, destination: [u8; 20] },
    Batch(BatchSpec),
    Raw(Vec<u8>),
    Replay(String),
}

/// Who made a contract call the rollup.
#[derive(Clone, Copy, Debug)]
struct Route {
    sender: Kt1Address,
    source: Source,
}

/// A deposit.
#[derive(Clone, Debug)]
struct Deposit {
    receiver: String,
    amount: BigInt,
    ticket: Ticket,
    route: Route,
    unwrapped: bool,
}

/// A batch before it is signed.
#[derive(Debug)]
struct BatchSpec {
    transactions: Vec<TransactionSpec>,
    framing: Framing,
    version: u8,
    signature: SignatureSpec,
}

/// Whom a batch says it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Unframed,
    ForUs,
    ForAnother,
}

/// Which signature a batch carries.
#[derive(Clone, Debug)]
enum SignatureSpec {
    /// The sum of those that its transactions ask for.
    Honest,
    Fixed([u8; 96]),
    /// That of the batch with this label.
    Of(String),
}

/// A transaction of a batch.
#[derive(Debug)]
struct TransactionSpec {
    operations: Vec<OperationSpec>,
    /// Who signs it: names; `None` are its signers.
    signed_by: Option<Vec<String>>,
}

/// An operation, and what is to become of it.
#[derive(Debug)]
struct OperationSpec {
    /// Whose key can sign it; nobody's for one that is none.
    signer: Option<String>,
    operation: Operation,
    expect: Option<Expected>,
}
