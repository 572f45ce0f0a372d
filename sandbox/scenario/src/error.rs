//! What is wrong with a scenario file, and where.

use explain::text::grouped;
use layer1::address::AddressError;
use layer1::hex_text::HexError;
use layer1::michelson;
use layer1::plain::quoted;

/// A problem and its place in the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{problem}", shown(location))]
pub struct ScenarioError {
    /// From the outside in: scenario, level, message, …
    pub location: Vec<String>,
    /// What is wrong there.
    pub problem: Problem,
}

/// What the words of the YAML library mean for whoever writes sentences.
fn yaml_hint(said: &str) -> &'static str {
    if said.contains("mapping values are not allowed") {
        " (a sentence with keys below it ends in a colon; a text with a colon in it needs quotes)"
    } else if said.contains("cannot start any token") {
        " (spaces, not tabs, and texts that begin with % @ or ` in quotes)"
    } else {
        ""
    }
}

/// Whether a word tells what a sentence is about: `to`, `is` and the like are in most of them.
fn is_telling(word: &str) -> bool {
    const COMMON: [&str; 20] = [
        "to", "is", "of", "the", "and", "by", "from", "with", "no", "a", "an", "are", "or", "for",
        "account", "ticket", "in", "counter", "kernel", "contract",
    ];
    !COMMON.contains(&word)
}

pub(crate) fn shown(location: &[String]) -> String {
    if location.is_empty() { String::new() } else { format!("{}: ", location.join(", ")) }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Not YAML.
    #[error("not YAML: {}{}", .0, yaml_hint(.0))]
    Syntax(String),
    /// Something else than could be understood.
    #[error("found {found}, expected {expected}")]
    Unexpected {
        /// What is there.
        found: String,
        /// What would have been understood.
        expected: String,
    },
    /// A sentence and its outcome within one pair of quotes, or within two.
    #[error(
        "found {}, expected it without quotes: within them an outcome is part of the sentence",
        quoted(.0)
    )]
    Quoted(String),
    /// A key that has to be there is not.
    #[error("{0:?} is missing")]
    Missing(&'static str),
    /// Two keys of which there can be one.
    #[error("{0:?} and {1:?} exclude each other")]
    Exclusive(String, String),
    /// A name in an expectation that is nowhere else.
    #[error("{kind} {name:?} is not in this scenario (expected one of {known})")]
    UnknownName {
        /// `account`, `ticket`, `kernel` or `contract`.
        kind: &'static str,
        /// The name.
        name: String,
        /// Those that are.
        known: String,
    },
    /// A label that no earlier message has.
    #[error("no earlier message has the label {0:?}")]
    Label(String),
    /// A label twice.
    #[error("the label {0:?} is there twice")]
    LabelTwice(String),
    /// Bad hex.
    #[error("{key:?}: {problem}")]
    Hex {
        /// Of which key.
        key: String,
        /// Why.
        problem: HexError,
    },
    /// A payload that is no Michelson.
    #[error("\"payload\": {0}")]
    Michelson(michelson::ParseError),
    /// Not the address it should be.
    #[error("{} {problem}", quoted(text))]
    Address {
        /// The text.
        text: String,
        /// Why.
        problem: AddressError,
    },
    /// A message that no inbox takes.
    #[error("the message has {} bytes (expected at most 4,096)", grouped(&.0.to_string()))]
    TooLong(usize),
    /// A start that the ledger does not allow.
    #[error("the state cannot start like this: {0}")]
    Start(String),
    /// A level that no node could play.
    #[error("{0}")]
    LevelFailed(String),
    /// Outcomes for more messages than there are, or for fewer.
    #[error("the expectations add up to {expected} messages, but it makes {made}")]
    Count {
        /// What they say.
        expected: usize,
        /// What there are.
        made: usize,
    },
}

impl Problem {
    /// Something else than could be understood.
    pub(crate) fn unexpected(found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Unexpected { found: found.into(), expected: expected.into() }
    }

    /// A sentence that none of the forms fits.
    pub(crate) fn sentence(found: &str, forms: &[&str]) -> Self {
        let is_quoted =
            |quote| found.len() > 1 && found.starts_with(quote) && found.ends_with(quote);
        // YAML ends a sentence at a colon and a space, unless it is in quotes.
        if found.contains(": ") || is_quoted('"') || is_quoted('\'') {
            return Self::Quoted(found.to_owned());
        }
        // Of the forms, those that have a word of it which is no name or number; all if none has.
        let words: Vec<&str> = found.split(' ').filter(|word| is_telling(word)).collect();
        let has = |form: &&&str| form.split([' ', ',']).any(|word| words.contains(&word));
        let near: Vec<&str> = forms.iter().filter(has).copied().collect();
        let forms = if near.is_empty() { forms } else { &near };
        // YAML takes a colon for one only before a space.
        let hint = match found.contains(':') {
            true => " (an outcome stands behind a colon and a space)",
            false => "",
        };
        Self::unexpected(quoted(found), format!("one of: {}{hint}", forms.join("; ")))
    }

    /// Says where it is.
    pub(crate) fn at(self, location: impl Into<String>) -> ScenarioError {
        ScenarioError { location: vec![location.into()], problem: self }
    }
}

impl ScenarioError {
    /// Says what contains that place.
    #[must_use]
    pub fn inside(mut self, location: impl Into<String>) -> Self {
        self.location.insert(0, location.into());
        self
    }
}

impl From<Problem> for ScenarioError {
    fn from(problem: Problem) -> Self {
        ScenarioError { location: Vec::new(), problem }
    }
}
