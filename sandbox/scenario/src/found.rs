//! What became of operations, messages and held deposits, as scenarios write it.

use std::fmt;

use explain::outcome::{of_operation, values};
use tx_kernel::results::{MessageResult, Outcome};

use crate::kind::{CODED, PAID_BACK, UNCHANGED};
use crate::words::MEMO;

/// What became of an operation, a message or a held deposit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Whether the result is that of an earlier message.
    pub unchanged: bool,
    pub word: &'static str,
    /// Nothing where nothing is recorded.
    pub outcome: Option<Outcome>,
    pub memo: Option<String>,
    /// Whether a held deposit has been paid back.
    pub paid_back: bool,
}

impl Found {
    /// A result that is a word.
    pub(crate) fn word(word: &'static str) -> Self {
        Found { unchanged: false, word, outcome: None, memo: None, paid_back: false }
    }

    /// The result of a message.
    pub(crate) fn of_message(result: &MessageResult) -> Self {
        let word = explain::outcome::of_message(result);
        Found { outcome: Some(*result.outcome()), ..Found::word(word) }
    }

    /// The result of an operation.
    pub(crate) fn of_operation(outcome: Outcome, memo: Option<String>, unchanged: bool) -> Self {
        let word = of_operation(&outcome);
        Found { outcome: Some(outcome), memo, unchanged, ..Found::word(word) }
    }

    /// A deposit that is held.
    pub(crate) fn of_held(outcome: Outcome, paid_back: bool) -> Self {
        Found { outcome: Some(outcome), paid_back, ..Found::word("") }
    }
}

/// An outcome as it can be written into a scenario.
#[must_use]
pub fn text(word: &str, outcome: &Outcome) -> String {
    let code = match (CODED.contains(&word), word) {
        (true, word) => format!("{word} {}", outcome.code),
        (false, "") => outcome.code.to_string(),
        (false, word) => word.to_owned(),
    };
    let values = values(outcome).map(|(name, value)| format!("{name} {value}"));
    [code].into_iter().chain(values).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.unchanged {
            write!(f, "{UNCHANGED}, ")?;
        }
        match &self.outcome {
            Some(outcome) => f.write_str(&text(self.word, outcome))?,
            None => f.write_str(self.word)?,
        }
        if let Some(memo) = &self.memo {
            write!(f, ",{MEMO}{memo}")?;
        }
        if self.paid_back { write!(f, ", {PAID_BACK}") } else { Ok(()) }
    }
}
