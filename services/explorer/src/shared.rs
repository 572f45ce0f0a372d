//! What another server is asked now and then, for all who look: once in a while, whether it answers or not.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// The last answer of a server, or why there was none.
#[derive(Debug)]
pub(crate) struct SharedAnswer<T, E> {
    /// How long an answer is taken to be so.
    fresh: Duration,
    /// How long a server that did not answer is left alone.
    away: Duration,
    last: Mutex<Option<(Result<T, E>, Instant)>>,
    asking: Mutex<()>,
}

impl<T: Clone, E: Clone> SharedAnswer<T, E> {
    /// None so far.
    pub(crate) fn new(fresh: Duration, away: Duration) -> Self {
        SharedAnswer { fresh, away, last: Mutex::default(), asking: Mutex::default() }
    }

    /// The answer. Of those who want it at once, one asks; the others take what was known before, and wait only if
    /// there was nothing.
    pub(crate) fn get(&self, ask: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        if let Some(known) = self.known(true) {
            return known;
        }
        let _asking = match only(&self.asking) {
            Some(asking) => asking,
            None => match self.known(false) {
                Some(known) => return known,
                None => lock(&self.asking),
            },
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

/// Locks a mutex unless somebody else has it.
pub(crate) fn only<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
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
