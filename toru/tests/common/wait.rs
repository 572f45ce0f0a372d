//! How tests wait: until something is so, for as long as a slow machine may take.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::thread;
use std::time::{Duration, Instant};

/// How long anything is waited for. It ends a test that hangs; on a slow machine, all that works is done by then.
pub const PATIENCE: Duration = Duration::from_secs(300);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Waits until something holds.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    found(what, || holds().then_some(()));
}

/// Waits for something.
pub fn found<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "never: {what}");
        thread::sleep(PAUSE);
    }
}
