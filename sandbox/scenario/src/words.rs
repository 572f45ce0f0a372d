//! Sentences as words: numbers, names, and phrases that have to be there.

use num_bigint::BigInt;

/// The longest name; what is longer is meant as an address.
const NAME_CHARS_MAX: usize = 20;

/// The words of a sentence, read from the front. Commas at the end of a word say nothing.
#[derive(Clone, Debug)]
pub(crate) struct Words<'a> {
    words: Vec<&'a str>,
    at: usize,
}

impl<'a> Words<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let words = text.split_whitespace().map(|word| word.trim_end_matches(','));
        Words { words: words.filter(|word| !word.is_empty()).collect(), at: 0 }
    }

    /// The next word.
    pub(crate) fn next(&mut self) -> Option<&'a str> {
        let word = self.words.get(self.at)?;
        self.at += 1;
        Some(word)
    }

    /// The next words, if they are these.
    pub(crate) fn phrase(&mut self, phrase: &str) -> Option<()> {
        let start = self.at;
        for expected in phrase.split(' ') {
            if self.next() != Some(expected) {
                self.at = start;
                return None;
            }
        }
        Some(())
    }

    /// A number of any size.
    pub(crate) fn number(&mut self) -> Option<BigInt> {
        number(self.next()?)
    }

    /// A number that is not negative and not too large for its place.
    pub(crate) fn bounded<T: TryFrom<BigInt>>(&mut self) -> Option<T> {
        T::try_from(self.number()?).ok()
    }

    /// A name.
    pub(crate) fn name(&mut self) -> Option<&'a str> {
        self.next().filter(|word| is_name(word))
    }

    /// Nothing may follow.
    pub(crate) fn end(&self) -> Option<()> {
        (self.at == self.words.len()).then_some(())
    }
}

/// Whether a word can be somebody's or something's name.
pub(crate) fn is_name(word: &str) -> bool {
    word.len() <= NAME_CHARS_MAX
        && word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c))
}

/// Digits, with a comma or `_` between thousands if one likes; or `2^64`, `2^64-1`, `-5`.
pub(crate) fn number(word: &str) -> Option<BigInt> {
    if let Some(power) = word.strip_prefix("2^") {
        let (exponent, less) = match power.split_once('-') {
            Some((exponent, less)) => (exponent, less.parse::<u32>().ok()?),
            None => (power, 0),
        };
        // Amounts on layer 1 know no bound, but a file that asks for 2^4000000000 is a mistake.
        let exponent = exponent.parse::<u32>().ok().filter(|exponent| *exponent <= 4_096)?;
        return Some(BigInt::from(2).pow(exponent) - less);
    }
    let digits: String = word.chars().filter(|c| !matches!(c, ',' | '_')).collect();
    let unsigned = digits.strip_prefix('-').unwrap_or(&digits);
    let is_number = !unsigned.is_empty() && unsigned.chars().all(|c| c.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

/// `p1` and `p44` into all of them.
pub(crate) fn range(first: &str, last: &str) -> Option<Vec<String>> {
    let split = |name: &str| {
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
        let number: u32 = name.get(stem.len()..)?.parse().ok()?;
        Some((stem, number))
    };
    let (stem, from) = split(first)?;
    let (other, to) = split(last)?;
    let fits = stem == other && is_name(first) && is_name(last) && from <= to && to - from < 5_000;
    fits.then(|| (from..=to).map(|number| format!("{stem}{number}")).collect())
}

/// What stands before a memo.
pub(crate) const MEMO: &str = " with memo ";

/// The words of an outcome. Punctuation between them means nothing.
pub(crate) fn tokens(text: &str) -> Vec<&str> {
    let bare = |word: &'_ str| word.len() - word.trim_end_matches([',', ':', ';']).len();
    let words = text.split_whitespace().map(|word| &word[..word.len() - bare(word)]);
    words.filter(|word| !word.is_empty()).collect()
}

/// An outcome and its memo.
pub(crate) fn split_memo(text: &str) -> (&str, Option<&str>) {
    text.split_once(MEMO).map_or((text, None), |(outcome, memo)| (outcome, Some(memo)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_every_form() {
        for (word, expected) in [
            ("0", Some("0")),
            ("1,000", Some("1000")),
            ("1_000", Some("1000")),
            ("-5", Some("-5")),
            ("2^64", Some("18446744073709551616")),
            ("2^64-1", Some("18446744073709551615")),
            ("2^9999999", None),
            ("2^", None),
            ("-", None),
            ("", None),
            ("1x", None),
        ] {
            assert_eq!(number(word).map(|n| n.to_string()).as_deref(), expected, "{word}");
        }
    }

    #[test]
    fn names_and_ranges() {
        assert!(is_name("alice") && is_name("p1") && !is_name("Alice") && !is_name("2x"));
        assert!(!is_name("tz1ke2h7sddakhjqh8wx4z372du1kchsksyu"));
        assert_eq!(range("p1", "p3"), Some(vec!["p1".into(), "p2".into(), "p3".into()]));
        assert_eq!(range("p3", "p1"), None);
        assert_eq!(range("p1", "q3"), None);
        assert_eq!(range("p", "p3"), None);
    }
}
