//! The verifiers: threads that check signatures, with a bounded queue before them. What closes a round goes first.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use batcher_api::{CoSignature, SubmissionAnswer, SubmittedTransaction};
use encoding::Hash32;

use crate::engine::Reply;
use crate::limits::{VERIFIED_AT_ONCE, VERIFIER_QUEUE, VERIFIER_TRANSACTIONS};
use crate::metrics::{Counters, set};
use crate::rounds::seal::SealJob;

/// Transactions that are to be verified.
pub(crate) struct Job {
    /// What was submitted.
    pub(crate) items: Vec<SubmittedTransaction>,
    /// Where the answer goes.
    pub(crate) reply: Reply<SubmissionAnswer>,
}

/// What goes before transactions.
pub(crate) enum Urgent {
    /// A batch is to be sealed.
    Seal(SealJob),
    /// Signatures of a batch are to be read.
    Read(Hash32, Vec<CoSignature>, Reply<batcher_api::CoSignatureAnswer>),
    /// Anything else that asks the node for something.
    Look(Box<dyn FnOnce() + Send>),
}

/// What a verifier does next.
pub(crate) enum Work {
    /// Jobs whose transactions are verified together.
    Jobs(Vec<Job>),
    /// Something that goes before.
    Urgent(Urgent),
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    transactions: usize,
    urgent: VecDeque<Urgent>,
    ended: bool,
}

/// The queue before the verifiers.
pub(crate) struct Verifiers {
    queue: Mutex<Queue>,
    changed: Condvar,
    counters: Arc<Counters>,
}

impl std::fmt::Debug for Verifiers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifiers").finish_non_exhaustive()
    }
}

impl Verifiers {
    /// One that nobody serves yet.
    pub(crate) fn new(counters: Arc<Counters>) -> Self {
        Verifiers { queue: Mutex::default(), changed: Condvar::new(), counters }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a job at the end, if there is room.
    pub(crate) fn submit(&self, job: Job) -> Result<(), Job> {
        let mut queue = self.lock();
        let transactions = queue.transactions + job.items.len();
        if queue.ended || queue.jobs.len() >= VERIFIER_QUEUE || transactions > VERIFIER_TRANSACTIONS
        {
            return Err(job);
        }
        queue.transactions = transactions;
        queue.jobs.push_back(job);
        set(&self.counters.verifying, transactions);
        drop(queue);
        self.changed.notify_one();
        Ok(())
    }

    /// Puts something before all jobs, if there is room.
    pub(crate) fn hurry(&self, urgent: Urgent) -> Result<(), Urgent> {
        let mut queue = self.lock();
        // Batches are few, and have to be sealed.
        let is_seal = matches!(urgent, Urgent::Seal(_));
        if queue.ended || (!is_seal && queue.urgent.len() >= VERIFIER_QUEUE) {
            return Err(urgent);
        }
        match is_seal {
            true => queue.urgent.push_front(urgent),
            false => queue.urgent.push_back(urgent),
        }
        drop(queue);
        self.changed.notify_one();
        Ok(())
    }

    /// Ends the verifiers. What waits is not answered.
    pub(crate) fn end(&self) {
        let mut queue = self.lock();
        queue.ended = true;
        queue.jobs.clear();
        queue.urgent.clear();
        drop(queue);
        self.changed.notify_all();
    }

    /// What is to be done next; `None` at the end.
    pub(crate) fn next(&self) -> Option<Work> {
        let mut queue = self.lock();
        loop {
            if queue.ended {
                return None;
            }
            if let Some(urgent) = queue.urgent.pop_front() {
                return Some(Work::Urgent(urgent));
            }
            if !queue.jobs.is_empty() {
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
                return Some(Work::Jobs(jobs));
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Starts threads that serve the queue.
    pub(crate) fn start(
        self: &Arc<Self>,
        threads: usize,
        serve: impl Fn(Work) + Clone + Send + 'static,
    ) -> std::io::Result<Vec<JoinHandle<()>>> {
        let start = |number| {
            let (verifiers, serve) = (Arc::clone(self), serve.clone());
            let name = format!("batcher-verifier-{number}");
            std::thread::Builder::new().name(name).spawn(move || {
                while let Some(work) = verifiers.next() {
                    serve(work);
                }
            })
        };
        (0..threads).map(start).collect()
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    fn job(items: usize) -> Job {
        let (reply, _) = oneshot::channel();
        Job { items: vec![SubmittedTransaction::default(); items], reply }
    }

    fn read() -> Urgent {
        let (reply, _) = oneshot::channel();
        Urgent::Read(Hash32([0; 32]), Vec::new(), reply)
    }

    #[test]
    fn the_queue_has_an_end_and_says_so() {
        let verifiers = Verifiers::new(Arc::default());
        let mut taken = 0;
        while verifiers.submit(job(1_000)).is_ok() {
            taken += 1_000;
        }
        assert_eq!(taken, VERIFIER_TRANSACTIONS);
        let small = Verifiers::new(Arc::default());
        for _ in 0..VERIFIER_QUEUE {
            assert!(small.submit(job(1)).is_ok());
            assert!(small.hurry(read()).is_ok());
        }
        assert!(small.submit(job(1)).is_err());
        assert!(small.hurry(read()).is_err());
        small.end();
        assert!(small.next().is_none());
        assert!(small.hurry(read()).is_err());
    }

    #[test]
    fn what_closes_a_round_goes_before_transactions_and_small_jobs_go_together() {
        let verifiers = Verifiers::new(Arc::default());
        for _ in 0..3 {
            assert!(verifiers.submit(job(VERIFIED_AT_ONCE / 2)).is_ok());
        }
        assert!(verifiers.hurry(read()).is_ok());
        assert!(matches!(verifiers.next(), Some(Work::Urgent(_))));
        assert!(matches!(verifiers.next(), Some(Work::Jobs(jobs)) if jobs.len() == 2));
        assert!(matches!(verifiers.next(), Some(Work::Jobs(jobs)) if jobs.len() == 1));
    }
}
