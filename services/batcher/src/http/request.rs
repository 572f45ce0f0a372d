//! A request to an endpoint, and what is read from it.

use axum::body::Bytes;
use axum::http::Extensions;
use encoding::{Hash32, Tz4Address};
use layer1::address::{Address, Role};
use layer1::plain::quoted;
use serde::de::DeserializeOwned;
use web::Client;

use super::failure::Failure;
use super::limits::SMALL_BYTES;

/// A request to an endpoint.
pub(super) struct Call {
    /// What the path has in its braces.
    pub(super) parameter: String,
    /// The query, decoded.
    pub(super) query: Vec<(String, String)>,
    /// The id of the last event that the client has seen, as it says.
    pub(super) last_event: Option<String>,
    pub(super) body: Bytes,
    pub(super) client: Client,
    /// What the server that we stand on says of it.
    pub(super) extensions: Extensions,
}

impl Call {
    /// The hash in the path.
    pub(super) fn hash(&self, what: &'static str) -> Result<Hash32, Failure> {
        let bytes = hex::decode(&self.parameter).ok();
        let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        bytes.map(Hash32).ok_or_else(|| malformed(what, &self.parameter, "32 bytes in hex"))
    }

    /// The account in the path.
    pub(super) fn account(&self) -> Result<Tz4Address, Failure> {
        read_account(&self.parameter)
    }

    /// All values of a query.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.query.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The value of a query that is there once at most.
    pub(super) fn one(&self, name: &'static str) -> Result<Option<&str>, Failure> {
        let mut all = self.all(name);
        match (all.next(), all.next()) {
            (_, Some(_)) => Err(Failure::malformed(format!("{name} is given twice"))),
            (one, None) => Ok(one),
        }
    }

    /// A query that is on or off.
    pub(super) fn flag(&self, name: &'static str) -> Result<bool, Failure> {
        match self.one(name)? {
            None | Some("false") => Ok(false),
            Some("" | "true") => Ok(true),
            Some(other) => Err(malformed(name, other, "true or false")),
        }
    }

    /// Reads the body, a large one beside the thread that serves connections.
    pub(super) async fn read<T, F>(&self, read: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&[u8]) -> Result<T, Failure> + Send + 'static,
    {
        if self.body.len() <= SMALL_BYTES {
            return read(&self.body);
        }
        let body = self.body.clone();
        let read = tokio::task::spawn_blocking(move || read(&body)).await;
        read.unwrap_or_else(|_| Err(Failure::malformed("the body could not be read")))
    }
}

/// A body of JSON.
pub(super) fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| Failure::malformed(format!("the body: {error}")))
}

/// An account of the rollup.
pub(super) fn read_account(text: &str) -> Result<Tz4Address, Failure> {
    let address = Address::parse_as(Role::Account, text);
    let wrong = |error| Failure::malformed(format!("account: {} {error}", quoted(text)));
    address.map(|address| Tz4Address(address.hash)).map_err(wrong)
}

/// A part of a request that is not what it should be.
pub(super) fn malformed(what: &str, found: &str, expected: &str) -> Failure {
    Failure::malformed(format!("{what}: {} is not {expected}", quoted(found)))
}
