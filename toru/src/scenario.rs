//! Scenarios: a start, levels of messages, and what is to come of them, written in sentences.
//!
//! `file` reads them, `stage` builds the state they start from and the messages that are sent,
//! `play` runs them on the engines, `check` compares what came out with what was to.

mod cast;
mod check;
mod compact;
mod deed;
mod error;
mod facts;
mod faults;
mod file;
mod item;
mod outcome;
mod outgoing;
mod party;
mod play;
mod reclaim;
mod register;
mod sign;
mod stage;
mod statement;
mod upgrade;
mod v1;
mod words;

use num_bigint::BigInt;

use cast::Cast;
pub use error::{Problem, ScenarioError};
pub use faults::Faults;
pub(crate) use faults::said;
pub use file::{parse, title};
pub use play::{Difference, Theatre};

use encoding::{
    Amount, Entrypoint, Kt1Address, Layer1Address, Level as LevelNumber, Source, Ticket,
};
use inbox::v2::{Memo, Registration};
use outcome::Expected;
use party::{Party, TicketWords};
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
    Replay(String, Tampering),
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

/// What is changed in a message that is sent again. Bytes are counted from the batch's first.
#[derive(Clone, Debug, Default)]
struct Tampering {
    /// Bytes in place of others; from the end, if the place is negative.
    bytes: Vec<(i64, Vec<u8>)>,
    /// So many bytes fewer at the end.
    cut: usize,
    /// More bytes at the end.
    append: Vec<u8>,
}

/// A wire format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Format {
    #[default]
    V1,
    V2,
}

/// A batch before it is signed.
#[derive(Debug)]
struct BatchSpec {
    format: Format,
    registrations: Vec<Registration>,
    transactions: Vec<TransactionSpec>,
    /// The last level of the batch.
    expires: Option<LevelNumber>,
    /// Who signs their own transactions instead of the batch.
    late: Late,
    framing: Framing,
    /// The version byte, where it is not that of the format.
    version: Option<u8>,
    signature: SignatureSpec,
    /// Whether what is signed is for us, or for another rollup.
    signed_for: Framing,
    /// Bytes of the whole message, which zeros at its end make up; v2 only.
    padded_to: Option<usize>,
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

/// Who signs for themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Late {
    #[default]
    Nobody,
    All,
    /// These people.
    These(Vec<String>),
}

impl Late {
    /// Those who are named.
    fn names(&self) -> &[String] {
        match self {
            Late::Nobody | Late::All => &[],
            Late::These(names) => names,
        }
    }
}

/// A transaction of a batch.
#[derive(Debug)]
struct TransactionSpec {
    operations: Vec<OperationSpec>,
    /// Who signs it: names; `None` are its signers.
    signed_by: Option<Vec<String>>,
    /// Whether it is said in a single sentence: then v2 writes it as a row, if it can.
    is_single: bool,
    /// Its last level.
    expires: Option<LevelNumber>,
    late: Late,
}

/// An operation, and what is to become of it.
#[derive(Clone, Debug)]
struct OperationSpec {
    /// Whose key can sign it; nobody's for one that is none.
    signs: Option<String>,
    signer: Party,
    counter: u64,
    memo: Option<Memo>,
    contents: Vec<Content>,
    expect: Option<Expected>,
}

/// What an operation does.
#[derive(Clone, Debug)]
enum Content {
    Pay {
        to: Party,
        ticket: TicketWords,
        amount: Amount,
    },
    Withdraw {
        to: Kt1Address,
        ticket: TicketWords,
        amount: Amount,
        entrypoint: Entrypoint,
        /// Whom the contract is to pay; v2 only.
        receiver: Option<Layer1Address>,
    },
}
