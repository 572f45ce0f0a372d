//! When a level will be there, in time: an estimate from how long layer 1 takes for a level.

use encoding::Level;
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{Duration, Month, OffsetDateTime, UtcOffset, Weekday};

use crate::error::RpcError;
use crate::limits::{MAX_LEVEL_TIME, MIN_OBSERVED_LEVELS};
use crate::rpc::Node;

/// From what the time between levels is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaceSource {
    /// Layer 1's own constant, which it keeps unless bakers are late.
    Constant,
    /// The time between levels that a node was seen to have.
    Observed,
}

impl PaceSource {
    /// In a word, for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            PaceSource::Constant => "layer1",
            PaceSource::Observed => "observed",
        }
    }
}

/// A level, and when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatedLevel {
    /// Which.
    pub level: Level,
    /// When.
    pub at: OffsetDateTime,
}

/// A level whose time is known, and how long a level takes from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockTimes {
    known: DatedLevel,
    a_level: Duration,
    source: PaceSource,
}

impl DatedLevel {
    /// The last head of layer 1 that a rollup node has seen, as it says in `/health`. `None` if it does not
    /// say.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn of_rollup_node(node: &Node) -> Result<Option<Self>, RpcError> {
        let health = told(node.get::<Value>("/health"))?;
        Ok(health.and_then(|health| dated(&health["l1"]["last_seen_head"])))
    }
}

impl BlockTimes {
    /// Asks a node of layer 1 for its head's time and for the protocol's constant. `None` if it does not
    /// serve them.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn of_layer1(layer1: &Node) -> Result<Option<Self>, RpcError> {
        const HEAD: &str = "/chains/main/blocks/head";
        let Some(header) = told(layer1.get::<Value>(&format!("{HEAD}/header")))? else {
            return Ok(None);
        };
        let constants = told(layer1.get::<Value>(&format!("{HEAD}/context/constants")))?;
        let delay = constants.as_ref().map_or(&Value::Null, |all| &all["minimal_block_delay"]);
        let seconds = delay.as_i64().or_else(|| delay.as_str()?.parse().ok());
        let times = dated(&header).zip(seconds).and_then(|(known, seconds)| {
            Self::new(known, Duration::seconds(seconds), PaceSource::Constant)
        });
        Ok(times)
    }

    /// From two levels with their times, the earlier one first. `None` if they are too close to each other
    /// to say anything.
    #[must_use]
    pub fn observed(first: DatedLevel, last: DatedLevel) -> Option<Self> {
        let levels = last.level.0.checked_sub(first.level.0)?;
        if levels < MIN_OBSERVED_LEVELS {
            return None;
        }
        Self::new(last, (last.at - first.at).checked_div(levels)?, PaceSource::Observed)
    }

    fn new(known: DatedLevel, a_level: Duration, source: PaceSource) -> Option<Self> {
        let good = a_level.is_positive() && a_level <= MAX_LEVEL_TIME;
        good.then_some(Self { known, a_level, source })
    }

    /// From what it is known.
    #[must_use]
    pub fn source(&self) -> PaceSource {
        self.source
    }

    /// How long a level takes.
    #[must_use]
    pub fn a_level(&self) -> Duration {
        self.a_level
    }

    /// How many seconds a level takes, as JSON: a whole number where it is one.
    #[must_use]
    pub fn seconds_a_level(&self) -> Value {
        match self.a_level.subsec_nanoseconds() {
            0 => self.a_level.whole_seconds().into(),
            _ => ((self.a_level.as_seconds_f64() * 1_000.0).round() / 1_000.0).into(),
        }
    }

    /// How many levels come in a time, at least one.
    #[must_use]
    pub fn levels_in(&self, time: Duration) -> i32 {
        let levels = time.whole_milliseconds() / self.a_level.whole_milliseconds().max(1);
        i32::try_from(levels).unwrap_or(i32::MAX).max(1)
    }

    /// How long so many levels take.
    #[must_use]
    pub fn time_of(&self, levels: i32) -> Duration {
        self.a_level.saturating_mul(levels)
    }

    /// When a level will be there, or was; `None` beyond the calendar.
    #[must_use]
    pub fn at(&self, level: Level) -> Option<OffsetDateTime> {
        let levels = level.0.checked_sub(self.known.level.0)?;
        self.known.at.checked_add(self.a_level.checked_mul(levels)?)
    }

    /// The same as RFC 3339 has it, to the second.
    #[must_use]
    pub fn rfc_3339(&self, level: Level) -> Option<String> {
        rfc_3339(self.at(level)?)
    }

    /// The same for people, so many levels after the head: `≈ 3 days, Tue 2 Dec 14:05 UTC`.
    #[must_use]
    pub fn words(&self, head: Level, level: Level) -> Option<String> {
        let left = self.time_of(level.0.saturating_sub(head.0).max(0));
        Some(format!("≈ {}, {}", duration_words(left), moment_words(self.at(level)?)))
    }

    /// What these times are worth.
    #[must_use]
    pub fn caveat(&self) -> String {
        let every = match self.seconds_a_level() {
            Value::Number(one) if one.as_i64() == Some(1) => "second".to_owned(),
            seconds => format!("{seconds} seconds"),
        };
        let why = match self.source {
            PaceSource::Constant => "as layer 1 aims at",
            PaceSource::Observed => "as observed",
        };
        format!("times are estimates, with a level every {every}, {why}")
    }
}

/// A moment as RFC 3339 has it, to the second.
#[must_use]
pub fn rfc_3339(at: OffsetDateTime) -> Option<String> {
    let at = at.to_offset(UtcOffset::UTC).replace_nanosecond(0).ok()?;
    at.format(&Rfc3339).ok()
}

/// Seconds since 1970 as RFC 3339 has them, in UTC; `None` for a time that no calendar has.
#[must_use]
pub fn utc(seconds: i64) -> Option<String> {
    rfc_3339(OffsetDateTime::from_unix_timestamp(seconds).ok()?)
}

/// A moment for people: `Tue 2 Dec 14:05 UTC`.
#[must_use]
pub fn moment_words(at: OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC);
    let (day, month) = (weekday(at.weekday()), month(at.month()));
    format!("{day} {} {month} {:02}:{:02} UTC", at.day(), at.hour(), at.minute())
}

/// A time for people: `24 seconds`, `15 minutes`, `3 days`.
#[must_use]
pub fn duration_words(time: Duration) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    let seconds = time.whole_seconds().max(0);
    let (unit, name) = match seconds {
        ..120 => (1, "second"),
        120..7_200 => (MINUTE, "minute"),
        7_200..172_800 => (HOUR, "hour"),
        _ => (DAY, "day"),
    };
    let count = (seconds + unit / 2) / unit;
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    }
}

fn month(month: Month) -> &'static str {
    match month {
        Month::January => "Jan",
        Month::February => "Feb",
        Month::March => "Mar",
        Month::April => "Apr",
        Month::May => "May",
        Month::June => "Jun",
        Month::July => "Jul",
        Month::August => "Aug",
        Month::September => "Sep",
        Month::October => "Oct",
        Month::November => "Nov",
        Month::December => "Dec",
    }
}

/// What is told; nothing where a node does not serve it.
fn told(answer: Result<Value, RpcError>) -> Result<Option<Value>, RpcError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error @ RpcError::Connection { .. }) => Err(error),
        Err(_) => Ok(None),
    }
}

/// A block with a level and a timestamp.
fn dated(block: &Value) -> Option<DatedLevel> {
    let level = block["level"].as_i64().and_then(|level| i32::try_from(level).ok())?;
    let at = OffsetDateTime::parse(block["timestamp"].as_str()?, &Rfc3339).ok()?;
    Some(DatedLevel { level: Level(level), at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn dated_level(level: i32, at: &str) -> DatedLevel {
        dated(&json!({"level": level, "timestamp": at})).unwrap()
    }

    #[test]
    fn levels_in_time() {
        let known = dated_level(100, "2026-11-29T22:00:00Z");
        let times = BlockTimes::new(known, Duration::seconds(6), PaceSource::Constant).unwrap();
        for (level, words, at) in [
            (100, "≈ 0 seconds, Sun 29 Nov 22:00 UTC", "2026-11-29T22:00:00Z"),
            (101, "≈ 6 seconds, Sun 29 Nov 22:00 UTC", "2026-11-29T22:00:06Z"),
            (250, "≈ 15 minutes, Sun 29 Nov 22:15 UTC", "2026-11-29T22:15:00Z"),
            (14_500, "≈ 24 hours, Mon 30 Nov 22:00 UTC", "2026-11-30T22:00:00Z"),
            (43_300, "≈ 3 days, Wed 2 Dec 22:00 UTC", "2026-12-02T22:00:00Z"),
        ] {
            let level = Level(level);
            assert_eq!(times.words(Level(100), level).unwrap(), words);
            assert_eq!(times.rfc_3339(level).unwrap(), at);
        }
        // What is over is not before now in words.
        assert!(times.words(Level(100), Level(40)).unwrap().starts_with("≈ 0 seconds, "));
        assert_eq!(times.seconds_a_level(), json!(6));
        assert_eq!(times.levels_in(Duration::days(2)), 28_800);
        assert_eq!(times.levels_in(Duration::ZERO), 1);
        // Whatever a node says, nothing overflows.
        let long = BlockTimes::new(known, MAX_LEVEL_TIME, PaceSource::Constant).unwrap();
        assert_eq!(long.at(Level(i32::MAX)), None);
        assert!(long.at(Level(i32::MIN)).is_none());
    }

    #[test]
    fn what_was_observed_counts_if_it_is_enough() {
        let first = dated_level(100, "2026-11-29T22:00:00Z");
        let later = |level, at| BlockTimes::observed(first, dated_level(level, at));
        let times = later(110, "2026-11-29T22:01:15Z").unwrap();
        assert_eq!((times.seconds_a_level(), times.source()), (json!(7.5), PaceSource::Observed));
        assert!(times.caveat().contains("every 7.5 seconds, as observed"), "{}", times.caveat());
        let second = later(110, "2026-11-29T22:00:10Z").unwrap();
        assert!(second.caveat().contains("a level every second, as"), "{}", second.caveat());
        assert_eq!(later(100 + MIN_OBSERVED_LEVELS - 1, "2026-11-29T22:10:00Z"), None);
        assert_eq!(later(90, "2026-11-29T22:10:00Z"), None);
        assert_eq!(later(200, "2026-11-29T22:00:00Z"), None);
        assert_eq!(later(200, "2026-11-29T21:00:00Z"), None);
    }

    #[test]
    fn blocks_without_a_time_say_nothing() {
        for block in [
            json!(null),
            json!({"level": 1}),
            json!({"level": 1, "timestamp": "yesterday"}),
            json!({"level": 5_000_000_000_i64, "timestamp": "2026-11-29T22:00:00Z"}),
        ] {
            assert_eq!(dated(&block), None, "{block}");
        }
        let known = dated_level(1, "2026-11-29T23:00:00+01:00");
        for seconds in [0, -6, 100_000] {
            let times = BlockTimes::new(known, Duration::seconds(seconds), PaceSource::Constant);
            assert_eq!(times, None, "{seconds}");
        }
        assert_eq!(rfc_3339(known.at).unwrap(), "2026-11-29T22:00:00Z");
        assert_eq!(utc(1_796_047_500).as_deref(), Some("2026-11-30T14:05:00Z"));
        assert_eq!((utc(i64::MAX), utc(i64::MIN)), (None, None));
    }
}
