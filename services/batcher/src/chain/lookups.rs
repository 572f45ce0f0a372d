//! Look-ups: what has to be known of the state is asked of the node over several connections at once, each question
//! once however many wait for it. Work that waits holds no thread.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::Question;
use crate::limits::LOOK_UPS_AT_ONCE;
use crate::pool::Away;

/// Work over the state that does not wait for the node: it is done again when what it has missed is there.
pub(crate) trait Resumable: Send {
    /// Does what can be done, and returns what is missing. If nothing is, the work is over.
    fn go_on(&mut self) -> Vec<Question>;

    /// Ends without what is missing, as the node does not tell it.
    fn give_up(&mut self, away: &Away);

    /// How many submitted transactions wait for it.
    fn transactions(&self) -> usize;
}

/// Work that goes on.
pub(crate) struct Resumed {
    /// The work.
    pub(crate) work: Box<dyn Resumable>,
    /// When it is given up at the latest.
    pub(crate) until: Instant,
    /// Why the node has not told what it waited for.
    pub(crate) failure: Option<Away>,
}

impl Resumed {
    /// Does what can be done now. What is missing then is asked for.
    pub(crate) fn go_on(mut self, lookups: &Lookups) {
        if let Some(failure) = &self.failure {
            return self.work.give_up(failure);
        }
        let missing = self.work.go_on();
        if !missing.is_empty() {
            lookups.park(Waiter::Work(self.work), missing, self.until);
        }
    }
}

/// Who waits for answers.
enum Waiter {
    Work(Box<dyn Resumable>),
    Thread(Sender<Option<Away>>),
}

struct Parked {
    waiter: Waiter,
    missing: usize,
    until: Instant,
}

#[derive(Default)]
struct Queue {
    /// What threads wait for is asked first.
    first: VecDeque<Question>,
    later: VecDeque<Question>,
    /// Who waits for what is to be asked, or is being asked.
    waiting: HashMap<Question, Vec<u64>>,
    parked: HashMap<u64, Parked>,
    deadlines: BTreeSet<(Instant, u64)>,
    next: u64,
    transactions: usize,
    ended: bool,
}

/// What is to be asked, and who waits for it.
#[derive(Default)]
pub(crate) struct Lookups {
    queue: Mutex<Queue>,
    changed: Condvar,
}

impl std::fmt::Debug for Lookups {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lookups").finish_non_exhaustive()
    }
}

impl Lookups {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many works wait, and about how many transactions they are.
    pub(crate) fn waiting(&self) -> (usize, usize) {
        let queue = self.lock();
        (queue.parked.len(), queue.transactions)
    }

    /// Asks these questions, and waits for the answers for so long: for a thread that has nothing else to do.
    pub(crate) fn fetch(&self, questions: Vec<Question>, time: Duration) -> Result<(), Away> {
        if questions.is_empty() {
            return Ok(());
        }
        let (sender, answered) = channel();
        self.park(Waiter::Thread(sender), questions, Instant::now() + time);
        match answered.recv_timeout(time) {
            Ok(None) => Ok(()),
            Ok(Some(failure)) => Err(failure),
            Err(_) => Err(too_late()),
        }
    }

    fn park(&self, waiter: Waiter, questions: Vec<Question>, until: Instant) {
        let questions: HashSet<Question> = questions.into_iter().collect();
        let mut guard = self.lock();
        if guard.ended {
            return;
        }
        let Queue { first, later, waiting, parked, deadlines, next, transactions, .. } =
            &mut *guard;
        let number = *next;
        *next += 1;
        let asked = match &waiter {
            Waiter::Work(work) => {
                *transactions += work.transactions();
                later
            }
            Waiter::Thread(_) => first,
        };
        parked.insert(number, Parked { waiter, missing: questions.len(), until });
        deadlines.insert((until, number));
        for question in questions {
            let who = waiting.entry(question.clone()).or_default();
            if who.is_empty() {
                asked.push_back(question);
            }
            who.push(number);
        }
        drop(guard);
        self.changed.notify_all();
    }

    /// The next question that somebody still waits for; `None` at the end.
    fn next(&self) -> Option<Question> {
        let mut guard = self.lock();
        loop {
            if guard.ended {
                return None;
            }
            let queue = &mut *guard;
            while let Some(question) = queue.first.pop_front().or_else(|| queue.later.pop_front()) {
                let who = queue.waiting.get(&question).into_iter().flatten();
                if who.into_iter().any(|number| queue.parked.contains_key(number)) {
                    return Some(question);
                }
                queue.waiting.remove(&question);
            }
            guard = self.changed.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A question was answered, or was not. Returns the work that goes on.
    fn answered(&self, question: &Question, answer: Result<(), Away>) -> Vec<Resumed> {
        let mut queue = self.lock();
        let failure = answer.err();
        let mut resumed = Vec::new();
        for number in queue.waiting.remove(question).unwrap_or_default() {
            let Some(parked) = queue.parked.get_mut(&number) else { continue };
            parked.missing = parked.missing.saturating_sub(1);
            if parked.missing == 0 || failure.is_some() {
                resumed.extend(queue.take(number, failure.clone()));
            }
        }
        resumed
    }

    /// The work for which the node has taken too long.
    pub(crate) fn overdue(&self, now: Instant) -> Vec<Resumed> {
        let mut queue = self.lock();
        let mut overdue = Vec::new();
        while let Some((_, number)) = queue.deadlines.first().copied().filter(|(at, _)| *at <= now)
        {
            overdue.extend(queue.take(number, Some(too_late())));
        }
        overdue
    }

    /// Ends the look-ups. What waits is not answered.
    pub(crate) fn end(&self) {
        *self.lock() = Queue { ended: true, ..Queue::default() };
        self.changed.notify_all();
    }

    /// Starts the threads that ask. `resume` is told what goes on, and each thread keeps a `guard` until its end.
    pub(crate) fn start<G: Send + 'static>(
        self: &Arc<Self>,
        resume: impl Fn(Vec<Resumed>) + Clone + Send + 'static,
        guard: impl Fn() -> G,
    ) -> std::io::Result<Vec<JoinHandle<()>>> {
        let start = |number| {
            let (lookups, resume, guard) = (Arc::clone(self), resume.clone(), guard());
            let thread = std::thread::Builder::new().name(format!("batcher-look-up-{number}"));
            thread.spawn(move || {
                let _guard = guard;
                while let Some(question) = lookups.next() {
                    let answer = question.ask();
                    resume(lookups.answered(&question, answer));
                }
            })
        };
        (0..LOOK_UPS_AT_ONCE).map(start).collect()
    }
}

impl Queue {
    /// Who waited goes on.
    fn take(&mut self, number: u64, failure: Option<Away>) -> Option<Resumed> {
        let Parked { waiter, until, .. } = self.parked.remove(&number)?;
        self.deadlines.remove(&(until, number));
        match waiter {
            Waiter::Work(work) => {
                self.transactions = self.transactions.saturating_sub(work.transactions());
                Some(Resumed { work, until, failure })
            }
            Waiter::Thread(sender) => {
                // It may have stopped waiting.
                let _ = sender.send(failure);
                None
            }
        }
    }
}

fn too_late() -> Away {
    Away("it has not told the state in time".to_owned())
}

#[cfg(test)]
mod tests;
