//! What is served where: the paths and shapes of Octez's rollup node, and the sandbox's own.

mod block;
mod dev;
mod openapi;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::base58;
use crate::chain::Chain;
use crate::error::NodeError;
use crate::http::{Answer, Request};
use crate::queue::Fate;
use crate::server::Options;

/// Answers a request.
pub(crate) fn answer(chain: &mut Chain, request: &Request, options: &Options) -> Answer {
    let path = request.path.trim_end_matches('/');
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match route(chain, request, &segments, options) {
        Ok(body) => Answer { status: 200, body },
        Err(error) => self::error(&error),
    }
}

/// An error as it is answered.
pub(crate) fn error(error: &NodeError) -> Answer {
    Answer::error(error.status(), error.word(), &error.to_string())
}

fn route(
    chain: &mut Chain,
    request: &Request,
    segments: &[&str],
    options: &Options,
) -> Result<Value, NodeError> {
    match segments {
        ["global", "block", block, rest @ ..] => block::answer(chain, request, block, rest),
        ["dev", rest @ ..] if options.dev => dev::answer(chain, request, rest, &options.stop),
        ["local", "batcher", "injection"] => {
            request.only("POST")?;
            inject(chain, request)
        }
        _ => {
            let value = read(chain, segments, options.dev)?.ok_or_else(|| request.unknown())?;
            request.only("GET")?;
            request.queries(&[])?;
            Ok(value)
        }
    }
}

/// What is read at fixed paths.
fn read(chain: &Chain, segments: &[&str], dev: bool) -> Result<Option<Value>, NodeError> {
    Ok(Some(match segments {
        ["global", "smart_rollup_address"] => {
            json!(base58::rollup(&chain.store().identity().rollup))
        }
        ["global", "tezos_head"] => json!(base58::block(&chain.hash(chain.head())?)),
        ["global", "tezos_level"] => json!(chain.head()),
        ["local", "batcher", "queue"] => {
            let waiting = chain.queue().waiting();
            let shown = waiting.map(|(id, payload)| {
                json!({"id": base58::message(id), "message": {"content": hex::encode(payload)}})
            });
            shown.collect()
        }
        ["local", "batcher", "queue", id] => fate(chain, id)?,
        ["health"] => json!({"healthy": true}),
        ["ping"] => Value::Null,
        ["version"] => json!({"version": env!("CARGO_PKG_VERSION"), "sandbox": true}),
        ["openapi"] => openapi::document(dev),
        _ => return Ok(None),
    }))
}

fn inject(chain: &mut Chain, request: &Request) -> Result<Value, NodeError> {
    request.queries(&["drop_duplicate"])?;
    let drop_duplicates = match request.value("drop_duplicate") {
        None | Some("false") => false,
        Some("" | "true") => true,
        Some(other) => return Err(NodeError::malformed("drop_duplicate", other, "true or false")),
    };
    let payloads = messages(&request.json::<Vec<String>>()?)?;
    let ids = chain.queue_mut().inject(&payloads, drop_duplicates)?;
    Ok(ids.iter().map(|id| Value::from(base58::message(id))).collect())
}

fn fate(chain: &Chain, id: &str) -> Result<Value, NodeError> {
    let hash = base58::read_message(id)
        .ok_or_else(|| NodeError::malformed("id", id, "the id scmsg… of a message"))?;
    Ok(match chain.queue().fate(&hash) {
        None => json!({"status": "unknown"}),
        Some(Fate::Waiting) => json!({"status": "pending_batch"}),
        Some(Fate::Included { level }) => {
            let committed = chain.rules().last_committed(chain.head()) >= level;
            json!({"status": if committed { "committed" } else { "included" }, "level": level})
        }
    })
}

/// Messages in hex.
fn messages(texts: &[String]) -> Result<Vec<Vec<u8>>, NodeError> {
    let message = |text: &String| {
        hex::decode(text).map_err(|_| NodeError::malformed("a message", text, "hex"))
    };
    texts.iter().map(message).collect()
}

impl Request {
    /// Refuses other methods.
    fn only(&self, allowed: &'static str) -> Result<(), NodeError> {
        if self.method == allowed {
            Ok(())
        } else {
            Err(NodeError::Method { path: self.path.clone(), allowed })
        }
    }

    /// Refuses other queries.
    fn queries(&self, known: &[&str]) -> Result<(), NodeError> {
        let other = self.query.iter().find(|(name, _)| !known.contains(&name.as_str()));
        other.map_or(Ok(()), |(name, _)| Err(NodeError::Query(name.chars().take(80).collect())))
    }

    /// The value of a query.
    fn value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The body.
    fn json<T: DeserializeOwned>(&self) -> Result<T, NodeError> {
        serde_json::from_slice(&self.body).map_err(|error| NodeError::Body(error.to_string()))
    }

    /// That nothing is here.
    fn unknown(&self) -> NodeError {
        NodeError::NoEndpoint(self.path.chars().take(200).collect())
    }
}
