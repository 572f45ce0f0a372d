//! Why something was not applied, or it is not known what became of it.

use encoding::{Hash32, Level, MessageId, Tz4Address};
use tx_kernel::results::{Outcome, ResultCode};
use wallet::missing_result::MissingResult;

use super::super::grid::grouped;
use crate::error::Failure;
use crate::exit::Exit;
use crate::shell;
use explain::outcome as reasons;

/// What a payer lacks, in words that commands take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking {
    /// Who.
    pub payer: String,
    /// How much, as the ticket counts.
    pub amount: String,
    /// Of which ticket.
    pub ticket: String,
}

impl Lacking {
    /// What is to be done.
    pub fn hint(&self) -> String {
        let [payer, amount, ticket] =
            [&self.payer, &self.amount, &self.ticket].map(|text| shell::word(text));
        format!(
            "{payer} lacks {} {ticket}: toru balance {payer} shows what it holds; toru deposit {amount} {ticket} \
             --from tz1… --to {payer} brings that from layer 1",
            grouped(&self.amount)
        )
    }
}

/// Why something was not applied, or it is not known what became of it.
#[derive(Debug, thiserror::Error)]
pub enum ResultError {
    /// The simulation says that the kernel would refuse it, and it was not sent.
    #[error("not sent, as it would be refused: {0}")]
    WouldBeRefused(String),
    /// The same, as a payer does not have enough.
    #[error("not sent, as it would be refused: {words}")]
    TooLittle {
        /// What there is, and what is wanted.
        words: String,
        /// What there would have to be more.
        lacking: Lacking,
    },
    /// Signers whom the kernel does not know, so that it would refuse a batch with them whole.
    #[error("not registered: {}", .0.join(", "))]
    Unregistered(Vec<String>),
    /// An earlier one of the same account is not in a level yet.
    #[error("an earlier transaction of {account} still waits for a level")]
    StillWaiting {
        /// Whose.
        account: Tz4Address,
        /// Which, where that is known.
        hash: Option<String>,
    },
    /// The kernel has refused it.
    #[error("refused by the kernel: {}", reasons::sentence_with_code(.0))]
    Refused(Outcome),
    /// The message that had it was refused whole: it left no result of its own.
    #[error(
        "{hash} is not applied: message {} of level {} was refused whole: {}",
        message.index, message.level, reasons::sentence_with_code(outcome)
    )]
    RefusedWhole {
        /// What was in it.
        hash: String,
        /// Which message.
        message: MessageId,
        /// Why.
        outcome: Outcome,
    },
    /// Another transaction took its place, or its time is over.
    #[error("{hash} cannot be applied any more: {why}")]
    NeverApplied {
        /// What it is.
        hash: String,
        /// Why.
        why: &'static str,
    },
    /// Somebody pressed Ctrl-C while it was waited for. What asks for it, or goes on with it.
    #[error("interrupted; what was sent may still be applied")]
    Interrupted(Option<String>),
    /// The node did not answer while something was sent or waited for.
    #[error("{problem}; what was sent may still be applied")]
    Away {
        /// What it said last.
        problem: String,
        /// What to ask for.
        hint: String,
    },
    /// It has not reached that stage when the time to wait was over.
    #[error("not {stage} yet")]
    NotYet {
        /// Which stage.
        stage: &'static str,
        /// What it is.
        hash: String,
    },
    /// It was in a level, and the kernel says nothing of it.
    #[error(
        "{hash} was in a level, and has no result: the kernel put it off, or refused its message"
    )]
    NoResult {
        /// What it is.
        hash: String,
    },
    /// The node had it, and has it no more.
    #[error(
        "the node does not have {hash} any more: it is neither in the queue nor in any level since {since}"
    )]
    Gone {
        /// What it is.
        hash: String,
        /// The first level that was looked at.
        since: Level,
    },
    /// It waits for a level.
    #[error("{0} waits for a level in the node's queue: there is no result of it yet")]
    InQueue(String),
    /// It is in no level that was looked at, and waits for none.
    #[error(
        "the rollup knows no result of {hash}: it is neither in the queue nor in any level since {since}"
    )]
    Nowhere {
        /// What it is.
        hash: String,
        /// The first level that was looked at.
        since: Level,
    },
    /// Nothing is known under a hash.
    #[error("the rollup knows no result of {0}")]
    UnknownHash(String),
    /// A key has not been registered when the time to wait was over.
    #[error("{0} is not registered yet")]
    NotRegistered(Tz4Address),
}

impl ResultError {
    /// Why a hash has no result.
    pub fn missing(hash: &Hash32, why: MissingResult) -> Self {
        let hash = hash.to_string();
        match why {
            MissingResult::RefusedWhole(message, outcome) => {
                ResultError::RefusedWhole { hash, message, outcome }
            }
            MissingResult::PutOff => ResultError::NoResult { hash },
            MissingResult::Queued => ResultError::InQueue(hash),
            MissingResult::Nowhere { since } => ResultError::Nowhere { hash, since },
            MissingResult::Gone { since } => ResultError::Gone { hash, since },
            MissingResult::Unknown => ResultError::UnknownHash(hash),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            ResultError::WouldBeRefused(_)
            | ResultError::TooLittle { .. }
            | ResultError::Unregistered(_)
            | ResultError::Refused(_)
            | ResultError::RefusedWhole { .. }
            | ResultError::NeverApplied { .. } => Exit::Refused,
            ResultError::Interrupted(_) => Exit::Interrupted,
            ResultError::Away { .. } => Exit::NoAnswer,
            ResultError::StillWaiting { .. }
            | ResultError::NotYet { .. }
            | ResultError::NoResult { .. }
            | ResultError::Gone { .. }
            | ResultError::InQueue(_)
            | ResultError::Nowhere { .. }
            | ResultError::UnknownHash(_)
            | ResultError::NotRegistered(_) => Exit::NotYet,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            ResultError::WouldBeRefused(_) | ResultError::TooLittle { .. } => "would_be_refused",
            ResultError::Unregistered(_) => "not_registered",
            ResultError::RefusedWhole { .. } => "refused_whole",
            ResultError::StillWaiting { .. } => "still_waiting",
            ResultError::Gone { .. } => "gone",
            ResultError::UnknownHash(_) | ResultError::Nowhere { .. } => "unknown_hash",
            ResultError::InQueue(_) => "queued",
            other => other.exit().word(),
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            ResultError::TooLittle { lacking, .. } => lacking.hint(),
            ResultError::Unregistered(names) => {
                let names = names.iter().map(|name| name.split(' ').next().unwrap_or_default());
                let commands = names.map(|name| format!("toru register {name}"));
                let commands = commands.collect::<Vec<_>>().join("; ");
                format!("whoever has the key registers it first: {commands}")
            }
            ResultError::StillWaiting { hash: Some(hash), .. } => {
                format!("toru tx show {hash} --wait waits for it")
            }
            ResultError::StillWaiting { hash: None, .. } => {
                "try again when it is in a level; the earlier command waits for that with --wait".to_owned()
            }
            ResultError::RefusedWhole { outcome, .. } => refused_whole(outcome.code).to_owned(),
            ResultError::NeverApplied { .. } => "nothing of it happened: make it anew".to_owned(),
            ResultError::Interrupted(asks) => asks.clone()?,
            ResultError::Away { hint, .. } => hint.clone(),
            ResultError::NotYet { hash, .. } => {
                format!("it may still be applied: toru tx show {hash}")
            }
            ResultError::NoResult { .. } => "a level that is full puts batches off, or refuses them \
                                             as busy: send it again, which is safe"
                .to_owned(),
            ResultError::Gone { .. } => "after toru dev revert, or a restart of a node that keeps \
                                         nothing, it is gone: sent again, it is applied once at most"
                .to_owned(),
            ResultError::InQueue(hash) => format!("toru tx show {hash} --wait waits for it"),
            ResultError::Nowhere { .. } => {
                "it was never sent, or not to this node, or it is gone: results are kept for one to \
                 two days' worth of levels"
                    .to_owned()
            }
            ResultError::UnknownHash(_) => "it may still wait for a level; results are kept for one \
                                            to two days' worth of levels"
                .to_owned(),
            ResultError::WouldBeRefused(_)
            | ResultError::Refused(_)
            | ResultError::NotRegistered(_) => return None,
        })
    }
}

fn refused_whole(code: ResultCode) -> &'static str {
    match code {
        ResultCode::Busy => {
            "others paid more for their work: send it again with --pad, which is safe, and it goes \
             before them"
        }
        ResultCode::UnknownSigner | ResultCode::KeyNotRegistered => {
            "a key must be registered before it can sign: toru register NAME"
        }
        ResultCode::AllStale => {
            "other transactions of its signers took its place: make it anew, if it is still meant"
        }
        _ => "nothing of it was applied, and nothing of it will be",
    }
}

impl From<ResultError> for Failure {
    fn from(error: ResultError) -> Self {
        let failure = Failure::of(error.exit(), &error).of_kind(error.kind());
        match error.hint() {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}
