//! What all endpoints are served with: the index, the limits of addresses, and how many may read at once.

use std::sync::Arc;
use std::time::Instant;

use axum::response::Response;
use serde::Serialize;
use tokio::sync::Semaphore;
use web::{Budgets, Client, RateLimit};

use super::failure::Failure;
use super::limits::{ADDRESSES, REQUESTS, WAITING, WEB};
use crate::api::{ApiError, Code};
use crate::error::HistoryError;
use crate::follow::{Following, Handle};
use crate::read::Reader;

/// What all endpoints are served with.
pub(super) struct HttpState {
    index: Handle,
    budgets: Budgets,
    requests: RateLimit,
    reading: Arc<Semaphore>,
}

impl HttpState {
    pub(super) fn new(index: Handle) -> Self {
        Self {
            index,
            budgets: Budgets::new(WEB),
            requests: RateLimit::new(REQUESTS, ADDRESSES),
            reading: Arc::new(Semaphore::new(WAITING)),
        }
    }

    /// Takes a request.
    pub(super) fn take_request(&self, client: Client) -> Result<(), Failure> {
        if !client.is_limited {
            return Ok(());
        }
        self.requests.take(client.address, 1, Instant::now()).map_err(|time| {
            let limit = REQUESTS.per_second;
            let message = format!("an address may send {limit} requests a second");
            let failure = Failure::from(ApiError::new(Code::RateLimited, message));
            failure.with("per_second", limit).after(time.as_secs().saturating_add(1))
        })
    }

    /// How far the index is.
    pub(super) fn following(&self) -> Following {
        self.index.status()
    }

    /// Asks the index, beside the thread that serves connections.
    pub(super) async fn read<T, F>(&self, ask: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&Reader<'_>) -> Result<Result<T, Failure>, HistoryError> + Send + 'static,
    {
        let Ok(permit) = Arc::clone(&self.reading).try_acquire_owned() else {
            return Err(ApiError::new(Code::Busy, "too many ask the index at once").into());
        };
        let readers = self.index.readers();
        let asked = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            readers.read(ask)
        });
        match asked.await {
            Ok(read) => read?,
            // It panicked, or the server ends.
            Err(_) => Err(ApiError::new(Code::Internal, "the index was not asked").into()),
        }
    }

    /// An answer of JSON.
    pub(super) fn json<T: Serialize>(&self, told: &T) -> Result<Response, Failure> {
        let text = serde_json::to_vec(told);
        let failed = |error| ApiError::new(Code::Internal, format!("the answer: {error}"));
        Ok(web::json(text.map_err(failed)?, &self.budgets))
    }
}
