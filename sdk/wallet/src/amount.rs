//! Amounts as people write them: decimals of a ticket's own unit, and never floats.

use encoding::Amount;

/// Why a text is no amount of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not digits, with digits after a point if need be.
    #[error("{0:?} is no amount (expected digits, as in 12.5)")]
    NotANumber(String),
    /// Digits that are set apart, or a comma before the decimals.
    #[error("{text:?} has separators in it: write {plain}")]
    Separated {
        /// What was given.
        text: String,
        /// The same as it is to be written.
        plain: String,
    },
    /// More digits after the point than the ticket has, zeros included: where people set thousands
    /// apart by a point, `1.000` is no 1.
    #[error("{}", too_fine(text, *decimals))]
    TooFine {
        /// What was given.
        text: String,
        /// The ticket's decimals.
        decimals: u8,
    },
    /// More than there can be.
    #[error("{0} is more than the largest amount, 2^64 - 1 of the smallest units")]
    TooLarge(String),
}

fn too_fine(text: &str, decimals: u8) -> String {
    match decimals {
        0 => format!("{text} has decimals, and this ticket has none: write digits alone"),
        1 => format!("{text} has more than one decimal, which is what this ticket has"),
        _ => format!("{text} has more than {decimals} decimals, which is what this ticket has"),
    }
}

/// Reads an amount of a ticket with so many decimals.
///
/// # Errors
/// When it is invalid.
pub fn parse(text: &str, decimals: u8) -> Result<Amount, AmountError> {
    let start = || text.chars().take(60).collect();
    let not_a_number = || match without_separators(text) {
        Some(plain) => AmountError::Separated { text: start(), plain },
        None => AmountError::NotANumber(start()),
    };
    let (whole, part) = match text.split_once('.') {
        Some((_, "")) => return Err(not_a_number()),
        Some(parts) => parts,
        None => (text, ""),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return Err(not_a_number());
    }
    let missing = usize::from(decimals).checked_sub(part.len());
    let Some(missing) = missing else {
        return Err(AmountError::TooFine { text: start(), decimals });
    };
    let all = format!("{whole}{part}{}", "0".repeat(missing));
    // Digits that do not fit are too many.
    let units = all.parse().map_err(|_| AmountError::TooLarge(start()))?;
    Ok(Amount::new(units))
}

/// An index in one of the rollup's registries: digits, and no sign before them.
#[must_use]
pub fn index(text: &str) -> Option<u32> {
    let is_written_out = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_written_out)
}

/// What somebody means who sets thousands apart, or writes a comma before decimals; `None` if the text is
/// no number either way.
fn without_separators(text: &str) -> Option<String> {
    /// What stands between groups of digits, beside the comma and the point.
    const APART: [char; 7] = ['_', '\'', '\u{2019}', ' ', '\u{a0}', '\u{202f}', '\u{2009}'];
    let plain: String = text.chars().filter(|c| !APART.contains(c)).collect();
    let in_groups = |text: &str, mark: char| {
        let mut groups = text.split(mark);
        groups.next().is_some_and(|first| (1..=3).contains(&first.len()))
            && groups.all(|group| group.len() == 3)
    };
    let points = plain.matches('.').count();
    let plain = match (plain.rfind(','), plain.rfind('.')) {
        // 1.000,50
        (Some(comma), Some(point)) if point < comma => plain.replace('.', "").replace(',', "."),
        // 1,000.50
        (Some(_), Some(_)) => plain.replace(',', ""),
        (Some(_), None) if in_groups(&plain, ',') => plain.replace(',', ""),
        // 12,5
        (Some(_), None) => plain.replace(',', "."),
        // 1.000.000
        (None, Some(_)) if points > 1 && in_groups(&plain, '.') => plain.replace('.', ""),
        (None, _) => plain,
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = match plain.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part),
        None => digits(&plain),
    };
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let (first, last) = (text.chars().next(), text.chars().next_back());
    (is_number && plain != text && ends(first) && ends(last))
        .then(|| plain.chars().take(60).collect())
}

/// An amount as people read it, in one form: no zeros at the end of its decimals.
#[must_use]
pub fn text(amount: Amount, decimals: u8) -> String {
    digits(amount.get().into(), decimals)
}

/// The same of a sum in the smallest units, which may be more than any amount.
#[must_use]
pub fn digits(units: u128, decimals: u8) -> String {
    let decimals_shown = usize::from(decimals);
    let digits = format!("{units:0>width$}", width = decimals_shown + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals_shown);
    match part.trim_end_matches('0') {
        "" => whole.to_owned(),
        part => format!("{whole}.{part}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (written, decimals, units, shown) in [
            ("12.5", 6, 12_500_000, "12.5"),
            ("12.500000", 6, 12_500_000, "12.5"),
            ("0.000001", 6, 1, "0.000001"),
            ("0", 6, 0, "0"),
            ("7", 0, 7, "7"),
            ("7.0", 1, 70, "7"),
            ("007", 2, 700, "7"),
            ("18446744073709551615", 0, u64::MAX, "18446744073709551615"),
            ("1.8446744073709551615", 19, u64::MAX, "1.8446744073709551615"),
            ("0.1", 19, 1_000_000_000_000_000_000, "0.1"),
        ] {
            assert_eq!(parse(written, decimals), Ok(Amount::new(units)), "{written}");
            assert_eq!(text(Amount::new(units), decimals), shown);
        }
    }

    #[test]
    fn digits_that_are_set_apart_are_told_as_they_are_to_be_written() {
        for (written, plain) in [
            ("1,000", "1000"),
            ("1,000,000", "1000000"),
            ("1,000.50", "1000.50"),
            ("1.000,50", "1000.50"),
            ("1.000.000", "1000000"),
            ("12,5", "12.5"),
            ("1000,25", "1000.25"),
            ("1_000", "1000"),
            ("1'000", "1000"),
            ("1 000", "1000"),
            ("1\u{a0}000,5", "1000.5"),
            ("1\u{202f}000.5", "1000.5"),
        ] {
            let refused = parse(written, 6).unwrap_err();
            assert!(
                refused.to_string().ends_with(&format!("write {plain}")),
                "{written}: {refused}"
            );
            assert!(parse(plain, 6).is_ok(), "{plain}");
        }
    }

    #[test]
    fn a_place_has_no_sign() {
        assert_eq!((index("0"), index("4294967295")), (Some(0), Some(u32::MAX)));
        for text in ["", "+1", "-1", " 1", "1 ", "0x1", "4294967296", "\u{661}"] {
            assert_eq!(index(text), None, "{text:?}");
        }
    }

    #[test]
    fn decimals_of_a_ticket_that_has_none() {
        let refused = |text, decimals| parse(text, decimals).unwrap_err().to_string();
        assert!(refused("1.000", 0).contains("this ticket has none"));
        assert!(refused("1.05", 1).contains("more than one decimal,"));
        assert!(refused("1.0000000", 6).contains("more than 6 decimals"));
    }

    #[test]
    fn refusals() {
        for written in [
            "", ".", ".5", "5.", ",5", "5,", "-1", "+1", "1e3", " 1", "1 ", "١", "1.2.3", "1,2,3,x",
        ] {
            assert!(matches!(parse(written, 6), Err(AmountError::NotANumber(_))), "{written:?}");
        }
        for (written, decimals) in
            [("0.0000001", 6), ("0.5", 0), ("7.0", 0), ("1.000", 0), ("12.5000000", 6), ("0.00", 1)]
        {
            let refused = parse(written, decimals);
            assert!(matches!(refused, Err(AmountError::TooFine { .. })), "{written}: {refused:?}");
        }
        for written in ["18446744073709551616", &"9".repeat(1_000)] {
            assert!(matches!(parse(written, 0), Err(AmountError::TooLarge(_))));
        }
        assert!(matches!(parse("2", 19), Err(AmountError::TooLarge(_))));
    }
}
