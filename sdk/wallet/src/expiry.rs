//! How long what is signed can be applied.
//!
//! What is signed is not good for ever unless that is asked for: a node that says a counter is further on
//! than it is would have a payment for later.

use batcher_api::limits::{EXPIRY_GRID, MIN_VALID_LEVELS};
use encoding::Level;

/// Levels: what is sent at once is applied within so many, unless its signer says otherwise.
pub const VALID_LEVELS: u32 = 240;
/// Levels: what is signed on another machine is given so many, a day on mainnet.
pub const OFFLINE_VALID_LEVELS: u32 = 14_400;

/// The last of so many levels after a head; none is no end.
#[must_use]
pub fn last_level(head: Level, levels: u32) -> Option<Level> {
    let more = i32::try_from(levels).unwrap_or(i32::MAX);
    (levels > 0).then(|| Level(head.0.saturating_add(more)))
}

/// The last level of what is given to a batcher: no later than so many levels after a head, and on the grid on which
/// transactions of different people expire together. The batcher's own word (`quoted`) counts if it keeps to both.
/// What is to be valid for less than a step of the grid ends where it was to end; none is no end, which a batcher
/// does not take.
#[must_use]
pub fn last_level_of_batch(head: Level, levels: u32, quoted: Level) -> Option<Level> {
    let last = last_level(head, levels)?;
    let grid = i32::try_from(EXPIRY_GRID).unwrap_or(i32::MAX);
    let soonest = head.0.saturating_add(i32::try_from(MIN_VALID_LEVELS).unwrap_or(i32::MAX));
    let is_good = |level: i32| level >= soonest && level <= last.0 && level % grid == 0;
    let before = last.0 - last.0.rem_euclid(grid);
    Some(match (is_good(quoted.0), is_good(before)) {
        (true, _) => quoted,
        (false, true) => Level(before),
        (false, false) => last,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_good_for_ever_unless_that_is_asked_for() {
        assert_eq!(last_level(Level(10), VALID_LEVELS), Some(Level(250)));
        assert_eq!(last_level(Level(10), 0), None);
        assert_eq!(last_level(Level(10), u32::MAX), Some(Level(i32::MAX)));
    }

    #[test]
    fn what_goes_to_a_batcher_ends_on_the_grid_and_not_later_than_was_wanted() {
        let last = |head, levels, quoted| last_level_of_batch(Level(head), levels, Level(quoted));
        // The batcher's word, as long as it is on the grid and within what is wanted.
        assert_eq!(last(10, 240, 180), Some(Level(180)));
        for quoted in [300, 181, 12, 0, -60, i32::MAX] {
            assert_eq!(last(10, 240, quoted), Some(Level(240)), "{quoted}");
        }
        // There is no such level within what is wanted.
        assert_eq!(last(10, 9, 180), Some(Level(19)));
        assert_eq!(last(58, 3, 60), Some(Level(61)));
        assert_eq!(last(10, 0, 180), None);
        assert_eq!(last(10, u32::MAX, i32::MAX), Some(Level(i32::MAX - i32::MAX % 60)));
    }
}
