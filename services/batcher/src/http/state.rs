//! What all endpoints are served with: the engine, the limits of addresses, and what is counted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::http::StatusCode;
use batcher_api::{ApiError, Code};
use layer1::plain::grouped;
use web::{Budgets, Client, FigureKind, Figures, NoSlot, RateLimit, Slot, Slots};

use super::failure::Failure;
use super::limits::{ADDRESSES, REQUESTS, SIGNATURES, STREAMS_PER_ADDRESS, TRANSACTIONS, WEB};
use crate::{Handle, Refused};

/// What all endpoints are served with.
pub(super) struct HttpState {
    pub(super) engine: Handle,
    pub(super) budgets: Budgets,
    requests: RateLimit,
    transactions: RateLimit,
    signatures: RateLimit,
    streams: Arc<Slots>,
    counters: Counters,
}

/// Figures that only grow.
#[derive(Default)]
struct Counters {
    /// Answers, by their status.
    answers: Mutex<BTreeMap<u16, u64>>,
    rate_limited: AtomicU64,
}

impl HttpState {
    /// With room for so many event streams.
    pub(super) fn new(engine: Handle, streams: usize) -> Self {
        Self {
            engine,
            budgets: Budgets::new(WEB),
            requests: RateLimit::new(REQUESTS, ADDRESSES),
            transactions: RateLimit::new(TRANSACTIONS, ADDRESSES),
            signatures: RateLimit::new(SIGNATURES, ADDRESSES),
            streams: Arc::new(Slots::new(streams, STREAMS_PER_ADDRESS)),
            counters: Counters::default(),
        }
    }

    /// Takes a request.
    pub(super) fn take_request(&self, client: Client) -> Result<(), Failure> {
        self.take(&self.requests, client, 1, "requests", REQUESTS.per_second)
    }

    /// Takes transactions that are submitted or simulated.
    pub(super) fn take_transactions(&self, client: Client, count: usize) -> Result<(), Failure> {
        self.take(&self.transactions, client, count, "transactions", TRANSACTIONS.per_second)
    }

    /// Takes signatures of offers.
    pub(super) fn take_signatures(&self, client: Client, count: usize) -> Result<(), Failure> {
        self.take(&self.signatures, client, count, "signatures", SIGNATURES.per_second)
    }

    fn take(
        &self,
        limit: &RateLimit,
        client: Client,
        count: usize,
        what: &str,
        per_second: u32,
    ) -> Result<(), Failure> {
        if !client.is_limited {
            return Ok(());
        }
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        limit.take(client.address, count, Instant::now()).map_err(|time| {
            self.counters.rate_limited.fetch_add(1, Ordering::Relaxed);
            let message = format!("an address may send {per_second} {what} a second");
            let error = ApiError::new(Code::RateLimited, message).with("per_second", per_second);
            Refused::from(error).after(time.as_secs().saturating_add(1)).into()
        })
    }

    /// Takes a place for an event stream.
    pub(super) fn take_stream(&self, client: Client) -> Result<Slot, Failure> {
        let slot = Slots::take(&self.streams, client.address, client.is_limited);
        slot.map_err(|why| match why {
            NoSlot::OfAddress => {
                self.counters.rate_limited.fetch_add(1, Ordering::Relaxed);
                let limit = STREAMS_PER_ADDRESS;
                let message =
                    format!("an address may have {} event streams at once", grouped(limit));
                ApiError::new(Code::RateLimited, message).with("limit", limit).into()
            }
            NoSlot::All => ApiError::new(Code::Busy, "too many event streams at once").into(),
        })
    }

    /// Counts an answer.
    pub(super) fn count(&self, status: StatusCode) {
        let answers = self.counters.answers.lock();
        let mut answers = answers.unwrap_or_else(PoisonError::into_inner);
        let count = answers.entry(status.as_u16()).or_default();
        *count = count.saturating_add(1);
    }

    /// The figures of the interface itself.
    pub(super) fn figures(&self, figures: &mut Figures) {
        let answers = self.counters.answers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let help = "Answers to requests, by their status";
        figures.labelled("http_answers_total", FigureKind::Counter, help, "status", answers);
        let limited = self.counters.rate_limited.load(Ordering::Relaxed);
        let help = "Requests that were refused for the limits of an address";
        figures.counter("http_rate_limited_total", help, limited);
        figures.gauge("event_streams", "Event streams that are open", Some(self.streams.taken()));
    }
}
