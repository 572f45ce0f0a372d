//! Expected outcomes of operations and messages: a word, a result code, and its values by name.
//!
//! `failed BALANCE_TOO_LOW, available 3, requested 5`. Commas mean nothing, and an expectation may leave values
//! out. A word that stands for one code, such as `credited`, stands without it.

use explain::outcome::values;
use layer1::plain::quoted;
use tx_kernel::results::ResultCode;

use crate::error::Problem;
use crate::found::Found;
use crate::kind::{CODED, Kind, NO_RESULT, NOT_OURS, UNCHANGED, WAITING};
use crate::prose::modern_outcome;
use crate::words::{number, split_memo, tokens};

/// Result codes that an error lists.
const NEAR_MAX: usize = 3;

/// An outcome that is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    /// As it was written.
    pub text: String,
    unchanged: bool,
    word: String,
    /// The code, if it is named.
    code: Option<ResultCode>,
    /// The values that are named: which of the code's, and how much.
    values: Vec<(&'static str, u64)>,
    /// The memo, if there is an expectation about it.
    memo: Option<String>,
    paid_back: bool,
}

impl Expected {
    /// Reads an outcome.
    pub(crate) fn parse(kind: Kind, text: &str) -> Result<Self, Problem> {
        let (outcome, memo) = match kind {
            Kind::Operation => split_memo(text),
            Kind::Message | Kind::Held => (text, None),
        };
        let all = tokens(outcome);
        let mut rest = &all[..];
        let unchanged = kind == Kind::Operation && take(&mut rest, UNCHANGED);
        let special: &[&str] = match kind {
            Kind::Operation => &[NO_RESULT],
            Kind::Message => &[WAITING, NOT_OURS],
            Kind::Held => &[],
        };
        let read = |word: &str| Expected {
            text: text.to_owned(),
            unchanged,
            word: word.to_owned(),
            code: None,
            values: Vec::new(),
            memo: memo.map(str::to_owned),
            paid_back: false,
        };
        if let Some(word) = special.iter().find(|word| take(&mut rest, word)) {
            return match rest {
                [] => Ok(read(word)),
                _ => Err(Problem::unexpected(quoted(text), *word)),
            };
        }
        let word = match kind {
            Kind::Held => "",
            Kind::Operation | Kind::Message => match rest.split_first() {
                Some((word, others)) if kind.words().contains(word) => {
                    rest = others;
                    *word
                }
                first => return Err(wrong_word(kind, first.map_or("", |(word, _)| word), text)),
            },
        };
        let mut expected = read(word);
        if kind == Kind::Held
            && let Some(before) = rest.strip_suffix(&["paid", "back"])
        {
            (rest, expected.paid_back) = (before, true);
        }
        let of_word = ResultCode::ALL.iter().find(|code| kind.word_of(**code) == Some(word));
        let code = match (kind == Kind::Held || CODED.contains(&word), rest.split_first()) {
            // Met by nothing: the difference shows the code.
            (true, None) if kind != Kind::Held => return Ok(expected),
            (true, first) => {
                let name = first.map_or("", |(name, _)| name);
                let code = ResultCode::from_name(name).filter(|code| kind.can_be(word, *code));
                let code = code.ok_or_else(|| wrong_code(kind, word, name, text))?;
                rest = first.map_or(rest, |(_, others)| others);
                expected.code = Some(code);
                code
            }
            (false, _) => of_word.copied().unwrap_or_default(),
        };
        expected.values = values_of(code, rest, kind, text)?;
        Ok(expected)
    }

    /// Whether an outcome is the expected one.
    pub(crate) fn is_met_by(&self, found: &Found) -> bool {
        let values: Vec<_> = found.outcome.iter().flat_map(values).collect();
        let code = found.outcome.map(|outcome| outcome.code);
        self.unchanged == found.unchanged
            && self.paid_back == found.paid_back
            && self.word == found.word
            && match self.code {
                Some(expected) => code == Some(expected),
                None => !CODED.contains(&self.word.as_str()),
            }
            && self.values.iter().all(|value| values.contains(value))
            && self.memo.as_ref().is_none_or(|memo| found.memo.as_ref() == Some(memo))
    }
}

/// Takes these words from the front, if they are there.
fn take(rest: &mut &[&str], words: &str) -> bool {
    let count = words.split(' ').count();
    let is_there =
        rest.get(..count).is_some_and(|first| first.iter().copied().eq(words.split(' ')));
    if is_there {
        *rest = rest.get(count..).unwrap_or_default();
    }
    is_there
}

/// Values by their names: `available 3, requested 5`.
fn values_of(
    code: ResultCode,
    rest: &[&str],
    kind: Kind,
    text: &str,
) -> Result<Vec<(&'static str, u64)>, Problem> {
    let wrong = || match modern_outcome(kind, text) {
        Some(modern) => Problem::unexpected(quoted(text), in_codes(&modern)),
        None => {
            let forms: Vec<_> = code.values().iter().map(|name| format!("{name} NUMBER")).collect();
            let expected = match forms.as_slice() {
                [] => format!("nothing behind {code}, which has no values"),
                forms => format!("values of {code}: {}", forms.join(", ")),
            };
            Problem::unexpected(quoted(text), expected)
        }
    };
    let mut values: Vec<(&'static str, u64)> = Vec::new();
    for pair in rest.chunks(2) {
        let [name, value] = pair else { return Err(wrong()) };
        let name = code.values().iter().find(|known| *known == name).ok_or_else(wrong)?;
        let value = number(value).and_then(|value| value.try_into().ok()).ok_or_else(wrong)?;
        if values.iter().any(|(known, _)| known == name) {
            return Err(wrong());
        }
        values.push((name, value));
    }
    Ok(values)
}

/// What is expected in the place of an outcome in prose.
fn in_codes(modern: &str) -> String {
    format!("the result code: {modern} (toru test --rewrite FILE changes the file)")
}

/// What is expected where the word is wrong.
fn wrong_word(kind: Kind, word: &str, text: &str) -> Problem {
    let (whose, special, other, of_other) = match kind {
        Kind::Operation => (
            "an operation's",
            ["unchanged, OUTCOME", NO_RESULT],
            Kind::Message,
            "a message's, and stands beside the sentence as expect: OUTCOME",
        ),
        Kind::Message | Kind::Held => {
            ("a message's", [WAITING, NOT_OURS], Kind::Operation, "an operation's")
        }
    };
    let with_code = |word: &str| match CODED.contains(&word) {
        true => format!("{word} CODE"),
        false => word.to_owned(),
    };
    let mut forms: Vec<String> = kind.words().into_iter().map(with_code).collect();
    forms.extend(special.map(str::to_owned));
    let hint = match other.words().contains(&word) {
        true => format!(" ({word} is {of_other})"),
        false => String::new(),
    };
    Problem::unexpected(
        quoted(text),
        format!("{whose} outcome, one of: {}{hint}", forms.join("; ")),
    )
}

/// What is expected where the code is wrong.
fn wrong_code(kind: Kind, word: &str, name: &str, text: &str) -> Problem {
    if let Some(modern) = modern_outcome(kind, text) {
        return Problem::unexpected(quoted(text), in_codes(&modern));
    }
    let with = if word.is_empty() { "a held deposit".to_owned() } else { format!("{word:?}") };
    if let Some(code) = ResultCode::from_name(name) {
        let subjects: Vec<_> = code.subjects().iter().map(|subject| subject.name()).collect();
        let expected = format!("a code of {with}: {name} is a result of: {}", subjects.join(", "));
        return Problem::unexpected(quoted(text), expected);
    }
    let codes = ResultCode::ALL.iter().filter(|code| kind.can_be(word, **code));
    let distance =
        |code: &&ResultCode| strsim::damerau_levenshtein(code.name(), &name.to_uppercase());
    let mut near: Vec<&ResultCode> = codes.collect();
    near.sort_by_key(distance);
    let near: Vec<_> = near.into_iter().take(NEAR_MAX).map(|code| code.name()).collect();
    Problem::unexpected(
        quoted(text),
        format!(
            "a result code of {with}, such as {} (docs/protocol.md lists all)",
            near.join(", ")
        ),
    )
}

#[cfg(test)]
mod tests;
