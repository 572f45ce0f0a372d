//! Amounts of tez, exactly.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Decimals of a tez.
const DECIMALS: usize = 6;
/// Mutez in a tez.
const MUTEZ: u64 = 1_000_000;

/// An amount of tez, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tez(u64);

/// Not an amount of tez.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("expected tez with up to six decimals, such as 0.05")]
pub struct NoTez;

impl Tez {
    /// So many millionths.
    #[must_use]
    pub const fn of_mutez(mutez: u64) -> Self {
        Self(mutez)
    }

    /// How many millionths.
    #[must_use]
    pub const fn mutez(self) -> u64 {
        self.0
    }

    /// Both together; the greatest there is beyond that.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl FromStr for Tez {
    type Err = NoTez;

    fn from_str(text: &str) -> Result<Self, NoTez> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || decimals.len() > DECIMALS {
            return Err(NoTez);
        }
        let tez: u64 = whole.parse().map_err(|_| NoTez)?;
        let millionths: u64 = format!("{decimals:0<DECIMALS$}").parse().map_err(|_| NoTez)?;
        let mutez = tez.checked_mul(MUTEZ).and_then(|tez| tez.checked_add(millionths));
        mutez.map(Self).ok_or(NoTez)
    }
}

impl fmt::Display for Tez {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / MUTEZ, self.0 % MUTEZ);
        let text = format!("{whole}.{rest:0DECIMALS$}");
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tez_are_read_and_written() {
        for (text, mutez, shown) in [
            ("0", 0, "0"),
            ("0.05", 50_000, "0.05"),
            ("12.500000", 12_500_000, "12.5"),
            ("100", 100_000_000, "100"),
            ("18446744073709.551615", u64::MAX, "18446744073709.551615"),
        ] {
            let tez: Tez = text.parse().unwrap();
            assert_eq!((tez.mutez(), tez.to_string().as_str()), (mutez, shown));
        }
        for text in
            ["", ".", "1.", ".5", "-1", "+1", "1e3", "0.0000001", "18446744073709.551616", "1 "]
        {
            assert_eq!(text.parse::<Tez>(), Err(NoTez), "{text}");
        }
    }
}
