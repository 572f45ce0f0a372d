//! `toru dev warp`: bakes until the head is a level, in requests of some quarter of a second each, so
//! that others are served between them.

use std::time::{Duration, Instant};

use node::limits::MAX_LEVELS_PER_REQUEST;
use serde_json::json;

use super::sandbox::{get, level_of, post};
use super::target::Target;
use crate::cli::groups::SandboxArgs;
use crate::error::Failure;
use crate::ui::Ui;

/// How long a request should take.
const REQUEST_TIME: Duration = Duration::from_millis(250);
/// Levels of the first request.
const FIRST_LEVELS: u32 = 32;

/// Bakes until the head is there, and returns its level.
pub fn warp(target: Target, at: &SandboxArgs, ui: &Ui) -> Result<i64, Failure> {
    let mut head = level_of(&get(at, "/global/tezos_level")?)?;
    let target = match target {
        Target::Level(level) => i64::from(level),
        Target::On(levels) => head.saturating_add(levels.into()),
    };
    if target < head {
        return Err(Failure::input(format!("the head is level {head} already"))
            .with_hint("toru dev revert goes back"));
    }
    let mut levels = FIRST_LEVELS;
    let count = |levels: i64| usize::try_from(levels).unwrap_or(0);
    let (first, all) = (head, count(target.saturating_sub(head)));
    let progress = ui.progress(format!("baking up to level {target}"));
    while head < target {
        let left = u32::try_from(target.saturating_sub(head)).unwrap_or(u32::MAX);
        let sent = Instant::now();
        let answer = post(at, "mine", &json!({"levels": levels.min(left)}))?;
        head = level_of(&answer["level"])?;
        levels = next_levels(levels, sent.elapsed());
        progress.at(count(head.saturating_sub(first)), all);
    }
    Ok(head)
}

/// How many levels to ask for, after a request for some that took a time.
fn next_levels(levels: u32, took: Duration) -> u32 {
    if took < REQUEST_TIME / 2 {
        levels.saturating_mul(2).min(MAX_LEVELS_PER_REQUEST)
    } else if took > REQUEST_TIME * 2 {
        (levels / 2).max(1)
    } else {
        levels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_come_to_some_quarter_of_a_second() {
        let mut levels = FIRST_LEVELS;
        for _ in 0..100 {
            // A millisecond a level.
            levels = next_levels(levels, Duration::from_millis(levels.into()));
        }
        assert!((125..=500).contains(&levels), "{levels}");
        for _ in 0..100 {
            levels = next_levels(levels, Duration::from_secs(1));
        }
        assert_eq!(levels, 1);
        for _ in 0..100 {
            levels = next_levels(levels, Duration::ZERO);
        }
        assert_eq!(levels, MAX_LEVELS_PER_REQUEST);
    }
}
