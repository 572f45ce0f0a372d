//! A rollup node's RPC: what Octez serves, and nothing that only our sandbox has.

use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Response;

use crate::error::RpcError;
use crate::limits::{
    ANSWER_TIME, BUSY_ATTEMPTS, BUSY_PAUSE, CONNECT_TIME, MAX_ANSWER_BYTES, MESSAGES_PER_REQUEST,
    START_PAUSE,
};
use encoding::{Level, RollupAddress};
use layer1::address::{Address, Role};
use layer1::plain::quoted;

/// Said aloud, as not every server takes it for granted.
const KEEP_ALIVE: (&str, &str) = ("connection", "keep-alive");

/// A node that is asked over HTTP.
#[derive(Clone, Debug)]
pub struct Node {
    agent: Agent,
    endpoint: String,
}

/// A block that a node knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its hash, `BL…`: it names this block whatever is built upon it.
    pub hash: String,
    /// Its level.
    pub level: Level,
}

/// How far a node is with settling on layer 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The last level.
    pub head: Level,
    /// The last level that no reorganisation of layer 1 takes back.
    pub finalized: Level,
    /// The last final level with a commitment made by this node.
    pub committed: Level,
    /// The last level with a commitment that nobody can refute any more.
    pub cemented: Level,
}

/// What a batcher says of a message it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Queued {
    /// It does not know the message: it never had it, or has forgotten it.
    Unknown,
    /// It waits for an operation of layer 1, or for that operation's inclusion.
    Pending,
    /// It is in an inbox.
    Included,
    /// It is in an inbox of a level that has a commitment.
    Committed,
    /// Something else, in the node's own word.
    Other(String),
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
        });
        // A password in an address would end up in errors and logs.
        if !plain || text.contains('@') {
            return Err(RpcError::Endpoint(endpoint.to_owned()));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIME))
            .timeout_global(Some(answer))
            .max_redirects(0)
            .build();
        Ok(Self { agent: config.into(), endpoint: text })
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
        self.ask(path, || self.agent.get(&url).header(KEEP_ALIVE.0, KEEP_ALIVE.1).call())
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
            return Err(RpcError::refused(path, status.as_u16(), &bytes));
        }
        serde_json::from_slice(&bytes)
            .map_err(|error| RpcError::Shape { path: path.to_owned(), problem: error.to_string() })
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

    /// The rollup's address.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn rollup(&self) -> Result<RollupAddress, RpcError> {
        const PATH: &str = "/global/smart_rollup_address";
        let text: String = self.get(PATH)?;
        let address = Address::parse_as(Role::Rollup, &text);
        address.map(|address| RollupAddress(address.hash)).map_err(|problem| RpcError::Shape {
            path: PATH.to_owned(),
            problem: format!("{} {problem}", quoted(&text)),
        })
    }

    /// A block by its name: `head`, `finalized`, `cemented`, a level or a hash.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn block(&self, name: &str) -> Result<Block, RpcError> {
        // The hash first: what it names does not change between the two requests.
        let hash: String = self.get(&format!("/global/block/{name}/hash"))?;
        let level = self.get(&format!("/global/block/{hash}/level"))?;
        Ok(Block { hash, level: Level(level) })
    }

    /// The level of a block.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn level(&self, name: &str) -> Result<Level, RpcError> {
        self.get(&format!("/global/block/{name}/level")).map(Level)
    }

    /// How far the node is with settling.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn settled(&self) -> Result<Settled, RpcError> {
        // From the slowest to the head, so that none is ahead of the next.
        let cemented = self.level("cemented")?;
        // None is made in the first levels of a rollup, and not every node tells.
        let stored = match self.get::<Value>("/global/last_stored_commitment") {
            Err(RpcError::Refused { .. }) => Value::Null,
            stored => stored?,
        };
        let committed = stored["commitment"]["inbox_level"].as_i64();
        let committed = committed.and_then(|level| i32::try_from(level).ok()).map(Level);
        let finalized = self.level("finalized")?;
        let head = self.level("head")?;
        // A commitment over a level that is not final may be made anew. Nor is one made by this node
        // older than what is cemented.
        let committed = committed.unwrap_or(cemented).min(finalized).max(cemented);
        Ok(Settled { head, finalized, committed, cemented })
    }

    /// A value of durable storage at a block, `None` if there is none.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn value(&self, block: &str, key: &str) -> Result<Option<Vec<u8>>, RpcError> {
        let path = format!("/global/block/{block}/durable/wasm_2_0_0/value?key={key}");
        let text: Option<String> = self.get(&path)?;
        let bytes = text.map(hex::decode).transpose();
        bytes.map_err(|_| RpcError::Shape { path, problem: "not hexadecimal".to_owned() })
    }

    /// The values right below a path of durable storage at a block, with their names.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn values(&self, block: &str, key: &str) -> Result<Vec<(String, Vec<u8>)>, RpcError> {
        let path = format!("/global/block/{block}/durable/wasm_2_0_0/values?key={key}");
        let all: Vec<Value> = self.get(&path)?;
        let one = |value: &Value| {
            let (name, bytes) = (value["key"].as_str()?, value["value"].as_str()?);
            // Whole paths or names alone: of either, what is deeper is not wanted.
            let name = name.strip_prefix(key).unwrap_or(name).trim_start_matches('/');
            let wanted = !name.is_empty() && !name.contains('/');
            wanted.then(|| Some((name.to_owned(), hex::decode(bytes).ok()?)))?
        };
        Ok(all.iter().filter_map(one).collect())
    }

    /// The names below a path of durable storage at a block, in no particular order.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn subkeys(&self, block: &str, key: &str) -> Result<Vec<String>, RpcError> {
        self.get(&format!("/global/block/{block}/durable/wasm_2_0_0/subkeys?key={key}"))
    }

    /// The messages of an outbox as JSON, as known at a block.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn outbox(&self, block: &str, level: Level) -> Result<Vec<Value>, RpcError> {
        self.get(&format!("/global/block/{block}/outbox/{level}/messages"))
    }

    /// Gives external messages, without their tags, to the node's batcher. Returns its name for each.
    ///
    /// # Errors
    /// As for [`Self::get`]. Where there are more than one request takes, some may have been taken.
    pub fn inject(&self, messages: &[Vec<u8>]) -> Result<Vec<String>, RpcError> {
        let mut ids = Vec::with_capacity(messages.len());
        for some in messages.chunks(MESSAGES_PER_REQUEST) {
            let texts: Vec<String> = some.iter().map(hex::encode).collect();
            let new: Vec<String> = self.post("/local/batcher/injection", &json!(texts))?;
            ids.extend(new);
        }
        Ok(ids)
    }

    /// The external messages, without their tags, that wait in the node's batcher. What is in the
    /// batcher's answer in another form than ours and Octez's is passed over.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn waiting(&self) -> Result<Vec<Vec<u8>>, RpcError> {
        let queue: Vec<Value> = self.get("/local/batcher/queue")?;
        let payload = |entry: &Value| {
            let message = &entry["message"];
            let text = message["content"].as_str().or(message.as_str())?;
            hex::decode(text).ok()
        };
        Ok(queue.iter().filter_map(payload).collect())
    }

    /// What the batcher says of a message.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn queued(&self, id: &str) -> Result<Queued, RpcError> {
        let answer: Value = self.get(&format!("/local/batcher/queue/{id}"))?;
        Ok(match answer["status"].as_str().unwrap_or_default() {
            "unknown" => Queued::Unknown,
            "pending_batch" | "pending_injection" | "injected" => Queued::Pending,
            "included" => Queued::Included,
            "committed" => Queued::Committed,
            other => Queued::Other(other.to_owned()),
        })
    }

    /// Whether it is the sandbox of `toru dev`, where nothing is worth anything.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub fn is_sandbox(&self) -> Result<bool, RpcError> {
        match self.get::<Value>("/version") {
            Ok(version) => Ok(version["sandbox"] == true),
            Err(RpcError::Connection { endpoint, source }) => {
                Err(RpcError::Connection { endpoint, source })
            }
            Err(_) => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        for (given, expected) in [
            ("127.0.0.1:8932", "http://127.0.0.1:8932"),
            ("http://localhost:1/", "http://localhost:1"),
            ("https://node.example/rollup", "https://node.example/rollup"),
        ] {
            assert_eq!(Node::new(given).unwrap().endpoint(), expected);
        }
        for given in ["", "ftp://x", "http://", "http://a b", "http://me:secret@x", "http://x/?q"] {
            assert!(matches!(Node::new(given), Err(RpcError::Endpoint(_))), "{given}");
        }
    }
}
