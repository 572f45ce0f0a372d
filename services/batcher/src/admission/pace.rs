//! How fast transactions are verified: what says how long another one would wait.

use std::time::Duration;

use crate::limits::VERIFIED_AT_ONCE;

/// How fast transactions are verified, as measured.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    /// What one transaction takes of one thread. Zero until something was verified.
    each: Duration,
}

impl Pace {
    /// So many transactions took one thread so long. A few that were slow say little.
    pub(super) fn verified(&mut self, transactions: usize, time: Duration) {
        let count = u32::try_from(transactions).unwrap_or(u32::MAX).max(1);
        let weight = u32::try_from(VERIFIED_AT_ONCE / 4).unwrap_or(1);
        let sum = self.each.saturating_mul(weight).saturating_add(time);
        self.each = sum / weight.saturating_add(count);
    }

    /// How long so many transactions take so many threads.
    pub(super) fn wait(&self, transactions: usize, threads: usize) -> Duration {
        let count = u32::try_from(transactions).unwrap_or(u32::MAX);
        self.each.saturating_mul(count) / u32::try_from(threads).unwrap_or(u32::MAX).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_what_was_measured_and_one_slow_transaction_hardly_changes_it() {
        let mut pace = Pace::default();
        assert_eq!(pace.wait(1_000, 2), Duration::ZERO);
        for _ in 0..100 {
            pace.verified(128, Duration::from_millis(128));
        }
        let wait = pace.wait(1_000, 2);
        assert!(
            wait > Duration::from_millis(490) && wait <= Duration::from_millis(500),
            "{wait:?}"
        );
        pace.verified(1, Duration::from_millis(100));
        assert!(pace.wait(1_000, 2) < Duration::from_secs(3));
        assert!(pace.wait(usize::MAX, 0) > Duration::from_secs(60));
    }
}
