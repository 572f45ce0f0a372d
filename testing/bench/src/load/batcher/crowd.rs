//! A crowd: each member has an account, an event stream of its own and transfers to make. It posts one, signs the batch
//! that it is offered if that has just what it meant, and posts the next once the last one is sealed.

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use cpu_time::ThreadTime;
use tokio::runtime;
use tokio::sync::{Semaphore, watch};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::sleep;

use super::member::{Member, follow, paced, post};
use super::posts::Posts;
use super::purse::Purses;
use super::shared::{Outcome, Plan, Shared};

/// Connections over which the crowd posts, beside one for each event stream.
const POST_CONNECTIONS: usize = 256;
/// Connections for signatures. Those of one client would not wait behind the transactions of others.
const SIGNATURE_CONNECTIONS: usize = 256;
/// Streams that are opened at once: a listener's backlog is short.
const OPENED_AT_ONCE: usize = 128;
/// How long what was posted last takes to be applied, at most.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at whether all is over.
const LOOK: Duration = Duration::from_millis(50);

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
    let posts = Posts::new(address, POST_CONNECTIONS);
    let signatures = Posts::new(address, SIGNATURE_CONNECTIONS);
    let shared = Rc::new(Shared::new(plan, purses, posts, signatures));
    let members = gather(&shared, address).await?;
    shared.begin();
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
    shared.without_problems()?;
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
        shared.without_problems()?;
        if *count.borrow() == members.len() {
            return Ok(members);
        }
        // A look now and then finds a problem too.
        let _ = tokio::time::timeout(LOOK, count.changed()).await;
    }
}
