//! A crowd: each member has an account, an event stream of its own and transfers to make. It posts one, signs the batch
//! that it is offered if that has just what it meant, and posts the next once the last one is sealed.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use tokio::runtime;
use tokio::sync::{Semaphore, watch};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::sleep;

use super::member::{Member, follow, paced, post};
use super::offers::Offers;
use super::posts::Posts;
use super::purse::Purses;

/// Connections over which the crowd posts, beside one for each event stream.
const POST_CONNECTIONS: usize = 256;
/// Streams that are opened at once: a listener's backlog is short.
const OPENED_AT_ONCE: usize = 128;
/// How long what was posted last takes to be applied, at most.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at whether all is over.
const LOOK: Duration = Duration::from_millis(50);

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
    begun: Cell<Instant>,
    pub offers: RefCell<Offers>,
    pub outcome: RefCell<Outcome>,
    /// Transfers that were posted and are not over.
    pub open: Cell<usize>,
    problem: RefCell<Option<String>>,
}

impl Shared {
    /// How long the load has been going on.
    pub(super) fn now(&self) -> Duration {
        self.begun.get().elapsed()
    }

    /// Notes what should not have happened. The first of it is told.
    pub(super) fn note(&self, problem: String) {
        self.problem.borrow_mut().get_or_insert(problem);
    }

    fn has_problem(&self) -> bool {
        self.problem.borrow().is_some()
    }
}

/// Does what is planned. It is an error if anything that was accepted is not applied.
pub(super) fn run(
    plan: Plan,
    purses: &Arc<Purses>,
    address: SocketAddr,
) -> Result<Outcome, String> {
    let purses = Arc::clone(purses);
    let crowd = thread::spawn(move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        LocalSet::new().block_on(&runtime, all(plan, purses, address))
    });
    crowd.join().map_err(|_| "the crowd panicked".to_owned())?
}

async fn all(plan: Plan, purses: Arc<Purses>, address: SocketAddr) -> Result<Outcome, String> {
    let shared = Rc::new(Shared {
        plan,
        posts: Posts::new(address, POST_CONNECTIONS),
        begun: Cell::new(Instant::now()),
        offers: RefCell::default(),
        outcome: RefCell::default(),
        open: Cell::new(0),
        problem: RefCell::default(),
        purses,
    });
    let members = gather(&shared, address).await?;
    shared.begun.set(Instant::now());
    let cpu = ThreadTime::now();
    for member in &members {
        match plan.pace {
            None => drop(spawn_local(post(Rc::clone(&shared), Rc::clone(member), 0))),
            Some(pace) => drop(spawn_local(paced(Rc::clone(&shared), Rc::clone(member), pace))),
        }
    }
    while shared.now() < plan.time + PATIENCE && !shared.has_problem() {
        sleep(LOOK).await;
        if shared.now() > plan.time && shared.open.get() == 0 {
            break;
        }
    }
    if let Some(problem) = shared.problem.take() {
        return Err(problem);
    }
    if shared.open.get() > 0 {
        return Err(format!("{} transfers are not over", shared.open.get()));
    }
    let mut outcome = shared.outcome.take();
    (outcome.wall, outcome.cpu) = (shared.now(), cpu.elapsed());
    outcome.times = members.iter().flat_map(|member| member.times()).collect();
    Ok(outcome)
}

/// All members, each with its stream open.
async fn gather(shared: &Rc<Shared>, address: SocketAddr) -> Result<Vec<Rc<Member>>, String> {
    let permits = Rc::new(Semaphore::new(OPENED_AT_ONCE));
    let (arrived, mut count) = watch::channel(0_usize);
    let arrived = Rc::new(arrived);
    let members: Vec<Rc<Member>> =
        (0..shared.purses.all.len()).map(|number| Rc::new(Member::new(number))).collect();
    for member in &members {
        let (shared, member) = (Rc::clone(shared), Rc::clone(member));
        let (permits, arrived) = (Rc::clone(&permits), Rc::clone(&arrived));
        spawn_local(async move {
            let permit = permits.acquire().await;
            let stream = member.open(&shared, address).await;
            drop(permit);
            match stream {
                Ok(stream) => {
                    arrived.send_modify(|count| *count += 1);
                    follow(shared, member, stream).await;
                }
                Err(problem) => shared.note(problem),
            }
        });
    }
    loop {
        if shared.has_problem() {
            return Err(shared.problem.take().unwrap_or_default());
        }
        if *count.borrow() == members.len() {
            return Ok(members);
        }
        // A look now and then finds a problem too.
        let _ = tokio::time::timeout(LOOK, count.changed()).await;
    }
}
