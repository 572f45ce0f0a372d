//! What is expected of operations and messages: an outcome and its reason, in the words in which
//! `toru run` reports them.
//!
//! Punctuation says nothing: `failed, the amount is zero` is `failed: the amount is zero`, and
//! spares the file its quotes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use tx_kernel::results::{Outcome, ResultCode};

use super::error::Problem;
use crate::plain::quoted;
use crate::reasons;

/// Outcomes that need no reason.
const GOOD: [&str; 8] =
    ["applied", "accepted", "credited", "ignored", "reclaimed", "announced", "cancelled", "kept"];
/// Outcomes that have one.
const NEED_REASONS: [&str; 4] = ["failed", "stale", "held", "refused"];
/// Outcomes that an error lists.
const NEAR_MAX: usize = 5;
/// What can be said where the kernel has recorded nothing.
pub(super) const NO_RESULT: &str = "no result";
/// A message is kept for a later level.
pub(super) const WAITING: &str = "waiting";
/// A message was for nobody here.
pub(super) const NOT_OURS: &str = "not ours";
/// An operation has the result of an earlier message.
pub(super) const UNCHANGED: &str = "unchanged, ";

/// Behind the reason of a held deposit that has been paid back.
pub(super) const PAID_BACK: &str = ", paid back";

/// An outcome that is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    /// As it was written.
    pub text: String,
    plain: String,
    /// The memo of a v2 operation, if something is said of it.
    memo: Option<String>,
}

/// What outcomes are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Operation,
    Message,
    /// Of a held deposit, without the word `held`.
    Held,
}

/// An outcome as it is shown: fit to be written into a scenario.
pub(super) fn shown(word: &str, reason: &Outcome) -> String {
    let words = reasons::words(reason).replace(": ", ", ");
    match (word, words.as_str()) {
        ("", _) => words,
        (_, "") => word.to_owned(),
        _ => format!("{word}, {words}"),
    }
}

/// What stands before a memo.
const MEMO: &str = " with memo ";

/// An outcome with the memo that is recorded beside it.
pub(super) fn with_memo(shown: &str, memo: Option<&str>) -> String {
    memo.map_or_else(|| shown.to_owned(), |memo| format!("{shown},{MEMO}{memo}"))
}

/// An outcome and its memo apart.
fn split_memo(text: &str) -> (&str, Option<&str>) {
    text.split_once(MEMO).map_or((text, None), |(outcome, memo)| (outcome, Some(memo)))
}

impl Expected {
    /// Reads an outcome.
    pub(super) fn parse(kind: Kind, text: &str) -> Result<Self, Problem> {
        let (outcome, memo) = match kind {
            Kind::Operation => split_memo(text),
            Kind::Message | Kind::Held => (text, None),
        };
        let plain = plain(outcome);
        let known = match kind {
            Kind::Operation => &*OPERATIONS,
            Kind::Message => &*MESSAGES,
            Kind::Held => &*HELD,
        };
        let unchanged = plain.strip_prefix("unchanged ").filter(|_| kind == Kind::Operation);
        let paid_back = plain.strip_suffix(" paid back").filter(|_| kind == Kind::Held);
        let masked = masked(unchanged.or(paid_back).unwrap_or(&plain));
        let special = match kind {
            Kind::Operation => plain == NO_RESULT,
            Kind::Message => [WAITING, NOT_OURS].contains(&plain.as_str()),
            Kind::Held => false,
        };
        let good = kind != Kind::Held
            && GOOD.contains(&masked.as_str())
            && known.keys().any(|k| k.starts_with(&masked));
        // Met by nothing, as what comes has a reason, which the difference shows.
        let bare = NEED_REASONS.contains(&masked.as_str())
            && known.keys().any(|outcome| first_of(outcome) == masked);
        if special || good || bare || known.contains_key(&masked) {
            let memo = memo.map(str::to_owned);
            return Ok(Expected { text: text.to_owned(), plain, memo });
        }
        Err(Problem::unexpected(quoted(text), wanted(kind, known, &masked)))
    }

    /// Whether an outcome is the one that is expected.
    pub(super) fn is_met_by(&self, shown: &str) -> bool {
        let (shown, memo) = split_memo(shown);
        if self.memo.is_some() && self.memo.as_deref() != memo {
            return false;
        }
        let found = plain(shown);
        let (expected, found) = match self.plain.strip_prefix("unchanged ") {
            None => (self.plain.as_str(), found.as_str()),
            Some(expected) => match found.strip_prefix("unchanged ") {
                None => return false,
                Some(found) => (expected, found),
            },
        };
        found == expected || (GOOD.contains(&expected) && found.split(' ').next() == Some(expected))
    }
}

/// What could stand in the place of an outcome that is none: those most like it that begin with its first
/// word; where there is no such word, the words that there are.
fn wanted(kind: Kind, known: &Vocabulary, plain: &str) -> String {
    let first = first_of(plain);
    let begin = |all: &Vocabulary| all.keys().any(|outcome| first_of(outcome) == first);
    if kind == Kind::Held || begin(known) {
        let any = kind == Kind::Held;
        let near = known.iter().filter(|(outcome, _)| any || first_of(outcome) == first);
        let words: BTreeSet<&str> = plain.split(' ').skip(usize::from(!any)).collect();
        let mut near: Vec<(usize, &str)> = near
            .map(|(outcome, shown)| {
                let shared = outcome.split(' ').filter(|word| words.contains(word)).count();
                (shared, shown.as_str())
            })
            .collect();
        near.sort_by_key(|(shared, _)| Reverse(*shared));
        let others = match near.len().saturating_sub(NEAR_MAX) {
            0 => String::new(),
            others => format!("; or {others} others"),
        };
        let near: Vec<&str> = near.into_iter().take(NEAR_MAX).map(|(_, shown)| shown).collect();
        let hint = match NEED_REASONS.contains(&first) && !any {
            true => format!(" ({first} alone lets the difference show the reason)"),
            false => String::new(),
        };
        return format!("an outcome, one of: {}{others}{hint}", near.join("; "));
    }
    let (whose, special, others, of_another) = match kind {
        Kind::Operation => (
            "an operation's",
            ["unchanged, OUTCOME", NO_RESULT],
            &*MESSAGES,
            "a message's, and stands beside the sentence as expect: OUTCOME",
        ),
        Kind::Message | Kind::Held => {
            ("a message's", [WAITING, NOT_OURS], &*OPERATIONS, "an operation's")
        }
    };
    let words: BTreeSet<&str> = known.keys().map(|outcome| first_of(outcome)).collect();
    let word = |word: &str| match GOOD.contains(&word) {
        true => word.to_owned(),
        false => format!("{word}, REASON"),
    };
    let mut forms: Vec<String> = words.into_iter().map(word).collect();
    forms.extend(special.map(str::to_owned));
    let hint = if begin(others) { format!(" ({first} is {of_another})") } else { String::new() };
    format!("{whose} outcome, one of: {}{hint}", forms.join("; "))
}

fn first_of(plain: &str) -> &str {
    plain.split(' ').next().unwrap_or_default()
}

/// A text without its punctuation.
fn plain(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !matches!(c, ',' | ':' | ';' | '(' | ')')).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text with its numbers hidden, which differ from case to case.
fn masked(plain: &str) -> String {
    let hide = |word: &str| match word.chars().all(|c| c.is_ascii_digit()) {
        true => "#".to_owned(),
        false => word.to_owned(),
    };
    plain.split(' ').map(hide).collect::<Vec<_>>().join(" ")
}

/// A value that no words have but as a value.
const SOME: u64 = 77;

/// Every reason that the kernel can give, in each form of its words.
fn all_reasons() -> impl Iterator<Item = Outcome> {
    // Of a page, a second value of 0 says that it is not the last.
    let codes = ResultCode::ALL.iter().copied();
    codes.flat_map(|code| [SOME, 0].map(|second| Outcome::new(code, SOME, second)))
}

/// Outcomes without punctuation and numbers, and as they are written.
type Vocabulary = BTreeMap<String, String>;

fn vocabulary(words_for: impl Fn(&Outcome) -> Vec<&'static str>) -> Vocabulary {
    let mut all = Vocabulary::new();
    for reason in all_reasons() {
        for word in words_for(&reason) {
            let shown = shown(word, &reason);
            let written = shown.replace(&SOME.to_string(), "N");
            all.entry(masked(&plain(&shown))).or_insert(written);
        }
    }
    all
}

/// Codes below are an operation's; some of them a deposit's too.
const OPERATIONS_END: u16 = 100;
/// Codes below are those of messages that did what they are for.
const DONE_END: u16 = 200;

static OPERATIONS: LazyLock<Vocabulary> = LazyLock::new(|| {
    vocabulary(|reason| match reason.code.number() < OPERATIONS_END {
        true => vec![reasons::of_operation(reason)],
        false => Vec::new(),
    })
});

static MESSAGES: LazyLock<Vocabulary> = LazyLock::new(|| {
    vocabulary(|reason| match reason.code.number() {
        0 => Vec::new(),
        1..OPERATIONS_END => vec!["held", "refused"],
        OPERATIONS_END..DONE_END => vec![reasons::of_message(reason)],
        _ => vec!["held", "refused"],
    })
});

static HELD: LazyLock<Vocabulary> = LazyLock::new(|| {
    vocabulary(|reason| if reason.code == ResultCode::Applied { vec![] } else { vec![""] })
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn punctuation_and_thousands_say_nothing() {
        let shown = "failed, balance too low, 3 available, 5,000 requested";
        for text in [
            "failed: balance too low: 3 available, 5,000 requested",
            "failed, balance too low, 3 available, 5000 requested",
        ] {
            assert!(Expected::parse(Kind::Operation, text).unwrap().is_met_by(shown), "{text}");
        }
        let other = "failed, balance too low, 4 available, 5000 requested";
        assert!(!Expected::parse(Kind::Operation, other).unwrap().is_met_by(shown));
    }

    #[test]
    fn good_outcomes_need_no_reason_and_bad_ones_do() {
        let credited = Expected::parse(Kind::Message, "credited").unwrap();
        assert!(credited.is_met_by("credited, 5 to account 0"));
        for text in ["failed", "failed, balance to low", "applied", "refused, whatever"] {
            assert!(Expected::parse(Kind::Message, text).is_err(), "{text}");
        }
        for text in ["held", "refused", "credited", "refused, wrong signature"] {
            assert!(Expected::parse(Kind::Operation, text).is_err(), "{text}");
        }
        let refused = Expected::parse(Kind::Message, "refused").unwrap();
        assert!(!refused.is_met_by("refused, wrong signature") && !refused.is_met_by("accepted"));
        let memo = Expected::parse(Kind::Operation, "applied, with memo rent, May").unwrap();
        let found = with_memo("applied", Some("rent, May"));
        assert!(memo.is_met_by(&found) && !memo.is_met_by("applied"), "{found}");
        assert!(!memo.is_met_by("applied, with memo rent") && !memo.is_met_by("failed, zero"));
        let unchanged = Expected::parse(Kind::Operation, "unchanged, applied").unwrap();
        assert!(unchanged.is_met_by("unchanged, applied") && !unchanged.is_met_by("applied"));
    }
}
