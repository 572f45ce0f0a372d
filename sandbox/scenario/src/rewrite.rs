//! `toru test --rewrite`: a scenario file of the old form, with outcomes in prose, into one with result codes.
//!
//! The file is not written anew: only the texts that change are replaced, so that comments and layout stay.
//! This goes in a later version, once nobody has files of the old form.

use crate::error::Problem;
use crate::kind::Kind;
use crate::parse::batches::INDIVIDUALLY_SIGNED;
use crate::prose::{modern, modern_outcome};
use crate::yaml_depth::check_depth;
use crate::yaml_scalars::{Parent, Scalar, Style, scalars};

/// Keys whose values are names and titles.
const NAMES: [&str; 4] = ["scenario", "label", "replay", "signature"];

/// What `individually signed` was called.
const OLD_KEY: &str = "late";

/// Keys with lists of maps that can have it.
const OF_BATCHES: [&str; 2] = ["messages", "batch"];

/// A text that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its line in the file, from 1.
    pub line: usize,
    /// What was there.
    pub from: String,
    /// What is there now.
    pub to: String,
}

/// Rewrites a file. Without changes the text is the same.
///
/// # Errors
/// When the text is not YAML.
pub fn rewrite(text: &str) -> Result<(String, Vec<Change>), Problem> {
    check_depth(text).map_err(|error| Problem::Syntax(error.to_string()))?;
    let (mut out, mut changes) = (String::with_capacity(text.len()), Vec::new());
    let mut done = 0;
    for scalar in scalars(text).map_err(Problem::Syntax)? {
        let Some(to) = changed(&scalar) else { continue };
        // Commas would split a text in brackets, and mean nothing.
        let to = match (scalar.style, scalar.in_brackets) {
            (Style::Plain, true) => to.replace(", ", " "),
            (Style::Plain, false) => to,
            (Style::SingleQuoted, _) => format!("'{}'", to.replace('\'', "''")),
            (Style::DoubleQuoted, _) => {
                format!("\"{}\"", to.replace('\\', "\\\\").replace('"', "\\\""))
            }
            (Style::Block, _) => continue,
        };
        out.push_str(text.get(done..scalar.range.start).unwrap_or_default());
        out.push_str(&to);
        done = scalar.range.end;
        let from = text.get(scalar.range.clone()).unwrap_or_default().to_owned();
        changes.push(Change { line: scalar.line, from, to });
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Ok((out, changes))
}

/// What a text becomes, if it changes.
fn changed(scalar: &Scalar) -> Option<String> {
    // Only escapes can say it, and what is written has none.
    if scalar.value.chars().any(char::is_control) {
        return None;
    }
    match &scalar.parent {
        Parent::Key(of) if scalar.value == OLD_KEY && OF_BATCHES.contains(&of.as_str()) => {
            Some(INDIVIDUALLY_SIGNED.to_owned())
        }
        Parent::Value(key) if NAMES.contains(&key.as_str()) => None,
        Parent::ItemOf(key) if key == "held deposits" => modern_outcome(Kind::Held, &scalar.value),
        _ => modern(&scalar.value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "\
# Of é, → and comments: refused, wrong signature
scenario: refused, wrong signature
kernels: {bad: 500 bytes that are none, late: 500 bytes that are none}
levels:
  - messages:
      - alice, counter 0, pays bob 5 gold: failed, balance too low, 0 available, 5 requested  # é → é
      - alice, counter 3, does nothing:
          'stale: counter 3, but the next one is 0'
      - a key that is none registers with a proof that is none: refused, wrong signature
      - {replay: dues, expect: \"refused: wrong signature\"}
      - batch:
          - {transaction: [\"late, counter 0, does nothing\"], late: all}
          - alice, counter 4, does nothing:
            late: [late]
        late: alice  # late: alice
    expect:
      - held deposits: [the amount is zero, \"the amount is zero, paid back\"]
      - message dues: accepted, transactions, 1 applied, 0 not
";
    const AFTER: &str = "\
# Of é, → and comments: refused, wrong signature
scenario: refused, wrong signature
kernels: {bad: an invalid module of 500 bytes, late: an invalid module of 500 bytes}
levels:
  - messages:
      - alice, counter 0, pays bob 5 gold: failed BALANCE_TOO_LOW, available 0, requested 5  # é → é
      - alice, counter 3, does nothing:
          'stale COUNTER_MISMATCH, expected 0, provided 3'
      - an invalid key registers with an invalid proof: refused WRONG_SIGNATURE
      - {replay: dues, expect: \"refused WRONG_SIGNATURE\"}
      - batch:
          - {transaction: [\"late, counter 0, does nothing\"], individually signed: all}
          - alice, counter 4, does nothing:
            individually signed: [late]
        individually signed: alice  # late: alice
    expect:
      - held deposits: [ZERO_AMOUNT, \"ZERO_AMOUNT, paid back\"]
      - message dues: accepted, applied 1, unapplied 0
";

    #[test]
    fn only_what_changes_is_replaced_and_only_once() {
        let (after, changes) = rewrite(BEFORE).unwrap();
        assert_eq!(after, AFTER);
        assert_eq!(changes.len(), 13);
        let first = Change {
            line: 3,
            from: "500 bytes that are none".to_owned(),
            to: "an invalid module of 500 bytes".to_owned(),
        };
        assert_eq!(changes[0], first);
        assert_eq!(rewrite(AFTER).unwrap(), (AFTER.to_owned(), Vec::new()));
    }

    #[test]
    fn what_is_not_yaml_is_refused() {
        for text in ["a: [", "a: b: c", &"[".repeat(100)] {
            assert!(matches!(rewrite(text), Err(Problem::Syntax(_))), "{text}");
        }
    }
}
