//! Amounts as people write them: decimals of a ticket's own unit, and never floats.

use encoding::Amount;

/// Why a text is no amount of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not digits, with digits after a point if need be.
    #[error("{0:?} is no amount (expected digits, as in 12.5)")]
    NotANumber(String),
    /// More digits after the point than the ticket has.
    #[error("{text} has more than {decimals} decimals, which is what this ticket has")]
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

/// Reads an amount of a ticket with so many decimals.
///
/// # Errors
/// When it is none.
pub fn parse(text: &str, decimals: u8) -> Result<Amount, AmountError> {
    let not_a_number = || AmountError::NotANumber(text.chars().take(60).collect());
    let (whole, part) = match text.split_once('.') {
        Some((_, "")) => return Err(not_a_number()),
        Some(parts) => parts,
        None => (text, ""),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return Err(not_a_number());
    }
    let part = part.trim_end_matches('0');
    let missing = usize::from(decimals).checked_sub(part.len());
    let Some(missing) = missing else {
        return Err(AmountError::TooFine { text: text.to_owned(), decimals });
    };
    let all = format!("{whole}{part}{}", "0".repeat(missing));
    // Digits that do not fit are too many.
    let units = all.parse().map_err(|_| AmountError::TooLarge(text.chars().take(60).collect()))?;
    Ok(Amount::new(units))
}

/// An amount as people read it, in one form: no zeros at the end of its decimals.
#[must_use]
pub fn text(amount: Amount, decimals: u8) -> String {
    let places = usize::from(decimals);
    let digits = format!("{:0>width$}", amount.get(), width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
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
            ("7.0", 0, 7, "7"),
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
    fn refusals() {
        for written in ["", ".", ".5", "5.", "1,5", "1_000", "-1", "+1", "1e3", " 1", "١", "1.2.3"]
        {
            assert!(matches!(parse(written, 6), Err(AmountError::NotANumber(_))), "{written:?}");
        }
        assert!(matches!(parse("0.0000001", 6), Err(AmountError::TooFine { decimals: 6, .. })));
        assert!(matches!(parse("0.5", 0), Err(AmountError::TooFine { .. })));
        for written in ["18446744073709551616", &"9".repeat(1_000)] {
            assert!(matches!(parse(written, 0), Err(AmountError::TooLarge(_))));
        }
        assert!(matches!(parse("2", 19), Err(AmountError::TooLarge(_))));
    }
}
