//! Times beside levels, as they are shown: estimates, where anything is known of how long a level takes.

use encoding::Level;
use serde_json::{Value, json};
use wallet::block_times::{BlockTimes, DatedLevel, utc};

use super::exit::{layer1, unanswered};
use super::session::Session;
use crate::cli::groups::Layer1Args;
use crate::error::Failure;

impl Session<'_> {
    /// When levels will be there: as the node of layer 1 tells it that was named, or the sandbox about its
    /// own layer 1. A rollup node tells when its last level was, and how long levels take is seen by asking
    /// for some time.
    pub(super) fn block_times(&self, args: &Layer1Args) -> Result<Option<BlockTimes>, Failure> {
        if let Some(node) = layer1(args)? {
            return BlockTimes::of_layer1(&node).map_err(unanswered);
        }
        if self.wallet.is_sandbox() {
            return Ok(BlockTimes::of_layer1(self.wallet.node())?);
        }
        let Some(now) = DatedLevel::of_rollup_node(self.wallet.node())? else { return Ok(None) };
        Ok(BlockTimes::observed(*self.first_head.get_or_init(|| now), now))
    }
}

/// The level that is so many levels after another one.
pub(super) fn later(level: Level, levels: i32) -> Level {
    Level(level.0.saturating_add(levels))
}

/// When a level will be there that is so many after the head: ` (≈ 3 days, Tue 2 Dec 14:05 UTC)`, or nothing
/// if that is not known.
pub(super) fn at_level(times: Option<&BlockTimes>, head: Level, levels: i32) -> String {
    let words = times.and_then(|times| times.words(head, later(head, levels)));
    words.map_or_else(String::new, |words| format!(" ({words})"))
}

/// The same of a level, for programs.
pub(super) fn rfc_3339(times: Option<&BlockTimes>, level: Level) -> Option<String> {
    times?.rfc_3339(level)
}

/// What the times are worth, in words; nothing where there are none.
pub(super) fn caveat(times: Option<&BlockTimes>) -> String {
    times.map_or_else(String::new, |times| format!("{}\n", times.caveat()))
}

/// The same as JSON: how many seconds a level takes, and who says so.
pub(super) fn caveat_json(times: Option<&BlockTimes>) -> Value {
    json!({
        "seconds_a_level": times.map(BlockTimes::seconds_a_level),
        "seconds_from": times.map(|times| times.source().word()),
    })
}

/// Seconds since 1970 to the minute, as people read them: `2026-11-30 14:05`; nothing for a time that no calendar has.
pub(super) fn utc_minute(seconds: i64) -> Option<String> {
    let time = utc(seconds)?;
    let (day, time) = time.split_once('T')?;
    Some(format!("{day} {}", time.get(..5)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_for_people() {
        assert_eq!(utc_minute(1_796_047_500).as_deref(), Some("2026-11-30 14:05"));
        assert_eq!((utc_minute(i64::MAX), utc_minute(i64::MIN)), (None, None));
    }
}
