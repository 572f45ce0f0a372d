//! What verifying signatures costs, in a unit of its own.

use std::fmt;

/// Verification gas: 1 is a hash to the curve, at most one Miller loop and one key to decompress. In WASM
/// that is some 50 million instructions.
///
/// Sums and products saturate: no budget comes near the largest amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct VerificationGas(u32);

impl VerificationGas {
    /// Nothing is verified.
    pub const ZERO: VerificationGas = VerificationGas(0);
    /// More than anything costs.
    pub const MAX: VerificationGas = VerificationGas(u32::MAX);

    /// This much.
    pub const fn new(gas: u32) -> Self {
        VerificationGas(gas)
    }

    /// 1 for each `per_gas` of `count` things, rounded up.
    pub const fn of_many(count: u32, per_gas: u32) -> Self {
        VerificationGas(count.div_ceil(per_gas))
    }

    /// As a number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Whether nothing is verified.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum.
    #[must_use]
    pub const fn plus(self, other: VerificationGas) -> Self {
        VerificationGas(self.0.saturating_add(other.0))
    }

    /// The difference, zero at least.
    #[must_use]
    pub const fn minus(self, other: VerificationGas) -> Self {
        VerificationGas(self.0.saturating_sub(other.0))
    }

    /// The difference, or `None` below zero.
    #[must_use]
    pub fn checked_minus(self, other: VerificationGas) -> Option<Self> {
        self.0.checked_sub(other.0).map(VerificationGas)
    }

    /// This much, so many times.
    #[must_use]
    pub const fn times(self, count: u32) -> Self {
        VerificationGas(self.0.saturating_mul(count))
    }
}

impl fmt::Display for VerificationGas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_by_sevens_is_rounded_up_and_nothing_wraps() {
        let of = |count| VerificationGas::of_many(count, 7).get();
        assert_eq!([of(0), of(1), of(7), of(8)], [0, 1, 1, 2]);
        let (two, max) = (VerificationGas::new(2), VerificationGas::MAX);
        assert_eq!(
            (max.plus(two), two.minus(max), max.times(2)),
            (max, VerificationGas::ZERO, max)
        );
        assert_eq!(two.checked_minus(max), None);
        assert_eq!(max.checked_minus(max), Some(VerificationGas::ZERO));
    }
}
