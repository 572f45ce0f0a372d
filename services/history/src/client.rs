//! Asks a history that is served elsewhere, over HTTP.

use std::thread;
use std::time::Instant;

use encoding::{Hash32, TicketHash, Tz4Address};
use layer1::plain::one_line;
use serde::de::DeserializeOwned;
use ureq::Agent;
use wallet::error::RpcError;
use wallet::rpc::Node;

use crate::api::{ApiError, Code, ErrorBody, MovesAnswer, Since, StatusAnswer, TransactionAnswer};
use crate::limits::{
    ANSWER_TIME, CATCHING_UP_PAUSE, CATCHING_UP_TIME, CONNECT_TIME, MAX_ANSWER_BYTES, MAX_PAGE,
};
use crate::words::MoveKind;

/// A history that is served somewhere.
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
    url: String,
}

/// Which moves are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of one ticket.
    pub ticket: Option<TicketHash>,
    /// Of one kind.
    pub kind: Option<MoveKind>,
    /// From when on.
    pub since: Option<Since>,
    /// Applied ones alone.
    pub applied: bool,
}

/// Why a history has not told what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Not an address that can be called.
    #[error(transparent)]
    Endpoint(RpcError),
    /// Nobody is there, or the connection broke.
    #[error("no answer from the history at {url}: {}", reason(source))]
    Silent {
        /// Where it is.
        url: String,
        /// Why.
        source: Box<ureq::Error>,
    },
    /// Somebody is there who keeps no history.
    #[error("{url} serves no history")]
    NoHistory {
        /// Who was asked.
        url: String,
    },
    /// It says no.
    #[error("the history at {url}: {}", one_line(&error.message))]
    Refused {
        /// Where it is.
        url: String,
        /// What it says.
        error: ApiError,
    },
    /// The answer is not that of a history.
    #[error("{url}{path}: not an answer of a history: {problem}")]
    Malformed {
        /// Where it is.
        url: String,
        /// What was asked.
        path: String,
        /// What is wrong with the answer.
        problem: String,
    },
}

impl ClientError {
    /// Whether the history has nothing of what was asked for.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, ClientError::Refused { error, .. }
            if error.code_of::<Code>() == Some(Code::NotFound))
    }
}

impl Client {
    /// A history at `http://HOST:PORT` or `https://…`; a bare `HOST:PORT` is taken for the former.
    ///
    /// # Errors
    /// When that is no such address. Nothing is asked yet.
    pub fn new(url: &str) -> Result<Self, ClientError> {
        // An address is what a node's is.
        let node = Node::new(url).map_err(ClientError::Endpoint)?;
        // The address as its paths begin is meant as well.
        let url = node.endpoint();
        let url = url.strip_suffix("/history").unwrap_or(url).trim_end_matches('/').to_owned();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIME))
            .timeout_global(Some(ANSWER_TIME))
            .max_redirects(0)
            .build();
        Ok(Self { agent: config.into(), url })
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How far it is. One that has just begun is asked again for a moment.
    ///
    /// # Errors
    /// When it does not answer, or is no history.
    pub fn status(&self) -> Result<StatusAnswer, ClientError> {
        let begun = Instant::now();
        loop {
            let told: StatusAnswer = self.ask("/history/status")?;
            let knows_something = told.last.is_some() && !told.rollup.is_empty();
            if knows_something || begun.elapsed() >= CATCHING_UP_TIME {
                return Ok(told);
            }
            thread::sleep(CATCHING_UP_PAUSE);
        }
    }

    /// A page of the moves of an account, newest first: so many rows, at most [`MAX_PAGE`].
    ///
    /// # Errors
    /// When it does not answer, or refuses.
    pub fn moves(
        &self,
        account: &Tz4Address,
        wanted: &Wanted,
        after: Option<&str>,
        rows: usize,
    ) -> Result<MovesAnswer, ClientError> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("limit", &rows.clamp(1, MAX_PAGE).to_string());
        if let Some(after) = after {
            query.append_pair("after", after);
        }
        if let Some(ticket) = wanted.ticket {
            query.append_pair("ticket", &ticket.to_string());
        }
        if let Some(kind) = wanted.kind {
            query.append_pair("kind", kind.word());
        }
        if let Some(since) = wanted.since {
            query.append_pair("since", &since.to_string());
        }
        if wanted.applied {
            query.append_pair("applied", "true");
        }
        self.ask(&format!("/history/accounts/{account}/moves?{}", query.finish()))
    }

    /// Everywhere a transaction or a batch is; nothing if no level has it.
    ///
    /// # Errors
    /// When it does not answer, or refuses.
    pub fn transaction(&self, hash: &Hash32) -> Result<Option<TransactionAnswer>, ClientError> {
        match self.ask(&format!("/history/transactions/{hash}")) {
            Err(error) if error.is_not_found() => Ok(None),
            told => told.map(Some),
        }
    }

    /// Asks; again if too many ask at once.
    fn ask<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        let begun = Instant::now();
        loop {
            match self.ask_once(path) {
                Err(ClientError::Refused { error, .. })
                    if error.code_of::<Code>() == Some(Code::Busy)
                        && begun.elapsed() < CATCHING_UP_TIME =>
                {
                    thread::sleep(CATCHING_UP_PAUSE);
                }
                told => return told,
            }
        }
    }

    fn ask_once<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        let url = || self.url.clone();
        let silent = |source| ClientError::Silent { url: url(), source: Box::new(source) };
        let malformed = |problem: &str| ClientError::Malformed {
            url: url(),
            path: path.to_owned(),
            problem: one_line(problem),
        };
        let answer = self.agent.get(format!("{}{path}", self.url)).call().map_err(silent)?;
        let status = answer.status();
        let bytes = answer.into_body().with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
        let bytes = bytes.map_err(|error| match error {
            // More than any answer has is not silence.
            ureq::Error::BodyExceedsLimit(most) => malformed(&format!("more than {most} bytes")),
            other => silent(other),
        })?;
        if status.is_success() {
            return serde_json::from_slice(&bytes).map_err(|error| malformed(&error.to_string()));
        }
        match serde_json::from_slice::<ErrorBody>(&bytes) {
            // A service of ours that has no such paths.
            Ok(body) if body.error.code_of::<Code>() == Some(Code::UnknownPath) => {
                Err(ClientError::NoHistory { url: url() })
            }
            Ok(body) => Err(ClientError::Refused { url: url(), error: body.error }),
            Err(_) => Err(ClientError::NoHistory { url: url() }),
        }
    }
}

/// Why there is no answer, in the system's words without Rust's "(os error 2)".
fn reason(error: &ureq::Error) -> String {
    let text = match error {
        ureq::Error::Timeout(_) => "it did not answer in time".to_owned(),
        ureq::Error::Io(error) => error.to_string(),
        other => other.to_string(),
    };
    one_line(text.split(" (os error").next().unwrap_or_default())
}

const _: () = assert!(CATCHING_UP_TIME.as_millis() < ANSWER_TIME.as_millis());
