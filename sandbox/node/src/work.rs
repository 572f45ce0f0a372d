//! The thread that owns the chain: it plays levels and answers. What several requests send gets to the
//! disk once for all of them.

use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use crate::desk::Desk;
use crate::error::NodeError;
use crate::http::Request;
use crate::limits::{GROUP_TIME, MAX_GROUP};
use crate::routes::{self, Reply};

/// How often it looks whether it is to end.
const LOOK: Duration = Duration::from_millis(100);

/// A request, and where its reply goes.
pub(crate) struct Job {
    pub(crate) request: Request,
    pub(crate) reply: SyncSender<Reply>,
}

/// Answers, and plays levels when it is time, until it is to end.
pub(crate) fn work(desk: &mut Desk<'_>, jobs: &Receiver<Job>, tell: &mut impl FnMut(&NodeError)) {
    let mut next = desk.options.block_time.map(|time| Instant::now() + time);
    while !desk.options.stop.load(Ordering::SeqCst) {
        let until = next.map(|next| next.saturating_duration_since(Instant::now()));
        match jobs.recv_timeout(until.map_or(LOOK, |until| until.min(LOOK))) {
            Ok(job) => serve(desk, job, jobs),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if let (Some(due), Some(time)) = (next, desk.options.block_time)
            && Instant::now() >= due
        {
            if let Err(error) = desk.bake() {
                tell(&error);
            }
            next = Some(Instant::now() + time);
        }
    }
}

/// Answers a request, and those that have come meanwhile. Replies about what was staged wait until it
/// is on the disk.
fn serve(desk: &mut Desk<'_>, first: Job, jobs: &Receiver<Job>) {
    let begin = Instant::now();
    let mut waiting = Vec::new();
    let mut next = Some(first);
    let mut count = 0;
    while let Some(Job { request, reply }) = next {
        if routes::changes_more(&request) {
            settle(desk, &mut waiting);
        }
        let answer = routes::answer(desk, &request);
        if routes::stages(&request) && desk.chain.queue().has_staged() {
            waiting.push((reply, answer));
        } else {
            // The client may have gone.
            let _ = reply.send(answer);
        }
        count += 1;
        let more = count < MAX_GROUP && begin.elapsed() < GROUP_TIME;
        next = if more { jobs.try_recv().ok() } else { None };
    }
    settle(desk, &mut waiting);
}

/// Puts what was staged on the disk, and sends the replies that waited for it.
fn settle(desk: &mut Desk<'_>, waiting: &mut Vec<(SyncSender<Reply>, Reply)>) {
    if waiting.is_empty() {
        return;
    }
    let synced = desk.chain.queue_mut().sync();
    for (reply, answer) in waiting.drain(..) {
        let _ = reply.send(match &synced {
            Ok(()) => answer,
            Err(error) => Reply::Answer(routes::error(error)),
        });
    }
}
