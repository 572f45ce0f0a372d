//! A lock that is held for a moment does not count, and one that stays held does.

use std::cell::Cell;
use std::fs::TryLockError;
use std::time::Instant;

use files::{HELD_TIME, Readers, append, open_unless_held, scratch};

#[test]
fn a_lock_that_is_given_up_is_taken() {
    let folder = scratch().unwrap();
    let path = folder.path().join("lock");
    let held = append(&path, Readers::Owner).unwrap();
    held.lock().unwrap();
    let mine = append(&path, Readers::Owner).unwrap();
    let held = Cell::new(Some(held));
    let tries = Cell::new(0);
    let taken = open_unless_held(
        || {
            tries.set(tries.get() + 1);
            let result = mine.try_lock();
            // Whoever holds it gives it up after the first try.
            drop(held.take());
            result
        },
        |error| matches!(error, TryLockError::WouldBlock),
    );
    assert!(taken.is_ok(), "{taken:?}");
    assert_eq!(tries.get(), 2);
}

#[test]
fn a_lock_that_stays_held_is_refused_once_the_time_is_over() {
    let folder = scratch().unwrap();
    let path = folder.path().join("lock");
    let held = append(&path, Readers::Owner).unwrap();
    held.lock().unwrap();
    let mine = append(&path, Readers::Owner).unwrap();
    let begin = Instant::now();
    let is_held = |error: &TryLockError| matches!(error, TryLockError::WouldBlock);
    let refused = open_unless_held(|| mine.try_lock(), is_held);
    assert!(matches!(refused, Err(TryLockError::WouldBlock)), "{refused:?}");
    assert!(begin.elapsed() >= HELD_TIME);
}

#[test]
fn another_error_is_told_at_once() {
    let mut tries = 0;
    let result = open_unless_held(
        || {
            tries += 1;
            Err::<(), _>("broken")
        },
        |error| *error == "held",
    );
    assert_eq!((result, tries), (Err("broken"), 1));
}
