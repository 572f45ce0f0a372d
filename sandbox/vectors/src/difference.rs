//! What differs, and how it is shown.

use crate::limits::{SHOWN_CHARS_MAX, TICKS_TOLERANCE_MIN, TICKS_TOLERANCE_PERCENT};
use std::fmt::{self, Display};

/// One thing that the reference and the embedded PVM do not agree about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is about.
    pub what: String,
    /// What the reference has.
    pub reference: String,
    /// What the embedded PVM has.
    pub found: String,
}

impl Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} in the reference, {} here", self.what, self.reference, self.found)
    }
}

/// The differences of one vector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences(pub(crate) Vec<Difference>);

impl Differences {
    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Difference> {
        self.0.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Notes a difference.
    pub fn add(&mut self, what: impl Into<String>, reference: impl Display, found: impl Display) {
        let [reference, found] = [reference.to_string(), found.to_string()].map(shortened);
        self.0.push(Difference { what: what.into(), reference, found });
    }

    /// Notes it if both are not equal.
    pub fn compare<T: PartialEq + Display>(&mut self, what: &str, reference: &T, found: &T) {
        if reference != found {
            self.add(what, reference, found);
        }
    }

    /// Notes it if an estimate of ticks is too far off.
    pub fn compare_ticks(&mut self, what: impl Into<String>, reference: u64, found: u64) {
        let tolerance = (reference / 100).saturating_mul(TICKS_TOLERANCE_PERCENT);
        if reference.abs_diff(found) > tolerance.max(TICKS_TOLERANCE_MIN) {
            self.add(what, reference, found);
        }
    }
}

/// The beginning of a text that is too long to be shown.
fn shortened(text: String) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => {
            let (shown, rest) = text.split_at(end);
            format!("{shown}… and {} characters more", rest.chars().count())
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_may_be_off_by_a_twentieth_or_by_ten() {
        let mut differences = Differences::default();
        for (reference, found) in [(10_000, 10_500), (10_000, 9_500), (3, 13), (13, 3)] {
            differences.compare_ticks("t", reference, found);
        }
        assert_eq!(differences, Differences::default());
        for (reference, found) in [(10_000, 10_501), (10_000, 9_499), (3, 14), (14, 3)] {
            differences.compare_ticks("t", reference, found);
        }
        assert_eq!(differences.0.len(), 4);
    }

    #[test]
    fn long_texts_are_cut() {
        let mut differences = Differences::default();
        differences.compare("v", &"ä".repeat(81), &String::new());
        let shown = format!("v: {}… and 1 characters more in the reference,  here", "ä".repeat(80));
        assert_eq!(differences.0[0].to_string(), shown);
    }
}
