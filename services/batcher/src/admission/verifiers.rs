//! The verifiers: threads that check signatures, with a bounded queue before them. What closes a round goes first.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use batcher_api::{CoSignature, SubmissionAnswer, SubmittedTransaction};
use encoding::Hash32;

use super::pace::Pace;
use super::turn::Turn;
use crate::chain::{Lookups, Resumable, Resumed};
use crate::engine::Reply;
use crate::limits::{
    ADMISSION_WAIT, LOOK_UP_SWEEP, LOOKED_UP_TRANSACTIONS, VERIFIED_AT_ONCE, VERIFIER_QUEUE,
    VERIFIER_TRANSACTIONS,
};
use crate::metrics::{Counters, set};
use crate::rounds::proof::ProofJob;
use crate::rounds::seal::SealJob;

/// Transactions that are to be verified.
pub(crate) struct Job {
    /// What was submitted.
    pub(crate) items: Vec<SubmittedTransaction>,
    /// When it is the job's turn among those of its request.
    pub(crate) turn: Turn,
    /// Where the answer goes.
    pub(crate) reply: Reply<SubmissionAnswer>,
}

/// What goes before transactions.
pub(crate) enum Urgent {
    /// A batch is to be sealed.
    Seal(SealJob),
    /// Signatures of a batch are to be verified.
    Prove(ProofJob),
    /// Signatures of a batch are to be read, which an address has sent.
    Read(Hash32, Vec<CoSignature>, IpAddr, Reply<batcher_api::CoSignatureAnswer>),
    /// Anything else that reads the state.
    Look(Box<dyn Resumable>),
}

/// What a verifier does next.
pub(crate) enum Work {
    /// Jobs whose transactions are verified together.
    Jobs(Vec<Job>),
    /// Something that goes before.
    Urgent(Urgent),
    /// Work that has waited for what the node tells.
    Resumed(Resumed),
}

/// Which work a thread takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// What rounds wait for, and nothing else: neither many transactions nor a slow node hold it up.
    Rounds,
    /// Everything.
    All,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    transactions: usize,
    /// Batches to be sealed, and signatures of batches to be verified.
    seals: VecDeque<Urgent>,
    reads: VecDeque<Urgent>,
    looks: VecDeque<Urgent>,
    resumed: VecDeque<Resumed>,
    pace: Pace,
    ended: bool,
}

/// The queue before the verifiers.
pub(crate) struct Verifiers {
    queue: Mutex<Queue>,
    changed: Condvar,
    rounds_changed: Condvar,
    threads: usize,
    lookups: Arc<Lookups>,
    counters: Arc<Counters>,
}

impl std::fmt::Debug for Verifiers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifiers").finish_non_exhaustive()
    }
}

impl Verifiers {
    /// One that nobody serves yet; so many threads will.
    pub(crate) fn new(threads: usize, lookups: Arc<Lookups>, counters: Arc<Counters>) -> Self {
        let (changed, rounds_changed) = (Condvar::new(), Condvar::new());
        Verifiers { queue: Mutex::default(), changed, rounds_changed, threads, lookups, counters }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts the jobs of a request at the end, if there is room, and time: all of them or none. What would wait for
    /// longer than a client should is refused at once.
    pub(crate) fn submit(&self, jobs: Vec<Job>) -> Result<(), Vec<Job>> {
        let (_, looked_up) = self.lookups.waiting();
        let mut queue = self.lock();
        let transactions =
            jobs.iter().fold(queue.transactions, |sum, job| sum.saturating_add(job.items.len()));
        let is_slow = queue.transactions >= VERIFIED_AT_ONCE
            && queue.pace.wait(queue.transactions, self.threads) > ADMISSION_WAIT;
        let is_long = queue.jobs.len().saturating_add(jobs.len()) > VERIFIER_QUEUE;
        let is_much = transactions > VERIFIER_TRANSACTIONS || looked_up > LOOKED_UP_TRANSACTIONS;
        if queue.ended || is_slow || is_long || is_much {
            return Err(jobs);
        }
        queue.transactions = transactions;
        queue.jobs.extend(jobs);
        set(&self.counters.verifying, transactions);
        let many = queue.jobs.len() > 1;
        drop(queue);
        match many {
            true => self.changed.notify_all(),
            false => self.changed.notify_one(),
        }
        Ok(())
    }

    /// Work has what it waited for, or will not have it.
    pub(crate) fn resume(&self, resumed: Vec<Resumed>) {
        if resumed.is_empty() {
            return;
        }
        let mut queue = self.lock();
        if !queue.ended {
            queue.resumed.extend(resumed);
        }
        drop(queue);
        self.changed.notify_all();
    }

    /// Puts something before all jobs, if there is room.
    pub(crate) fn hurry(&self, urgent: Urgent) -> Result<(), Urgent> {
        let (looking, _) = self.lookups.waiting();
        let mut queue = self.lock();
        if queue.ended {
            return Err(urgent);
        }
        let (for_rounds, for_all) = match urgent {
            // Batches are few and have to be sealed, and how much is verified of one is limited.
            Urgent::Seal(_) | Urgent::Prove(_) => {
                queue.seals.push_back(urgent);
                (true, queue.seals.len() > 1)
            }
            Urgent::Read(..) if queue.reads.len() < VERIFIER_QUEUE => {
                queue.reads.push_back(urgent);
                (true, queue.reads.len() > 1)
            }
            Urgent::Look(_) if queue.looks.len().saturating_add(looking) < VERIFIER_QUEUE => {
                queue.looks.push_back(urgent);
                (false, true)
            }
            urgent => return Err(urgent),
        };
        drop(queue);
        if for_rounds {
            self.rounds_changed.notify_one();
        }
        if for_all {
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Whether the verifiers end, told to or as one of them has failed.
    pub(crate) fn is_ended(&self) -> bool {
        self.lock().ended
    }

    /// Ends the verifiers. What waits is not answered.
    pub(crate) fn end(&self) {
        let mut queue = self.lock();
        queue.ended = true;
        queue.jobs.clear();
        queue.seals.clear();
        queue.reads.clear();
        queue.looks.clear();
        queue.resumed.clear();
        drop(queue);
        self.lookups.end();
        self.changed.notify_all();
        self.rounds_changed.notify_all();
    }

    /// What is to be done next; `None` at the end.
    pub(crate) fn next(&self, share: Share) -> Option<Work> {
        let mut queue = self.lock();
        loop {
            if queue.ended {
                return None;
            }
            if let Some(seal) = queue.seals.pop_front() {
                return Some(Work::Urgent(seal));
            }
            if let Some(read) = queue.reads.pop_front() {
                return Some(Work::Urgent(read));
            }
            queue = match share {
                Share::Rounds => {
                    self.rounds_changed.wait(queue).unwrap_or_else(PoisonError::into_inner)
                }
                Share::All => {
                    queue.resumed.extend(self.lookups.overdue(Instant::now()));
                    if let Some(work) = self.other_work(&mut queue) {
                        return Some(work);
                    }
                    let waited = self.changed.wait_timeout(queue, LOOK_UP_SWEEP);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// What no round waits for.
    fn other_work(&self, queue: &mut Queue) -> Option<Work> {
        if let Some(resumed) = queue.resumed.pop_front() {
            return Some(Work::Resumed(resumed));
        }
        if let Some(look) = queue.looks.pop_front() {
            return Some(Work::Urgent(look));
        }
        let mut jobs = Vec::new();
        let mut count = 0;
        while count < VERIFIED_AT_ONCE
            && let Some(job) = queue.jobs.pop_front()
        {
            count += job.items.len();
            jobs.push(job);
        }
        queue.transactions = queue.transactions.saturating_sub(count);
        set(&self.counters.verifying, queue.transactions);
        (!jobs.is_empty()).then_some(Work::Jobs(jobs))
    }

    /// So many transactions were verified by one thread in this time.
    fn verified(&self, transactions: usize, time: Duration) {
        self.lock().pace.verified(transactions, time);
    }

    /// Starts threads that serve the queue: those that serve everything, and one that only does what rounds wait for.
    pub(crate) fn start(
        self: &Arc<Self>,
        serve: impl Fn(Work) + Clone + Send + 'static,
    ) -> std::io::Result<Vec<JoinHandle<()>>> {
        let start = |(name, share): (String, Share)| {
            let (verifiers, serve) = (Arc::clone(self), serve.clone());
            std::thread::Builder::new().name(name).spawn(move || {
                let _ending = EndsWith(Arc::clone(&verifiers));
                while let Some(work) = verifiers.next(share) {
                    verifiers.work(work, &serve);
                }
            })
        };
        let all =
            (0..self.threads).map(|number| (format!("batcher-verifier-{number}"), Share::All));
        all.chain([("batcher-sealer".to_owned(), Share::Rounds)]).map(start).collect()
    }

    fn work(&self, work: Work, serve: &impl Fn(Work)) {
        let transactions = match &work {
            Work::Jobs(jobs) => jobs.iter().map(|job| job.items.len()).sum(),
            Work::Urgent(_) | Work::Resumed(_) => 0,
        };
        let begun = Instant::now();
        serve(work);
        if transactions > 0 {
            self.verified(transactions, begun.elapsed());
        }
    }
}

/// Ends the verifiers with the thread that holds it: without one of its threads a batcher would go on and never seal.
pub(crate) struct EndsWith(pub(crate) Arc<Verifiers>);

impl Drop for EndsWith {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests;
