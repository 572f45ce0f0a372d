//! Money and counters: bounded newtypes, all arithmetic checked.

use std::fmt;

/// An amount of one ticket, in the ticket's own smallest unit: 0 to 2^64 − 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u64);

impl Amount {
    /// Nothing.
    pub const ZERO: Amount = Amount(0);
    /// The largest amount.
    pub const MAX: Amount = Amount(u64::MAX);

    /// This many units.
    pub const fn new(units: u64) -> Self {
        Amount(units)
    }

    /// The number of units.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Whether this is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or `None` above [`Amount::MAX`].
    #[must_use]
    pub fn checked_add(self, other: Amount) -> Option<Amount> {
        self.0.checked_add(other.0).map(Amount)
    }

    /// The difference, or `None` below zero.
    #[must_use]
    pub fn checked_sub(self, other: Amount) -> Option<Amount> {
        self.0.checked_sub(other.0).map(Amount)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of the next operation of an account; the first is 0.
///
/// The stored counter is the next one expected, and an operation carries it exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Counter(u64);

impl Counter {
    /// The first.
    pub const FIRST: Counter = Counter(0);

    /// The counter of this value.
    pub const fn new(value: u64) -> Self {
        Counter(value)
    }

    /// Its value.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The one after, or `None` after the last.
    #[must_use]
    pub fn next(self) -> Option<Counter> {
        self.0.checked_add(1).map(Counter)
    }
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_stops_at_the_ends() {
        assert_eq!(Amount::MAX.checked_add(Amount::new(1)), None);
        assert_eq!(Amount::ZERO.checked_sub(Amount::new(1)), None);
        assert_eq!(Amount::new(2).checked_add(Amount::new(3)), Some(Amount::new(5)));
        assert_eq!(Counter::new(u64::MAX).next(), None);
        assert_eq!(Counter::FIRST.next(), Some(Counter::new(1)));
    }
}
