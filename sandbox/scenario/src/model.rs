//! A scenario as it was read: every name resolved, nothing built yet.

use encoding::{
    Amount, Entrypoint, Kt1Address, Layer1Address, Level as LevelNumber, Source, Ticket,
};
use inbox::v2::{Memo, Registration};
use num_bigint::BigInt;

use crate::assertion::{Assertion, Expectation};
use crate::fixtures::{Fixtures, Format};
use crate::outcome::Expected;
use crate::reference::{AccountRef, TicketRef};

/// A scenario as it was read: every name resolved, nothing built yet.
#[derive(Debug)]
pub struct Scenario {
    /// Its title.
    pub name: String,
    /// The people, contracts and tickets in it.
    pub(crate) fixtures: Fixtures,
    /// Whether the rollup takes batches in wire format v1.
    pub(crate) accept_v1: bool,
    /// Values written to durable storage before anything else.
    pub(crate) set: Vec<(String, Vec<u8>)>,
    /// What is so from the start.
    pub(crate) start: Vec<Assertion>,
    /// Deposits that are held from the start.
    pub(crate) start_held: Vec<Deposit>,
    /// What happens.
    pub(crate) levels: Vec<Level>,
}

/// One level.
#[derive(Debug, Default)]
pub(crate) struct Level {
    pub(crate) entries: Vec<Entry>,
    pub(crate) expect: Vec<Expectation>,
}

/// One entry of a level: a message, or several of the same kind.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) label: Option<String>,
    pub(crate) bodies: Vec<Body>,
    pub(crate) expect: Vec<(usize, Expected)>,
}

/// What a message is made from.
#[derive(Debug)]
pub(crate) enum Body {
    Deposit(Deposit),
    Call { payload: Vec<u8>, route: Route, destination: [u8; 20] },
    Batch(BatchSpec),
    Raw(Vec<u8>),
    Replay(String, Tampering),
}

/// Who made a contract call the rollup.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) sender: Kt1Address,
    pub(crate) source: Source,
}

/// A deposit.
#[derive(Clone, Debug)]
pub(crate) struct Deposit {
    pub(crate) receiver: String,
    pub(crate) amount: BigInt,
    pub(crate) ticket: Ticket,
    pub(crate) route: Route,
    pub(crate) unwrapped: bool,
}

/// What is changed in a message that is sent again. Bytes are counted from the batch's first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tampering {
    /// Bytes in place of others; from the end, if the place is negative.
    pub(crate) bytes: Vec<(i64, Vec<u8>)>,
    /// So many bytes fewer at the end.
    pub(crate) cut: usize,
    /// More bytes at the end.
    pub(crate) append: Vec<u8>,
}

/// A batch before it is signed.
#[derive(Debug)]
pub(crate) struct BatchSpec {
    pub(crate) format: Format,
    pub(crate) registrations: Vec<Registration>,
    pub(crate) transactions: Vec<TransactionSpec>,
    /// The last level of the batch.
    pub(crate) expires: Option<LevelNumber>,
    /// Who signs their own transactions instead of the batch.
    pub(crate) individually_signed: IndividuallySigned,
    pub(crate) framing: Framing,
    /// The version byte, where it is not that of the format.
    pub(crate) version: Option<u8>,
    pub(crate) signature: SignatureSpec,
    /// Whether what is signed is for us, or for another rollup.
    pub(crate) signed_for: Framing,
    /// Bytes of the whole message, which zeros at its end make up; v2 only.
    pub(crate) padded_to: Option<usize>,
}

/// Whom a batch says it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    Unframed,
    ForUs,
    ForAnother,
}

/// Which signature a batch carries.
#[derive(Clone, Debug)]
pub(crate) enum SignatureSpec {
    /// The sum of those that its transactions ask for.
    Honest,
    Fixed([u8; 96]),
    /// That of the batch with this label.
    Of(String),
}

/// Who signs individually.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum IndividuallySigned {
    #[default]
    Nobody,
    All,
    /// These people.
    These(Vec<String>),
}

impl IndividuallySigned {
    /// Those who are named.
    pub(crate) fn names(&self) -> &[String] {
        match self {
            IndividuallySigned::Nobody | IndividuallySigned::All => &[],
            IndividuallySigned::These(names) => names,
        }
    }
}

/// A transaction of a batch.
#[derive(Debug)]
pub(crate) struct TransactionSpec {
    pub(crate) operations: Vec<OperationSpec>,
    /// The names of those who sign it; `None` stands for its signers.
    pub(crate) signed_by: Option<Vec<String>>,
    /// Whether it is said in a single sentence: then v2 writes it as a row, if it can.
    pub(crate) is_single: bool,
    /// Its last level.
    pub(crate) expires: Option<LevelNumber>,
    pub(crate) individually_signed: IndividuallySigned,
}

/// An operation, and what is to become of it.
#[derive(Clone, Debug)]
pub(crate) struct OperationSpec {
    /// Whose key can sign it; nobody's if the key is invalid.
    pub(crate) signs: Option<String>,
    pub(crate) signer: AccountRef,
    pub(crate) counter: u64,
    pub(crate) memo: Option<Memo>,
    pub(crate) contents: Vec<Content>,
    pub(crate) expect: Option<Expected>,
}

/// What an operation does.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Pay {
        to: AccountRef,
        ticket: TicketRef,
        amount: Amount,
    },
    Withdraw {
        to: Kt1Address,
        ticket: TicketRef,
        amount: Amount,
        entrypoint: Entrypoint,
        /// Whom the contract is to pay; v2 only.
        receiver: Option<Layer1Address>,
    },
}
