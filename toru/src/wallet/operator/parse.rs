//! Values on the command line of `toru operator`.

use operator::operator::WarnBefore;
use operator::tez::Tez;
use time::Duration;

/// Days: the longest time before a deadline.
const MAX_DAYS: i64 = 366;

/// An amount of tez.
pub(super) fn tez(text: &str) -> Result<Tez, String> {
    text.parse().map_err(|error: operator::tez::NoTez| error.to_string())
}

/// Levels, or a time with its unit.
pub(super) fn warn_before(text: &str) -> Result<WarnBefore, String> {
    let wrong =
        || format!("expected levels, such as 20000, or a time up to {MAX_DAYS}d: 90m, 36h or 2d");
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text.get(digits.len()..).unwrap_or_default();
    let count: i32 = digits.parse().map_err(|_| wrong())?;
    if count < 1 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let seconds = match unit {
        "" => return Ok(WarnBefore::Levels(count)),
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let time = Duration::seconds(i64::from(count).saturating_mul(seconds));
    if time > Duration::days(MAX_DAYS) { Err(wrong()) } else { Ok(WarnBefore::Time(time)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_times_before_a_deadline() {
        for (text, expected) in [
            ("1", WarnBefore::Levels(1)),
            ("20000", WarnBefore::Levels(20_000)),
            ("90s", WarnBefore::Time(Duration::seconds(90))),
            ("15m", WarnBefore::Time(Duration::minutes(15))),
            ("36h", WarnBefore::Time(Duration::hours(36))),
            ("2d", WarnBefore::Time(Duration::days(2))),
            ("366d", WarnBefore::Time(Duration::days(366))),
        ] {
            assert_eq!(warn_before(text).unwrap(), expected, "{text}");
        }
        for text in
            ["", "0", "-1", "+1", "d", "2 d", "2w", "2dd", "367d", "1.5h", "9999999999", "2é"]
        {
            assert!(warn_before(text).is_err(), "{text}");
        }
    }
}
