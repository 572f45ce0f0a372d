//! The thread that owns the chain: it serves requests, one after the other, and bakes levels when it is time.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::error::NodeError;
use crate::limits::{GROUP_TIME, MAX_GROUP};
use crate::routes::{Effect, Endpoint, RequestContext, Response, refusal};
use crate::service::NodeService;
use web::Refusal;

/// How often it looks whether it is to end.
const LOOK: Duration = Duration::from_millis(100);

/// What a request comes to.
pub(crate) type Outcome = Result<Response, Refusal>;

/// A request, and where its response goes.
pub(crate) struct Job {
    endpoint: Arc<Endpoint>,
    request: RequestContext,
    response: oneshot::Sender<Outcome>,
}

/// Has the thread that owns the chain serve a request.
pub(crate) async fn call(
    jobs: &SyncSender<Job>,
    endpoint: Arc<Endpoint>,
    request: RequestContext,
) -> Outcome {
    let (response, responded) = oneshot::channel();
    // There is room for a job of each connection. Those that connections have left behind may fill it.
    let full = |error| match error {
        TrySendError::Full(_) => refusal(&NodeError::Busy),
        TrySendError::Disconnected(_) => refusal(&NodeError::Ending),
    };
    jobs.try_send(Job { endpoint, request, response }).map_err(full)?;
    responded.await.unwrap_or_else(|_| Err(refusal(&NodeError::Ending)))
}

/// Serves until it is to end. `tell` hears of levels baked by time that failed, and of a level after which the
/// terms of a ticket do not close.
pub(crate) fn event_loop(
    service: &mut NodeService<'_>,
    jobs: &Receiver<Job>,
    tell: &mut impl FnMut(&NodeError),
) {
    let mut next = service.options.block_time.map(|time| Instant::now() + time);
    while !service.options.stop.load(Ordering::SeqCst) {
        let until = next.map(|next| next.saturating_duration_since(Instant::now()));
        match jobs.recv_timeout(until.map_or(LOOK, |until| until.min(LOOK))) {
            Ok(job) => serve_group(service, job, jobs, tell),
            // What the start has found.
            Err(RecvTimeoutError::Timeout) => alarm(service, tell),
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if let (Some(due), Some(time)) = (next, service.options.block_time)
            && Instant::now() >= due
        {
            if let Err(error) = service.bake() {
                tell(&error);
            }
            alarm(service, tell);
            next = Some(Instant::now() + time);
        }
    }
}

/// Serves a request, and those that have come meanwhile. Responses about messages that were staged wait until
/// these are on the disk.
fn serve_group(
    service: &mut NodeService<'_>,
    first: Job,
    jobs: &Receiver<Job>,
    tell: &mut impl FnMut(&NodeError),
) {
    let begin = Instant::now();
    let mut held = Vec::new();
    let mut next = Some(first);
    let mut count = 0;
    while let Some(Job { endpoint, request, response }) = next {
        if endpoint.effect == Effect::Changes {
            release(service, &mut held);
        }
        let outcome = (endpoint.serve)(service, &request).map_err(|error| refusal(&error));
        // Before the response: whoever is answered can rely on it that this was told.
        alarm(service, tell);
        if endpoint.effect == Effect::Sends && service.chain.has_staged() {
            held.push((response, outcome));
        } else {
            // The client may have gone.
            let _ = response.send(outcome);
        }
        count += 1;
        let more = count < MAX_GROUP && begin.elapsed() < GROUP_TIME;
        next = if more { jobs.try_recv().ok() } else { None };
    }
    release(service, &mut held);
}

/// Tells of terms that do not close.
fn alarm(service: &mut NodeService<'_>, tell: &mut impl FnMut(&NodeError)) {
    if let Some(words) = service.chain.take_alarm() {
        tell(&NodeError::Insolvent(words));
    }
}

/// Puts what was staged on the disk, and sends the responses that waited for it.
fn release(service: &mut NodeService<'_>, held: &mut Vec<(oneshot::Sender<Outcome>, Outcome)>) {
    if held.is_empty() {
        return;
    }
    let synced = service.chain.sync().map_err(|error| refusal(&error));
    for (response, outcome) in held.drain(..) {
        let _ = response.send(synced.clone().and(outcome));
    }
}
