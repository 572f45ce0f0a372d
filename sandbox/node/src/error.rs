//! What can go wrong in the sandbox: what is malformed, what is not there, what is refused, and what
//! is the fault of the machine.

use layer1::entrypoints::ScriptError;
use mockup::ViewError;
use pvm::UnknownHash;
use pvm::proof::{ProofError, Refused};
use store::{RunError, StoreError};
use thiserror::Error;

/// Why something was not done, or not answered. Nothing has changed.
#[derive(Debug, Error)]
pub enum NodeError {
    /// The request does not say what it should.
    #[error("{what}: {found:?} is not {expected}")]
    Malformed {
        /// Which part of the request.
        what: &'static str,
        /// What was there, shortened.
        found: String,
        /// What should have been.
        expected: &'static str,
    },
    /// The body is not JSON of the right shape.
    #[error("the body: {0}")]
    Body(String),
    /// A query that the endpoint does not know.
    #[error("the query {0:?} is not known here")]
    Query(String),
    /// More than a limit allows.
    #[error("{what}: {found}, and at most {limit} are allowed")]
    TooMuch {
        /// Of what, with its unit.
        what: &'static str,
        /// How many.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// There is no such endpoint.
    #[error("nothing is served at {0:?}; GET /openapi says what is")]
    NoEndpoint(String),
    /// There is no such block.
    #[error("there is no block {0:?}: head, finalized, cemented, or the level or hash of one kept")]
    NoBlock(String),
    /// The level has no inbox, since it is that of the origination.
    #[error("level {0} is that of the origination: it has no inbox")]
    NoInbox(i32),
    /// There is no such message in this outbox.
    #[error("the outbox of level {level} has no message {index}: it has {count} in all")]
    NoOutboxMessage {
        /// The outbox's level.
        level: i32,
        /// The index asked for.
        index: u32,
        /// How many there are.
        count: usize,
    },
    /// Layer 1 does not understand the message. It has an index, and nothing can execute it.
    #[error(
        "message {index} of the outbox of level {level} cannot be executed: layer 1 does not understand it"
    )]
    Unexecutable {
        /// The outbox's level.
        level: i32,
        /// Its index.
        index: u32,
    },
    /// The commitment with the message can still be refuted.
    #[error("the outbox of level {level} can be executed from level {from}, and this is {head}")]
    NotCemented {
        /// The outbox's level.
        level: i32,
        /// The first level in which it can be executed.
        from: i32,
        /// The head.
        head: i32,
    },
    /// The commitment of a proof is not cemented, or there is none of that hash.
    #[error("no commitment of that hash is cemented")]
    UncementedCommitment,
    /// Bytes that are no proof.
    #[error(transparent)]
    MalformedProof(#[from] ProofError),
    /// A proof proves nothing under its commitment.
    #[error("layer 1 refuses the proof: {0}")]
    NotProven(#[from] Refused),
    /// A state whose hash nobody here can know.
    #[error("the state after level {level} has no known hash: {reason}")]
    UnknownState {
        /// The level.
        level: i32,
        /// Why not.
        reason: UnknownHash,
    },
    /// The message was left for too long.
    #[error("the outbox of level {level} was lost at level {expired}")]
    Expired {
        /// The outbox's level.
        level: i32,
        /// The first level in which it could not be executed any more.
        expired: i32,
    },
    /// The message has been executed.
    #[error("message {index} of the outbox of level {level} was executed at level {at}")]
    Executed {
        /// The outbox's level.
        level: i32,
        /// Its index.
        index: u32,
        /// When.
        at: i32,
    },
    /// A contract does not take a call of the message. Layer 1 executes all calls of a message or none.
    #[error("layer 1 refuses call {number} of {count}, of {target}: {problem}{}", waiting(*count))]
    Call {
        /// The outbox's level.
        level: i32,
        /// Its index.
        index: u32,
        /// Which call, from 1.
        number: usize,
        /// How many calls the message has.
        count: usize,
        /// The contract and the entrypoint.
        target: String,
        /// Why not, with both types.
        problem: String,
    },
    /// A contract of which nothing is known.
    #[error(
        "nothing is known here of the contract {0}: toru dev contract {0} FILE.tz tells what it takes"
    )]
    NoContract(String),
    /// An entrypoint that a contract does not have.
    #[error("the contract {contract} has no entrypoint {name:?}")]
    NoEntrypoint {
        /// Which contract.
        contract: String,
        /// The name asked for, shortened.
        name: String,
    },
    /// Layer 1 does not do what it is asked to.
    #[error("layer 1 refuses it: {0}")]
    Refused(mockup::Refusal),
    /// What cannot be asked of a contract.
    #[error(transparent)]
    View(#[from] ViewError),
    /// A contract whose script is not known.
    #[error("of the contract {0} only what it takes and does is known here, and not its script")]
    NoScript(String),
    /// A block whose context is not kept.
    #[error("layer 1 is known as it is at the head alone, level {0}")]
    NotTheHead(i32),
    /// An invalid type of a contract's parameter.
    #[error("the type of the contract's parameter: {0}")]
    Script(#[from] ScriptError),
    /// The level could not be played.
    #[error("the level cannot be played: {0}")]
    LevelFailed(#[from] pvm::PvmError),
    /// What is kept cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record beside the rollup's file cannot be used.
    #[error("{what}: {problem}")]
    Record {
        /// Which one.
        what: &'static str,
        /// Why not.
        problem: String,
    },
    /// What layer 1 has locked is not what the rollup owes. It is told, and never answered.
    #[error("{0}")]
    Insolvent(String),
    /// Nobody knows what the rollup owes.
    #[error("what the rollup owes is not known here")]
    NoSolvency,
    /// As many watch blocks as can.
    #[error("too many streams of blocks")]
    TooManyStreams,
    /// More requests wait than can.
    #[error("too many requests at once")]
    Busy,
    /// An answer cannot be written as JSON.
    #[error("the answer: {0}")]
    Unwritable(#[from] serde_json::Error),
    /// The sandbox is ending.
    #[error("the sandbox is ending")]
    Ending,
}

/// What becomes of the other calls.
fn waiting(count: usize) -> &'static str {
    if count > 1 {
        "; the others of the message wait for it, as all are executed or none, and it can be tried again"
    } else {
        "; it can be tried again"
    }
}

/// How much of what was found is told.
const MAX_TOLD_CHARS: usize = 80;

impl NodeError {
    /// A part of a request that is not what it should be.
    pub(crate) fn malformed(what: &'static str, found: &str, expected: &'static str) -> Self {
        Self::Malformed { what, found: found.chars().take(MAX_TOLD_CHARS).collect(), expected }
    }

    /// An invalid line of a record.
    pub(crate) fn invalid_line(what: &'static str, line: &str) -> Self {
        let line: String = line.chars().take(MAX_TOLD_CHARS).collect();
        Self::Record { what, problem: format!("invalid line: {line:?}") }
    }

    /// The HTTP status that tells it.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed { .. }
            | Self::MalformedProof(_)
            | Self::Body(_)
            | Self::Query(_)
            | Self::Script(_) => 400,
            Self::View(ViewError::Input { .. } | ViewError::NoToken) => 400,
            Self::NoEndpoint(_)
            | Self::NoBlock(_)
            | Self::NoInbox(_)
            | Self::NoOutboxMessage { .. }
            | Self::NoContract(_)
            | Self::NoEntrypoint { .. }
            | Self::NoScript(_)
            | Self::NoSolvency
            | Self::NotTheHead(_)
            | Self::View(ViewError::NoContract(_) | ViewError::NoView { .. })
            | Self::Store(StoreError::NotKept { .. } | StoreError::NoSnapshot { .. }) => 404,
            Self::Unexecutable { .. }
            | Self::NotCemented { .. }
            | Self::UncementedCommitment
            | Self::NotProven(_)
            | Self::UnknownState { .. }
            | Self::Call { .. }
            | Self::Refused(_)
            | Self::Expired { .. }
            | Self::Executed { .. }
            | Self::Store(
                StoreError::SnapshotExists { .. }
                | StoreError::SnapshotInTheWay { .. }
                | StoreError::SnapshotName { .. },
            ) => 409,
            Self::TooMuch { .. } => 413,
            Self::TooManyStreams | Self::Busy | Self::Ending => 503,
            Self::Insolvent(_)
            | Self::LevelFailed(_)
            | Self::Store(_)
            | Self::Record { .. }
            | Self::Unwritable(_) => 500,
        }
    }

    /// A word for it that programs can go by.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.status() {
            400 => "malformed",
            404 => "not_found",
            409 => "refused",
            413 => "too_much",
            503 => "busy",
            _ => "failed",
        }
    }
}

impl From<RunError> for NodeError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Pvm(error) => Self::LevelFailed(error),
            RunError::Store(error) => Self::Store(error),
        }
    }
}
