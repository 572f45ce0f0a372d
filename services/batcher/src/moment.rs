//! Time as the rounds see it: given from outside, so that tests are exact.

use std::time::Duration;

/// A moment, in milliseconds of Unix time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Moment(pub u64);

impl Moment {
    /// So much later.
    pub(crate) fn plus(self, time: Duration) -> Moment {
        Moment(self.0.saturating_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX)))
    }

    /// How long it is from `earlier` until this moment; nothing if it is not earlier.
    pub(crate) fn since(self, earlier: Moment) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// The clock of the engine: Unix time at the start, and from there on a clock that nobody sets back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: std::time::Instant,
    at_start: u64,
}

impl Clock {
    /// One that starts now.
    pub(crate) fn start() -> Self {
        let unix = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let at_start = u64::try_from(unix.unwrap_or_default().as_millis()).unwrap_or(0);
        Clock { start: std::time::Instant::now(), at_start }
    }

    /// The time.
    pub(crate) fn now(&self) -> Moment {
        Moment(self.at_start).plus(self.start.elapsed())
    }
}
