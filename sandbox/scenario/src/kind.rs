//! What outcomes are of, and the words that they can have.

use explain::outcome::{done, of_operation};
use tx_kernel::results::{Outcome, ResultCode, Subject};

/// An operation for which the kernel has recorded nothing.
pub(crate) const NO_RESULT: &str = "no result";
/// A message that is kept for a later level.
pub(crate) const WAITING: &str = "waiting";
/// A message that was for another rollup.
pub(crate) const NOT_OURS: &str = "not ours";
/// Before the result of an earlier message with the same operation.
pub(crate) const UNCHANGED: &str = "unchanged";
/// Behind the code of a held deposit that has been paid back.
pub(crate) const PAID_BACK: &str = "paid back";
/// The words whose code has to be named.
pub(crate) const CODED: [&str; 4] = ["failed", "stale", "held", "refused"];

/// What outcomes are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Operation,
    Message,
    /// A held deposit: its code without the word `held`.
    Held,
}

impl Kind {
    /// The word that an outcome of this kind has with a code, if it can have it.
    pub(crate) fn word_of(self, code: ResultCode) -> Option<&'static str> {
        let is_of = |subject| code.subjects().contains(&subject);
        match self {
            Kind::Operation => {
                is_of(Subject::Operation).then(|| of_operation(&Outcome::plain(code)))
            }
            Kind::Held => is_of(Subject::HeldDeposit).then_some(""),
            Kind::Message => done(code),
        }
    }

    /// Whether an outcome of this kind can have this word and this code.
    pub(crate) fn can_be(self, word: &str, code: ResultCode) -> bool {
        let is_of = |subject| code.subjects().contains(&subject);
        match (self, word) {
            (Kind::Message, "held") => is_of(Subject::HeldDeposit),
            (Kind::Message, "refused") => {
                is_of(Subject::Batch) || is_of(Subject::Request) || is_of(Subject::Upgrade)
            }
            _ => self.word_of(code) == Some(word),
        }
    }

    /// The words of this kind.
    pub(crate) fn words(self) -> Vec<&'static str> {
        let mut words: Vec<&str> =
            ResultCode::ALL.iter().filter_map(|code| self.word_of(*code)).collect();
        if self == Kind::Message {
            words.extend(["held", "refused"]);
        }
        words.sort_unstable();
        words.dedup();
        words
    }
}
