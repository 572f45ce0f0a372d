//! What another server is asked now and then, for all who look: once in a while, whether it answers or not.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long it is waited at a time for whoever asks first.
const WAIT: Duration = Duration::from_secs(1);

/// The last answer of a server, or why there was none.
#[derive(Debug)]
pub(crate) struct SharedAnswer<T, E> {
    /// How long an answer is taken to be so.
    fresh: Duration,
    /// How long a server that did not answer is left alone.
    away: Duration,
    last: Mutex<Option<(Result<T, E>, Instant)>>,
    asking: Turn,
}

impl<T: Clone, E: Clone> SharedAnswer<T, E> {
    /// None so far.
    pub(crate) fn new(fresh: Duration, away: Duration) -> Self {
        SharedAnswer { fresh, away, last: Mutex::default(), asking: Turn::default() }
    }

    /// The answer. Of those who want it at once, one asks; the others take what was known before, and wait only if
    /// there was nothing.
    pub(crate) fn get(&self, ask: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        if let Some(known) = self.known(true) {
            return known;
        }
        let _asking = loop {
            if let Some(asking) = self.asking.try_begin() {
                break asking;
            }
            if let Some(known) = self.known(false) {
                return known;
            }
            self.asking.wait(WAIT);
        };
        // Somebody may have asked meanwhile.
        if let Some(known) = self.known(true) {
            return known;
        }
        let answer = ask();
        *lock(&self.last) = Some((answer.clone(), Instant::now()));
        answer
    }

    /// What is known, or what still is.
    fn known(&self, fresh: bool) -> Option<Result<T, E>> {
        let last = lock(&self.last);
        let (answer, at) = last.as_ref()?;
        let time = if answer.is_ok() { self.fresh } else { self.away };
        (!fresh || at.elapsed() < time).then(|| answer.clone())
    }
}

/// Locks a mutex, whoever has panicked with it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why a server that is asked many things has not answered the last of them, for a while.
#[derive(Debug)]
pub(crate) struct Silence {
    time: Duration,
    last: Mutex<Option<(Arc<str>, Instant)>>,
}

impl Silence {
    /// None so far. Each is remembered for so long.
    pub(crate) fn new(time: Duration) -> Self {
        Silence { time, last: Mutex::default() }
    }

    /// Why it has not answered, if that was a moment ago.
    pub(crate) fn why(&self) -> Option<Arc<str>> {
        let last = lock(&self.last);
        let (why, at) = last.as_ref()?;
        (at.elapsed() < self.time).then(|| Arc::clone(why))
    }

    /// Remembers why it has not answered.
    pub(crate) fn note(&self, why: &str) {
        *lock(&self.last) = Some((Arc::from(why), Instant::now()));
    }
}

/// Something that one does at a time, while others wait for them to end.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    is_taken: Mutex<bool>,
    ended: Condvar,
}

/// A turn that has begun. It ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Begun<'t>(&'t Turn);

impl Turn {
    /// Begins, unless somebody else has.
    pub(crate) fn try_begin(&self) -> Option<Begun<'_>> {
        let was_taken = std::mem::replace(&mut *lock(&self.is_taken), true);
        (!was_taken).then(|| Begun(self))
    }

    /// Waits until whoever has begun has ended, but no longer than this: whether they have.
    pub(crate) fn wait(&self, time: Duration) -> bool {
        let is_taken = lock(&self.is_taken);
        let waited = self.ended.wait_timeout_while(is_taken, time, |is_taken| *is_taken);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        *lock(&self.0.is_taken) = false;
        self.0.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc::channel;

    use super::*;

    const LONG: Duration = Duration::from_secs(3_600);

    #[test]
    fn it_is_asked_once_for_all_whether_it_answers_or_not() {
        let asked = AtomicU32::new(0);
        let count = || asked.fetch_add(1, Ordering::SeqCst);
        let (good, bad) = (SharedAnswer::new(LONG, LONG), SharedAnswer::new(LONG, LONG));
        for _ in 0..10 {
            assert_eq!(good.get(|| Ok::<_, ()>(count())), Ok(0));
        }
        for _ in 0..10 {
            assert_eq!(bad.get(|| Err::<(), _>(count())), Err(1));
        }
        // Neither is for ever.
        let short = SharedAnswer::new(Duration::ZERO, LONG);
        assert_eq!([(); 2].map(|()| short.get(|| Ok::<_, ()>(count()))), [Ok(2), Ok(3)]);
    }

    #[test]
    fn who_comes_while_it_is_asked_takes_what_was_known() {
        let shared = SharedAnswer::new(Duration::ZERO, Duration::ZERO);
        assert_eq!(shared.get(|| Err::<u32, _>("away")), Err("away"));
        let ((begins, begun), (ends, ended)) = (channel(), channel::<()>());
        std::thread::scope(|scope| {
            let shared = &shared;
            let first = scope.spawn(move || {
                shared.get(|| {
                    begins.send(()).unwrap();
                    ended.recv().unwrap();
                    Ok(7)
                })
            });
            begun.recv().unwrap();
            assert_eq!(shared.get(|| Ok(8)), Err("away"));
            ends.send(()).unwrap();
            assert_eq!(first.join().unwrap(), Ok(7));
        });
    }
}
