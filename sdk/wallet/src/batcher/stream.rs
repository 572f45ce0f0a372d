//! The events of a batcher, on a thread of their own, from one connection to the next.
//!
//! A stream that breaks is opened again, and goes on after the last event that came. One that is silent for too long
//! counts as broken. Whoever drops the events ends the thread, at the latest when the next one comes or the silence
//! is too long.

use std::io::BufReader;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use batcher_api::{LevelEvent, MissedEvent, OfferEvent, Record};
use encoding::Tz4Address;
use serde::de::DeserializeOwned;
use ureq::Agent;

use super::error::BatcherError;
use super::http::Batcher;
use super::sse::{SentEvent, SseError, SseReader};
use crate::error::one_line;
use crate::limits::{
    CONNECT_TIME, EVENTS_WAITING, MAX_BATCHER_ANSWER_BYTES, MAX_STREAM_PAUSE, STREAM_OPENING,
    STREAM_PAUSE, STREAM_SILENCE,
};

/// Something that a batcher tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Accounts are asked to sign a batch.
    Offer(OfferEvent),
    /// A transaction has come further.
    Transaction(Box<Record>),
    /// The rollup has a new head.
    Level(LevelEvent),
    /// Some events are no longer kept.
    Missed(MissedEvent),
}

/// What comes from a stream.
#[derive(Debug)]
pub enum Heard {
    /// It is open: whatever happens from now on is told.
    Open,
    /// An event.
    Event(Event),
    /// An event that is not read: not in its form, or numbered before one that came earlier.
    Unreadable(String),
    /// It broke, and is opened again.
    Broken(BatcherError),
}

/// The events of some accounts.
#[derive(Debug)]
pub struct Events {
    heard: Receiver<Heard>,
    is_over: Arc<AtomicBool>,
}

impl Events {
    /// Subscribes to the events of accounts. With `cosign`, the batcher counts on them to sign its batches.
    #[must_use]
    pub fn subscribe(batcher: &Batcher, accounts: &[Tz4Address], cosign: bool) -> Self {
        let mut words: Vec<String> = accounts.iter().map(|one| format!("account={one}")).collect();
        if cosign {
            words.push("cosign=true".to_owned());
        }
        let stream = Stream {
            agent: agent(),
            url: batcher.url().to_owned(),
            path: format!("/v1/events?{}", words.join("&")),
            last: None,
        };
        let (tell, heard) = sync_channel(EVENTS_WAITING);
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        thread::spawn(move || stream.run(&tell, &over));
        Events { heard, is_over }
    }

    /// What comes next; none if nothing comes within that time.
    #[must_use]
    pub fn next_within(&self, time: Duration) -> Option<Heard> {
        match self.heard.recv_timeout(time) {
            Ok(heard) => Some(heard),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                // The thread ends only when nobody listens; whatever else ended it is not to be waited for.
                thread::sleep(time);
                None
            }
        }
    }

    /// Waits until the stream is open, for so long as is worth it. Says whether it is.
    #[must_use]
    pub fn wait_open(&self) -> bool {
        let begin = Instant::now();
        while let Some(left) = STREAM_OPENING.checked_sub(begin.elapsed()) {
            match self.next_within(left) {
                Some(Heard::Open) => return true,
                // Nothing was posted, so that no event is about that.
                Some(_) => {}
                None => return false,
            }
        }
        false
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// An agent whose answers have no end, but may not be silent.
fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(CONNECT_TIME))
        .timeout_per_read(Some(STREAM_SILENCE))
        .max_redirects(0)
        .build();
    config.into()
}

/// A stream, and how far it has been read.
struct Stream {
    agent: Agent,
    url: String,
    path: String,
    last: Option<u64>,
}

/// Nobody listens any more.
struct Over;

impl Stream {
    fn run(mut self, tell: &SyncSender<Heard>, over: &AtomicBool) {
        let mut pause = STREAM_PAUSE;
        while !over.load(Ordering::Relaxed) {
            let opened = self.follow(tell, over);
            let (was_open, broken) = match opened {
                Err(Over) => return,
                Ok(ended) => ended,
            };
            if tell.send(Heard::Broken(broken)).is_err() {
                return;
            }
            pause = if was_open { STREAM_PAUSE } else { (pause * 2).min(MAX_STREAM_PAUSE) };
            thread::sleep(pause);
        }
    }

    /// Opens it and reads it to its end. Says whether it was open, and why it is not any more.
    fn follow(
        &mut self,
        tell: &SyncSender<Heard>,
        over: &AtomicBool,
    ) -> Result<(bool, BatcherError), Over> {
        let silent = |source: ureq::Error| {
            (false, BatcherError::Silent { url: self.url.clone(), source: Box::new(source) })
        };
        let request = self.agent.get(format!("{}{}", self.url, self.path));
        let mut request = request.header("accept", "text/event-stream");
        if let Some(last) = self.last {
            request = request.header("last-event-id", last.to_string());
        }
        let response = match request.call() {
            Ok(response) => response,
            Err(error) => return Ok(silent(error)),
        };
        let status = response.status();
        let mut body = response.into_body();
        if !status.is_success() {
            let bytes = body.with_config().limit(MAX_BATCHER_ANSWER_BYTES).read_to_vec();
            let bytes = bytes.unwrap_or_default();
            let path = "/v1/events";
            return Ok((
                false,
                BatcherError::of_answer(&self.url, path, status.as_u16(), None, &bytes),
            ));
        }
        tell.send(Heard::Open).map_err(|_| Over)?;
        let mut reader = SseReader::new(BufReader::new(body.into_reader()));
        // Numbers grow within a connection. A batcher that lost its journal may count anew.
        let mut before = None;
        loop {
            let next = reader.next_event();
            if over.load(Ordering::Relaxed) {
                return Err(Over);
            }
            let event = match next {
                Ok(Some(event)) => event,
                Ok(None) => return Ok((true, self.broken(&SseError::Io(end())))),
                Err(error) => return Ok((true, self.broken(&error))),
            };
            if let (Some(id), Some(last)) = (event.id, before)
                && id <= last
            {
                let problem = format!("event {id} after event {last}");
                tell.send(Heard::Unreadable(problem)).map_err(|_| Over)?;
                continue;
            }
            before = event.id.or(before);
            self.last = event.id.or(self.last);
            match read(&event) {
                Ok(Some(event)) => tell.send(Heard::Event(event)).map_err(|_| Over)?,
                // A kind that a later version has.
                Ok(None) => {}
                Err(problem) => tell.send(Heard::Unreadable(problem)).map_err(|_| Over)?,
            }
        }
    }

    fn broken(&self, error: &SseError) -> BatcherError {
        let url = self.url.clone();
        match error {
            SseError::Io(error) => {
                let source = std::io::Error::new(error.kind(), error.to_string());
                BatcherError::Silent { url, source: Box::new(ureq::Error::Io(source)) }
            }
            SseError::TooLong | SseError::NotText => {
                let problem = error.to_string();
                BatcherError::Malformed { url, path: "/v1/events".to_owned(), problem }
            }
        }
    }
}

fn end() -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "the stream of events has ended")
}

/// Reads what an event says; nothing of a kind that is not known.
fn read(sent: &SentEvent) -> Result<Option<Event>, String> {
    fn of<T: DeserializeOwned>(sent: &SentEvent) -> Result<T, String> {
        serde_json::from_str(&sent.data).map_err(|error| {
            format!("{} event: {}", one_line(&sent.event), one_line(&error.to_string()))
        })
    }
    Ok(Some(match sent.event.as_str() {
        "offer" => Event::Offer(of(sent)?),
        "transaction" => Event::Transaction(Box::new(of(sent)?)),
        "level" => Event::Level(of(sent)?),
        "missed" => Event::Missed(of(sent)?),
        _ => return Ok(None),
    }))
}
