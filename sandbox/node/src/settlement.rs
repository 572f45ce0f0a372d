//! The simulated layer 1: which levels have commitments, when these are cemented, and when an outbox
//! message can be executed.

use crate::limits::{ACTIVE_OUTBOX_LEVELS, MAX_PERIOD_LEVELS};

/// How fast the simulated layer 1 settles. A commitment is made at each multiple of the period after
/// the origination, published in the level after it, and cemented when the window has passed since
/// then, as nobody refutes here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettlementParameters {
    /// Levels between commitments (`sc_rollup_commitment_period_in_blocks`).
    commitment_period: i32,
    /// Levels in which a commitment can be refuted (`sc_rollup_challenge_window_in_blocks`).
    challenge_window: i32,
    /// The level of the origination.
    origination: i32,
}

impl SettlementParameters {
    /// The parameters of a rollup. `None` if the period is not from 1, or the window not from 0, to
    /// [`MAX_PERIOD_LEVELS`].
    #[must_use]
    pub fn new(commitment_period: i32, challenge_window: i32, origination: i32) -> Option<Self> {
        let good = (1..=MAX_PERIOD_LEVELS).contains(&commitment_period)
            && (0..=MAX_PERIOD_LEVELS).contains(&challenge_window);
        good.then_some(Self { commitment_period, challenge_window, origination })
    }

    /// The level of the origination.
    #[must_use]
    pub fn origination(&self) -> i32 {
        self.origination
    }

    /// Levels between commitments.
    #[must_use]
    pub fn commitment_period(&self) -> i32 {
        self.commitment_period
    }

    /// Levels in which a commitment can be refuted.
    #[must_use]
    pub fn challenge_window(&self) -> i32 {
        self.challenge_window
    }

    /// The level whose commitment is the first that has this level in it.
    #[must_use]
    pub fn committed_with(&self, level: i32) -> i32 {
        let since = i64::from(level) - i64::from(self.origination);
        let period = i64::from(self.commitment_period);
        let over = since.rem_euclid(period);
        let rest = if over == 0 { 0 } else { period - over };
        to_level(i64::from(level) + rest)
    }

    /// The level in which the commitment made at a level is published, if it is at a head. That of
    /// the origination needs no publishing.
    #[must_use]
    pub fn published_at(&self, made_at: i32, head: i32) -> Option<i32> {
        let published = to_level(i64::from(made_at) + 1);
        (made_at > self.origination && published <= head).then_some(published)
    }

    /// The level of the last commitment that is published at a head, if any is.
    #[must_use]
    pub fn last_published(&self, head: i32) -> Option<i32> {
        let made_at = self.last_committed(to_level(i64::from(head) - 1));
        self.published_at(made_at, head).map(|_| made_at)
    }

    /// The first level in which a message of this level's outbox can be executed.
    #[must_use]
    pub fn executable_from(&self, level: i32) -> i32 {
        let published = i64::from(self.committed_with(level)) + 1;
        to_level(published + i64::from(self.challenge_window))
    }

    /// The first level in which a message of this level's outbox cannot be executed any more: layer 1
    /// counts from the level that is cemented by then, not from its own.
    #[must_use]
    pub fn expires(&self, level: i32) -> i32 {
        self.executable_from(to_level(i64::from(level) + i64::from(ACTIVE_OUTBOX_LEVELS)))
    }

    /// The level of the last commitment made at or before a head.
    #[must_use]
    pub fn last_committed(&self, head: i32) -> i32 {
        let since = i64::from(head) - i64::from(self.origination);
        let over = since.rem_euclid(i64::from(self.commitment_period));
        to_level((i64::from(head) - over).max(i64::from(self.origination)))
    }

    /// The level of the last commitment that is cemented at a head; the origination's, which needs
    /// no cementing, if none is.
    #[must_use]
    pub fn last_cemented(&self, head: i32) -> i32 {
        self.last_committed(to_level(i64::from(head) - 1 - i64::from(self.challenge_window)))
    }
}

/// Levels end at the greatest there is.
fn to_level(level: i64) -> i32 {
    i32::try_from(level).unwrap_or(if level < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_holds_its_period_and_waits_for_its_window() {
        let settlement = SettlementParameters::new(10, 5, 3).unwrap();
        for (level, with) in [(3, 3), (4, 13), (13, 13), (14, 23)] {
            assert_eq!(settlement.committed_with(level), with);
            assert_eq!(settlement.executable_from(level), with + 6);
        }
        for (head, committed, cemented) in
            [(3, 3, 3), (12, 3, 3), (13, 13, 3), (18, 13, 3), (19, 13, 13), (29, 23, 23)]
        {
            assert_eq!(settlement.last_committed(head), committed, "{head}");
            assert_eq!(settlement.last_cemented(head), cemented, "{head}");
        }
        // Level 151,204 is cemented with the commitment of 151,213.
        assert_eq!(settlement.expires(4), 151_219);
        for (head, published) in [(3, None), (13, None), (14, Some(13)), (23, Some(13))] {
            assert_eq!(settlement.last_published(head), published, "{head}");
        }
        assert_eq!(settlement.published_at(13, 20), Some(14));
        assert_eq!(settlement.published_at(3, 20), None);
    }

    #[test]
    fn a_level_is_executable_exactly_when_its_commitment_is_cemented() {
        for (period, window) in [(1, 0), (1, 3), (7, 0), (4, 9)] {
            let settlement = SettlementParameters::new(period, window, 0).unwrap();
            for level in 1..40 {
                for head in level..80 {
                    let cemented = settlement.last_cemented(head) >= level;
                    assert_eq!(
                        head >= settlement.executable_from(level),
                        cemented,
                        "{level} {head}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_message_can_be_executed_for_as_long_as_layer_1_takes_it() {
        // As on mainnet, where the window is longer than the time there is after it.
        for settlement in [
            SettlementParameters::new(10, 5, 3).unwrap(),
            SettlementParameters::new(150, 201_600, 0).unwrap(),
        ] {
            for level in [4, 13, 14, 1_000] {
                let taken = |head: i32| {
                    let cemented = settlement.last_cemented(head);
                    level <= cemented && cemented - level < ACTIVE_OUTBOX_LEVELS
                };
                let (from, end) = (settlement.executable_from(level), settlement.expires(level));
                assert!(!taken(from - 1) && taken(from) && taken(end - 1) && !taken(end));
            }
        }
    }

    #[test]
    fn ends_of_the_range_do_not_overflow() {
        let settlement =
            SettlementParameters::new(MAX_PERIOD_LEVELS, MAX_PERIOD_LEVELS, i32::MIN).unwrap();
        for level in [i32::MIN, -1, 0, i32::MAX] {
            assert!(settlement.executable_from(level) >= level);
            assert!(settlement.last_cemented(level) <= level);
        }
        for (period, window) in [(0, 1), (-1, 1), (1, -1), (MAX_PERIOD_LEVELS + 1, 1)] {
            assert_eq!(SettlementParameters::new(period, window, 0), None);
        }
    }
}
