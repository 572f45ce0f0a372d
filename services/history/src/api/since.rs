//! From when on something is wanted.

use std::fmt;
use std::str::FromStr;

use encoding::Level;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// From when on something is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// From this level on.
    Level(Level),
    /// From this time on, seconds since 1970.
    Time(i64),
}

/// A text that says no level and no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a level, a date such as 2026-11-30, or a time such as 2026-11-30T14:05:00Z")]
pub struct NotSince;

impl FromStr for Since {
    type Err = NotSince;

    /// A level, a day in UTC, or a time of RFC 3339.
    fn from_str(text: &str) -> Result<Self, NotSince> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(|level| Since::Level(Level(level))).map_err(|_| NotSince);
        }
        let time = OffsetDateTime::parse(text, &Rfc3339);
        let time = time.or_else(|_| OffsetDateTime::parse(&format!("{text}T00:00:00Z"), &Rfc3339));
        time.map(|time| Since::Time(time.unix_timestamp())).map_err(|_| NotSince)
    }
}

impl fmt::Display for Since {
    /// As it can be read again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Since::Level(level) => level.fmt(f),
            Since::Time(time) => {
                let text = OffsetDateTime::from_unix_timestamp(*time).ok();
                let text = text.and_then(|time| time.format(&Rfc3339).ok());
                // Every time that was read can be written.
                f.write_str(&text.unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_level_a_day_or_a_time_and_is_read_as_it_is_written() {
        for (text, expected) in [
            ("0", Some(Since::Level(Level(0)))),
            ("2147483647", Some(Since::Level(Level(i32::MAX)))),
            ("2147483648", None),
            ("1970-01-02", Some(Since::Time(86_400))),
            ("1970-01-01T01:00:00Z", Some(Since::Time(3_600))),
            ("1970-01-01T01:00:00+01:00", Some(Since::Time(0))),
            ("2026-02-30", None),
            ("yesterday", None),
            ("-1", None),
            ("", None),
        ] {
            let read = text.parse::<Since>().ok();
            assert_eq!(read, expected, "{text}");
            assert_eq!(read.and_then(|read| read.to_string().parse().ok()), expected, "{text}");
        }
    }
}
