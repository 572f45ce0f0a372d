//! A rollup node's RPC: what Octez serves, and nothing that only our sandbox has.

mod batcher;
mod chain;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::Agent;
use ureq::http::Response;

use crate::cosigned::CosignedBatches;
use crate::error::RpcError;
use crate::limits::{
    ANSWER_TIME, BUSY_ATTEMPTS, BUSY_PAUSE, CONNECT_TIME, KEPT_CONNECTIONS, LAST_ANSWER_TIME,
    MAX_ANSWER_BYTES, START_PAUSE, WAITING_ANSWER_TIME,
};
use crate::patience::Patience;

pub use batcher::Queued;
pub use chain::{Block, Settled};

/// Said aloud, as not every server takes it for granted.
const KEEP_ALIVE: (&str, &str) = ("connection", "keep-alive");

/// A node that is asked over HTTP.
#[derive(Clone, Debug)]
pub struct Node {
    agent: Agent,
    endpoint: String,
    /// How long it may take to answer.
    answer: Duration,
    /// How long whoever asks is ready to wait altogether. All copies are the same.
    waiting: Arc<RwLock<Option<Patience<'static>>>>,
    /// Under which digests results are kept that are not under their own.
    cosigned: CosignedBatches,
}

impl Node {
    /// A node at `http://HOST:PORT` or `https://…`; a bare `HOST:PORT` is taken for the former.
    ///
    /// # Errors
    /// When that is no such address. Nothing is asked yet.
    pub fn new(endpoint: &str) -> Result<Self, RpcError> {
        Self::patient(endpoint, ANSWER_TIME)
    }

    /// The same, with its own time for an answer.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn patient(endpoint: &str, answer: Duration) -> Result<Self, RpcError> {
        let text = match endpoint.split_once("://") {
            None => format!("http://{endpoint}"),
            Some(("http" | "https", _)) => endpoint.to_owned(),
            Some(_) => return Err(RpcError::Endpoint(endpoint.to_owned())),
        };
        let text = text.trim_end_matches('/').to_owned();
        let parsed = text.parse::<ureq::http::Uri>();
        let plain = parsed.is_ok_and(|uri| {
            uri.scheme().is_some()
                && uri.host().is_some_and(|host| !host.is_empty())
                && uri.query().is_none()
                && uri.authority().is_some_and(|at| {
                    // A port that is no port would be passed over, and another one asked.
                    at.as_str() == at.host() || at.port_u16().is_some()
                })
        });
        // A password in an address would end up in errors and logs.
        if !plain || text.contains('@') {
            return Err(RpcError::Endpoint(endpoint.to_owned()));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIME))
            .max_redirects(0)
            .max_idle_connections(KEPT_CONNECTIONS)
            .max_idle_connections_per_host(KEPT_CONNECTIONS)
            .build();
        Ok(Self {
            agent: config.into(),
            endpoint: text,
            answer,
            waiting: Arc::default(),
            cosigned: CosignedBatches::default(),
        })
    }

    /// From now on no answer takes much longer than this patience lasts: a node that takes connections and says
    /// nothing would hold up everybody who looks at the clock between two requests.
    pub fn answers_within(&self, patience: Patience<'static>) {
        *self.waiting.write().unwrap_or_else(PoisonError::into_inner) = Some(patience);
    }

    /// How long the next answer may take; `longest` where somebody waits.
    fn answer_time(&self, longest: Duration) -> Duration {
        let waiting = *self.waiting.read().unwrap_or_else(PoisonError::into_inner);
        let Some(patience) = waiting else { return self.answer };
        patience.left().min(longest).max(LAST_ANSWER_TIME).min(self.answer)
    }

    /// The batches that transactions were signed in: their results are looked for there.
    #[must_use]
    pub fn cosigned(&self) -> &CosignedBatches {
        &self.cosigned
    }

    /// Where it is.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Reads what is at a path.
    ///
    /// # Errors
    /// When there is no answer, it is an error, or it is not of the shape that is expected.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, RpcError> {
        let url = format!("{}{path}", self.endpoint);
        self.ask(path, || {
            let request = self.agent.get(&url).header(KEEP_ALIVE.0, KEEP_ALIVE.1);
            let time = self.answer_time(WAITING_ANSWER_TIME);
            request.config().timeout_global(Some(time)).build().call()
        })
    }

    /// Sends a body to a path.
    ///
    /// # Errors
    /// When there is no answer, it is an error, or it is not of the shape that is expected.
    pub fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, RpcError> {
        let url = format!("{}{path}", self.endpoint);
        let body = body.to_string();
        self.ask(path, || {
            let request = self.agent.post(&url).header(KEEP_ALIVE.0, KEEP_ALIVE.1);
            // What it may have taken is not cut off before it has to be.
            let time = self.answer_time(self.answer);
            let request = request.config().timeout_global(Some(time)).build();
            request.content_type("application/json").send(body.as_bytes())
        })
    }

    /// Asks until the node is no longer too busy: it has not looked at the request then.
    fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        send: impl Fn() -> Result<Response<ureq::Body>, ureq::Error>,
    ) -> Result<T, RpcError> {
        const BUSY: u16 = 503;
        let failed = |source: ureq::Error| RpcError::Connection {
            endpoint: self.endpoint.clone(),
            source: Box::new(source),
        };
        let mut attempt = 0;
        let response = loop {
            attempt += 1;
            let response = send().map_err(failed)?;
            if response.status().as_u16() != BUSY || attempt == BUSY_ATTEMPTS {
                break response;
            }
            std::thread::sleep(BUSY_PAUSE);
        };
        let status = response.status();
        let mut body = response.into_body();
        let bytes = body.with_config().limit(MAX_ANSWER_BYTES).read_to_vec().map_err(failed)?;
        if !status.is_success() {
            return Err(RpcError::refused(&self.endpoint, path, status.as_u16(), &bytes));
        }
        serde_json::from_slice(&bytes).map_err(|error| self.shape(path, error.to_string()))
    }

    /// For an answer that is not that of a rollup node.
    pub(crate) fn shape(&self, path: &str, problem: impl Into<String>) -> RpcError {
        let (endpoint, path) = (self.endpoint.clone(), path.to_owned());
        RpcError::Shape { endpoint, path, problem: problem.into() }
    }

    /// Asks the node something; if nobody listens there, again for so long, as it may just be starting.
    ///
    /// # Errors
    /// Those of `ask`.
    pub fn once_up<T>(
        &self,
        start: Duration,
        ask: impl Fn(&Self) -> Result<T, RpcError>,
    ) -> Result<T, RpcError> {
        let begin = Instant::now();
        loop {
            match ask(self) {
                Err(error) if error.is_refused_connection() && begin.elapsed() < start => {
                    std::thread::sleep(START_PAUSE);
                }
                answer => return answer,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn a_node_that_says_nothing_does_not_outlast_patience() {
        static INTERRUPTED: AtomicBool = AtomicBool::new(false);
        // Connections are made by the system, and nobody ever reads from them.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let node = Node::new(&silent.local_addr().unwrap().to_string()).unwrap();
        assert_eq!(node.answer_time(WAITING_ANSWER_TIME), ANSWER_TIME);
        let patience = Patience::lasting(Duration::from_secs(3_600)).until(&INTERRUPTED);
        node.clone().answers_within(patience);
        assert_eq!(node.answer_time(WAITING_ANSWER_TIME), WAITING_ANSWER_TIME);
        assert_eq!(node.answer_time(ANSWER_TIME), ANSWER_TIME);
        INTERRUPTED.store(true, Ordering::SeqCst);
        for longest in [WAITING_ANSWER_TIME, ANSWER_TIME] {
            assert_eq!(node.answer_time(longest), LAST_ANSWER_TIME);
        }
        node.answers_within(Patience::none());
        let answer = node.get::<Value>("/global/block/head/hash");
        assert!(matches!(answer, Err(RpcError::Connection { .. })), "{answer:?}");
        let answer = node.post::<Value>("/local/batcher/injection", &Value::Null);
        assert!(matches!(answer, Err(RpcError::Connection { .. })), "{answer:?}");
    }

    #[test]
    fn endpoints() {
        for (given, expected) in [
            ("127.0.0.1:8932", "http://127.0.0.1:8932"),
            ("http://localhost:1/", "http://localhost:1"),
            ("https://node.example/rollup", "https://node.example/rollup"),
            ("http://[::1]:8932", "http://[::1]:8932"),
            ("http://[::1]/", "http://[::1]"),
        ] {
            assert_eq!(Node::new(given).unwrap().endpoint(), expected);
        }
        for given in [
            "",
            "ftp://x",
            "http://",
            "http://a b",
            "http://me:secret@x",
            "http://x/?q",
            "http://x:99999",
            "x:",
            "x:port",
        ] {
            assert!(matches!(Node::new(given), Err(RpcError::Endpoint(_))), "{given}");
        }
    }
}
