//! A member of a crowd: what it posts, what it signs, and what it is told.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::task::spawn_local;
use tokio::time::sleep;

use super::json;
use super::purse::{EXPIRES, Purse};
use super::shared::{Shared, Times};
use super::stream::{Event, EventStream};

/// How long a member waits that was told that there is no room.
const PAUSE: Duration = Duration::from_millis(200);

/// A member.
pub(super) struct Member {
    number: usize,
    /// Of each transfer that it has posted, in the order of their counters.
    posted: RefCell<Vec<Times>>,
    /// How many of its transfers are sealed.
    sealed: Cell<usize>,
}

impl Member {
    pub(super) fn new(number: usize) -> Self {
        Self { number, posted: RefCell::default(), sealed: Cell::new(0) }
    }

    /// Of each transfer that was posted.
    pub(super) fn times(&self) -> Vec<Times> {
        self.posted.borrow().clone()
    }

    /// Opens its event stream.
    pub(super) async fn open(
        &self,
        shared: &Shared,
        address: SocketAddr,
    ) -> Result<EventStream, String> {
        let account = self.purse(shared).ok_or("a member without a purse")?.address;
        EventStream::open(address, &format!("/v1/events?account={account}&cosign=true")).await
    }

    fn purse<'s>(&self, shared: &'s Shared) -> Option<&'s Purse> {
        shared.purses.all.get(self.number)
    }

    /// Whether it never signs a batch. Those who do not are spread among all.
    fn vanishes(&self, shared: &Shared) -> bool {
        let vanishing = usize::try_from(shared.plan.vanishing).unwrap_or(0);
        self.number.wrapping_mul(37) % 100 < vanishing
    }
}

/// Follows what a member is told, until its stream ends.
pub(super) async fn follow(shared: Rc<Shared>, member: Rc<Member>, mut stream: EventStream) {
    while let Ok(event) = stream.next().await {
        match event.kind.as_str() {
            "offer" => offered(&shared, &member, &event),
            "transaction" => told(&shared, &member, &event.data),
            "missed" => shared.note(format!("a member missed events: {}", event.data)),
            _ => {}
        }
    }
    // When the load is over, nobody looks at this any more.
    shared.note("an event stream has ended".to_owned());
}

/// Signs what it is offered, if that is what it meant.
fn offered(shared: &Rc<Shared>, member: &Member, event: &Event) {
    shared.outcome.borrow_mut().offers += 1;
    if member.vanishes(shared) {
        return;
    }
    let (Some(purse), Some(batch)) = (member.purse(shared), json::text(&event.data, "batch"))
    else {
        return shared.note(format!("an offer of no batch: {}", event.data));
    };
    let offer = match shared.offers.borrow_mut().read(&event.data, batch) {
        Ok(offer) => offer,
        Err(problem) => return shared.note(problem),
    };
    let signature = offer.signed_by(purse.index, |transfer, expires| {
        let counter = usize::try_from(transfer.counter.get()).unwrap_or(usize::MAX);
        let meant = purse.transfers.get(counter).map(|meant| meant.transfer);
        meant == Some(*transfer) && expires == Some(EXPIRES)
    });
    let Some(signature) = signature else {
        return shared.note("a member was offered what it had not meant".to_owned());
    };
    let path = format!("/v1/batches/{batch}/signatures");
    let body = format!(
        "{{\"signatures\":[{{\"account\":\"{}\",\"signature\":\"{}\"}}]}}",
        purse.address,
        hex::encode(signature.to_compressed())
    );
    let shared = Rc::clone(shared);
    spawn_local(async move {
        // A signature that comes too late is refused, and that is no fault.
        if let Err(problem) = shared.signatures.post(&path, &body).await {
            shared.note(problem);
        }
    });
}

/// Notes how far a transfer has come, and posts the next one once it is sealed.
fn told(shared: &Rc<Shared>, member: &Rc<Member>, record: &str) {
    let (Some(hash), Some(stage)) = (json::text(record, "hash"), json::text(record, "stage"))
    else {
        return shared.note(format!("a record of nothing: {record}"));
    };
    let purse = member.purse(shared);
    let counter = purse.and_then(|purse| purse.transfers.iter().position(|one| one.hash == hash));
    let now = shared.now();
    let mut posted = member.posted.borrow_mut();
    let Some(times) = counter.and_then(|counter| posted.get_mut(counter)) else { return };
    match stage {
        "queued" | "offered" => return,
        "failed" | "dropped" | "expired" => return shared.note(format!("{stage}: {record}")),
        _ => {}
    }
    if times.sealed.is_none() {
        times.sealed = Some(now);
        member.sealed.set(member.sealed.get() + 1);
    }
    if !matches!(stage, "sealed" | "sent") && times.included.is_none() {
        times.included = Some(now);
    }
    if matches!(stage, "applied" | "final" | "cemented") && times.applied.is_none() {
        times.applied = Some(now);
        times.cosigned = json::flag(record, "cosigned") == Some(true);
        shared.open.set(shared.open.get().saturating_sub(1));
        let batch = json::text(record, "batch").map(str::to_owned);
        shared.outcome.borrow_mut().batches.extend(batch);
    }
    let (sealed, all) = (member.sealed.get(), posted.len());
    drop(posted);
    if shared.plan.pace.is_none() && sealed == all && now < shared.plan.time {
        spawn_local(post(Rc::clone(shared), Rc::clone(member), all));
    }
}

/// Posts transfers at moments that are fixed beforehand, each member at its own.
pub(super) async fn paced(shared: Rc<Shared>, member: Rc<Member>, pace: f64) {
    let members = f64::from(shared.plan.clients);
    for counter in 0_u32.. {
        // Neighbours do not come one after the other.
        let place = member.number.wrapping_mul(7_919) % shared.purses.all.len().max(1);
        let place = f64::from(u32::try_from(place).unwrap_or(0));
        let at = Duration::from_secs_f64((place + f64::from(counter) * members) / pace);
        if at >= shared.plan.time {
            return;
        }
        sleep(at.saturating_sub(shared.now())).await;
        let counter = usize::try_from(counter).unwrap_or(usize::MAX);
        post(Rc::clone(&shared), Rc::clone(&member), counter).await;
    }
}

/// Posts a transfer. What is refused for want of room is posted again.
pub(super) async fn post(shared: Rc<Shared>, member: Rc<Member>, counter: usize) {
    let Some(transfer) = member.purse(&shared).and_then(|purse| purse.transfers.get(counter))
    else {
        return;
    };
    if member.posted.borrow().len() != counter {
        return;
    }
    shared.open.set(shared.open.get() + 1);
    member.posted.borrow_mut().push(Times { posted: shared.now(), ..Times::default() });
    loop {
        let answered = shared.posts.post("/v1/transactions", &transfer.body).await;
        match answered {
            Ok((200, answer)) if json::text(&answer, "stage").is_some() => break,
            Ok((status, answer)) if status == 503 || answer.contains("\"BUSY\"") => {
                shared.outcome.borrow_mut().refused += 1;
                sleep(PAUSE).await;
            }
            Ok((status, answer)) => return shared.note(format!("{status}: {answer}")),
            Err(problem) => return shared.note(problem),
        }
    }
    if let Some(times) = member.posted.borrow_mut().get_mut(counter) {
        times.accepted = Some(shared.now());
    }
}
