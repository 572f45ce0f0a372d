//! Locks that another process holds: for a moment, or for as long as it uses the file.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a lock that is held is tried again before the file counts as in use.
///
/// A process that starts another one hands its open files to the child, and a lock belongs to the open file. The child
/// closes them when it becomes the other program. Between the two, the child holds the lock, even if its parent has
/// just given it up.
pub const HELD_TIME: Duration = Duration::from_secs(2);
/// The time between two tries.
const PAUSE: Duration = Duration::from_millis(10);

/// Opens what has a lock. While `is_held` says that somebody else holds it, this tries again, for [`HELD_TIME`].
///
/// # Errors
/// What the last try said.
pub fn open_unless_held<T, E>(
    mut open: impl FnMut() -> Result<T, E>,
    is_held: impl Fn(&E) -> bool,
) -> Result<T, E> {
    let begin = Instant::now();
    loop {
        match open() {
            Err(error) if is_held(&error) && begin.elapsed() < HELD_TIME => sleep(PAUSE),
            opened => return opened,
        }
    }
}
