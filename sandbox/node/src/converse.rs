//! What happens on a connection: requests and answers by turns, or a stream of blocks.

use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use crate::budget::Budget;
use crate::error::NodeError;
use crate::http::{Answer, Connection, NoRequest, Request};
use crate::limits::{
    MAX_ANSWERS_BYTES, MAX_BODIES_BYTES, MAX_CONNECTIONS, MAX_KEPT_CONNECTIONS, SMALL_BYTES,
};
use crate::routes::{self, Reply};
use crate::watchers::Told;
use crate::work::Job;

/// How often a stream looks whether its client is still there.
const LOOK: Duration = Duration::from_millis(250);

/// What all connections share.
pub(crate) struct Hall {
    any_host: bool,
    ended: AtomicBool,
    taken: AtomicUsize,
    bodies: Budget,
    answers: Budget,
}

/// A connection's place, as long as it is there.
pub(crate) struct Place(Arc<Hall>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Hall {
    pub(crate) fn new(any_host: bool) -> Self {
        Self {
            any_host,
            ended: AtomicBool::new(false),
            taken: AtomicUsize::new(0),
            bodies: Budget::new(MAX_BODIES_BYTES),
            answers: Budget::new(MAX_ANSWERS_BYTES),
        }
    }

    /// A place, if there is one.
    pub(crate) fn enter(hall: &Arc<Self>) -> Option<Place> {
        let place = Place(Arc::clone(hall));
        (hall.taken.fetch_add(1, Ordering::SeqCst) < MAX_CONNECTIONS).then_some(place)
    }

    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }

    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    fn keeps(&self) -> bool {
        !self.has_ended() && self.taken() <= MAX_KEPT_CONNECTIONS
    }
}

/// Serves a connection to its end.
pub(crate) fn converse(stream: TcpStream, jobs: &SyncSender<Job>, place: &Place) {
    let hall = &*place.0;
    let mut connection = Connection::new(stream);
    loop {
        let (reply, chunked, keep) = match connection.read(hall.any_host, &hall.bodies) {
            Ok((request, _share)) => {
                let (chunked, keep) = (request.of_today, request.keep && hall.keeps());
                (ask(request, jobs), chunked, keep)
            }
            Err(NoRequest::Refused(answer)) => (Reply::Answer(answer), false, false),
            Err(NoRequest::Gone) => return,
        };
        let told = match reply {
            Reply::Stream(told) => return stream_of(connection, &told, chunked),
            Reply::Answer(answer) => answer,
        };
        let written = write(&mut connection, hall, told, keep);
        if !written || !keep {
            return connection.finish();
        }
        if !connection.waits_for_more(&hall.ended) {
            return;
        }
    }
}

fn write(connection: &mut Connection, hall: &Hall, answer: Answer, keep: bool) -> bool {
    let Answer { status, body } = answer;
    let text = body.to_string();
    drop(body);
    if text.len() <= SMALL_BYTES {
        return connection.write(status, &text, keep);
    }
    match hall.answers.take(text.len()) {
        Some(_share) => connection.write(status, &text, keep),
        None => {
            drop(text);
            let busy = Answer::error(503, "busy", "too many large answers at once");
            connection.write(busy.status, &busy.body.to_string(), keep)
        }
    }
}

fn stream_of(mut connection: Connection, told: &Told, chunked: bool) {
    if !connection.begin_stream(chunked) {
        return;
    }
    loop {
        match told.next(LOOK) {
            Ok(value) if connection.stream(&value, chunked) => {}
            Ok(_) => return,
            Err(RecvTimeoutError::Timeout) if connection.has_gone() => return,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return connection.end_stream(chunked),
        }
    }
}

fn ask(request: Request, jobs: &SyncSender<Job>) -> Reply {
    let (reply, replied) = sync_channel(1);
    let sent = jobs.send(Job { request, reply }).is_ok();
    let reply = if sent { replied.recv().ok() } else { None };
    reply.unwrap_or_else(|| Reply::Answer(routes::error(&NodeError::Ending)))
}
