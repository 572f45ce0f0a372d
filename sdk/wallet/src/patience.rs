//! How long something is waited for, and who can end the waiting.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How often a node is asked how far it is.
const PAUSE: Duration = Duration::from_millis(300);
/// How long is for ever: a hundred years.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// How long something is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience<'a> {
    deadline: Instant,
    interrupted: Option<&'a AtomicBool>,
}

impl<'a> Patience<'a> {
    /// So long, from now on.
    #[must_use]
    pub fn lasting(time: Duration) -> Self {
        let now = Instant::now();
        // A time that no clock reaches is a hundred years, not none.
        let deadline = now.checked_add(time).or_else(|| now.checked_add(LONGEST)).unwrap_or(now);
        Patience { deadline, interrupted: None }
    }

    /// None: what is not there at once is not waited for.
    #[must_use]
    pub fn none() -> Self {
        Patience::lasting(Duration::ZERO)
    }

    /// The same, ended early as soon as somebody sets a flag.
    #[must_use]
    pub fn until(self, interrupted: &'a AtomicBool) -> Self {
        Patience { interrupted: Some(interrupted), ..self }
    }

    /// Whether somebody has set the flag.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.is_some_and(|flag| flag.load(Ordering::SeqCst))
    }

    /// Whether the time is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// How much of it is left.
    #[must_use]
    pub fn left(&self) -> Duration {
        match self.is_interrupted() {
            true => Duration::ZERO,
            false => self.deadline.saturating_duration_since(Instant::now()),
        }
    }

    /// Waits until the node is asked again.
    pub fn pause(&self) {
        thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_time_is_not_over_and_a_flag_ends_it() {
        let flag = AtomicBool::new(false);
        let patience = Patience::lasting(Duration::MAX).until(&flag);
        assert!(!patience.is_over() && !patience.is_interrupted());
        flag.store(true, Ordering::SeqCst);
        assert!(patience.is_interrupted());
        assert!(Patience::none().is_over());
    }
}
