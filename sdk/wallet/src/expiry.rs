//! How long what is signed can be applied.
//!
//! What is signed is not good for ever unless that is asked for: a node that says a counter is further on
//! than it is would have a payment for later.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_good_for_ever_unless_that_is_asked_for() {
        assert_eq!(last_level(Level(10), VALID_LEVELS), Some(Level(250)));
        assert_eq!(last_level(Level(10), 0), None);
        assert_eq!(last_level(Level(10), u32::MAX), Some(Level(i32::MAX)));
    }
}
