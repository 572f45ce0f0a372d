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
mod tests {
    use tx_kernel::results::{MessageResult, Outcome};

    use super::*;

    fn parse(kind: Kind, text: &str) -> Expected {
        Expected::parse(kind, text).unwrap()
    }

    fn failed(memo: Option<&str>) -> Found {
        let outcome = Outcome::new(ResultCode::BalanceTooLow, 3, 5_000);
        Found::of_operation(outcome, memo.map(str::to_owned), false)
    }

    #[test]
    fn values_may_be_left_out_but_not_be_others() {
        assert_eq!(failed(None).to_string(), "failed BALANCE_TOO_LOW, available 3, requested 5000");
        for (text, is_met) in [
            ("failed BALANCE_TOO_LOW", true),
            ("failed BALANCE_TOO_LOW, available 3, requested 5,000", true),
            ("failed BALANCE_TOO_LOW requested 5000", true),
            ("failed: BALANCE_TOO_LOW, requested 5000, available 3", true),
            ("failed BALANCE_TOO_LOW, available 4", false),
            ("failed ZERO_AMOUNT", false),
            ("failed", false),
            ("unchanged, failed BALANCE_TOO_LOW", false),
            ("applied", false),
            ("no result", false),
        ] {
            assert_eq!(parse(Kind::Operation, text).is_met_by(&failed(None)), is_met, "{text}");
        }
    }

    #[test]
    fn words_that_stand_for_one_code_need_none() {
        let credited = MessageResult::Done(Outcome::new(ResultCode::DepositCredited, 0, 5));
        let credited = Found::of_message(&credited);
        assert!(parse(Kind::Message, "credited").is_met_by(&credited));
        assert!(parse(Kind::Message, "credited, account 0, amount 5").is_met_by(&credited));
        assert!(!parse(Kind::Message, "credited, amount 6").is_met_by(&credited));
        let refused = MessageResult::Refused(Outcome::plain(ResultCode::WrongSignature));
        let refused = Found::of_message(&refused);
        assert!(parse(Kind::Message, "refused WRONG_SIGNATURE").is_met_by(&refused));
        assert!(!parse(Kind::Message, "refused").is_met_by(&refused));
        let waits = Found::word(WAITING);
        assert!(parse(Kind::Message, "waiting").is_met_by(&waits));
        let held = Found::of_held(Outcome::plain(ResultCode::ZeroAmount), true);
        assert!(parse(Kind::Held, &held.to_string()).is_met_by(&held));
        assert!(!parse(Kind::Held, "ZERO_AMOUNT").is_met_by(&held));
    }

    #[test]
    fn memos_are_compared_if_there_is_one() {
        let memo = parse(Kind::Operation, "failed BALANCE_TOO_LOW, with memo rent, May");
        assert!(memo.is_met_by(&failed(Some("rent, May"))) && !memo.is_met_by(&failed(None)));
        assert!(!memo.is_met_by(&failed(Some("rent"))));
        assert!(parse(Kind::Operation, "failed BALANCE_TOO_LOW").is_met_by(&failed(Some("rent"))));
    }

    #[test]
    fn every_outcome_can_be_written_down_and_read() {
        for code in ResultCode::ALL.iter().copied() {
            let outcome = Outcome::new(code, 7, 8);
            let mut read = 0;
            for (kind, found) in [
                (Kind::Operation, Found::of_operation(outcome, None, true)),
                (Kind::Message, Found::of_message(&MessageResult::Done(outcome))),
                (Kind::Message, Found::of_message(&MessageResult::Held(outcome))),
                (Kind::Message, Found::of_message(&MessageResult::Refused(outcome))),
                (Kind::Held, Found::of_held(outcome, true)),
            ] {
                if !kind.can_be(found.word, code) {
                    continue;
                }
                assert!(parse(kind, &found.to_string()).is_met_by(&found), "{found}");
                read += 1;
            }
            assert!(read > 0, "{code}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_what_is_near() {
        for (kind, text, expected) in [
            (Kind::Operation, "failed BALANCE_TO_LOW", "such as BALANCE_TOO_LOW, "),
            (
                Kind::Operation,
                "failed WRONG_SIGNATURE",
                "WRONG_SIGNATURE is a result of: batch, request",
            ),
            (Kind::Operation, "failed COUNTER_MISMATCH", "a code of \"failed\": "),
            (Kind::Operation, "failed ZERO_AMOUNT, available 3", "nothing behind ZERO_AMOUNT"),
            (
                Kind::Operation,
                "failed BALANCE_TOO_LOW, free 3",
                "available NUMBER, requested NUMBER",
            ),
            (Kind::Operation, "failed BALANCE_TOO_LOW, available", "available NUMBER"),
            (
                Kind::Operation,
                "failed BALANCE_TOO_LOW, available 3, available 3",
                "available NUMBER",
            ),
            (Kind::Operation, "failed BALANCE_TOO_LOW, available 2^64", "available NUMBER"),
            (Kind::Operation, "refused WRONG_SIGNATURE", "(refused is a message's, "),
            (Kind::Operation, "no result at all", "no result"),
            (Kind::Message, "applied", "(applied is an operation's)"),
            (
                Kind::Operation,
                "failed, balance too low, 3 available, 5 requested",
                "the result code: failed BALANCE_TOO_LOW, available 3, requested 5 (toru test --rewrite",
            ),
            (Kind::Message, "credited, 5 to account 0", "credited, account 0, amount 5 (toru"),
            (Kind::Held, "the amount is zero", "the result code: ZERO_AMOUNT (toru"),
            (Kind::Held, "", "a result code of a held deposit, such as "),
        ] {
            let error = Expected::parse(kind, text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
