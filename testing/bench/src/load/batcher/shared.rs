//! What the members of a crowd share: the plan, what comes of it, and how they post.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::offers::Offers;
use super::posts::Posts;
use super::purse::Purses;

/// What a crowd does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// How many members it has.
    pub clients: u32,
    /// How long it posts.
    pub time: Duration,
    /// Per cent of the members who never sign a batch.
    pub vanishing: u32,
    /// Transfers that all together post in a second. Without it, each posts as soon as its last one is sealed.
    pub pace: Option<f64>,
}

/// A transfer that was accepted: when it was posted, and what came when, from the beginning of the load on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Times {
    pub posted: Duration,
    pub accepted: Option<Duration>,
    pub sealed: Option<Duration>,
    pub included: Option<Duration>,
    pub applied: Option<Duration>,
    pub cosigned: bool,
}

/// What came of a load.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub times: Vec<Times>,
    /// Offers that members got.
    pub offers: usize,
    /// Requests that were refused as there was no room.
    pub refused: usize,
    /// The batches that the transfers were in.
    pub batches: BTreeSet<String>,
    /// From the first post to the end of all.
    pub wall: Duration,
    /// CPU time of the crowd.
    pub cpu: Duration,
}

/// What all members share. They are on one thread.
pub(super) struct Shared {
    pub plan: Plan,
    pub purses: Arc<Purses>,
    pub posts: Posts,
    pub signatures: Posts,
    begun: Cell<Instant>,
    pub offers: RefCell<Offers>,
    pub outcome: RefCell<Outcome>,
    /// Transfers that were posted and are not over.
    pub open: Cell<usize>,
    problem: RefCell<Option<String>>,
}

impl Shared {
    /// Before anything has happened.
    pub(super) fn new(plan: Plan, purses: Arc<Purses>, posts: Posts, signatures: Posts) -> Self {
        Self {
            plan,
            purses,
            posts,
            signatures,
            begun: Cell::new(Instant::now()),
            offers: RefCell::default(),
            outcome: RefCell::default(),
            open: Cell::new(0),
            problem: RefCell::default(),
        }
    }

    /// The load begins.
    pub(super) fn begin(&self) {
        self.begun.set(Instant::now());
    }

    /// How long the load has been going on.
    pub(super) fn now(&self) -> Duration {
        self.begun.get().elapsed()
    }

    /// Notes what should not have happened. The first of it is told.
    pub(super) fn note(&self, problem: String) {
        self.problem.borrow_mut().get_or_insert(problem);
    }

    /// Whether there is something of that kind.
    pub(super) fn has_problem(&self) -> bool {
        self.problem.borrow().is_some()
    }

    /// The first of it, if there is any, as an error.
    pub(super) fn without_problems(&self) -> Result<(), String> {
        self.problem.take().map_or(Ok(()), Err)
    }
}
