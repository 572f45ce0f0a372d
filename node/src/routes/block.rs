//! What is told about a block: `/global/block/{block}/…`.

use pvm::Durable;
use serde::Deserialize;
use serde_json::{Value, json};

use super::messages;
use crate::base58;
use crate::chain::Chain;
use crate::error::NodeError;
use crate::http::Request;
use crate::limits::MAX_ANSWER_BYTES;
use crate::queue::at_most;

/// Messages that the protocol puts into each inbox: its start, the information, its end.
const PROTOCOL_MESSAGES: u32 = 3;

pub(super) fn answer(
    chain: &mut Chain,
    request: &Request,
    block: &str,
    rest: &[&str],
) -> Result<Value, NodeError> {
    if rest == ["simulate"] {
        request.only("POST")?;
        request.queries(&[])?;
        // The level after the head is the one that can be played.
        return match block {
            "head" => simulate(chain, request),
            _ => Err(NodeError::malformed("block", block, "head, which simulations go on from")),
        };
    }
    let known = matches!(
        rest,
        [] | ["hash" | "level" | "inbox" | "num_messages" | "ticks" | "status"]
            | ["durable", "wasm_2_0_0", "value" | "length" | "subkeys" | "values"]
            | ["outbox", _, "messages"]
    );
    if !known {
        return Err(request.unknown());
    }
    request.only("GET")?;
    let level = chain.resolve(block)?;
    if let ["durable", _, what] = rest {
        request.queries(&["key"])?;
        return durable(&chain.durable(level)?, what, request.value("key"));
    }
    request.queries(&[])?;
    let summary = || chain.summary(level)?.ok_or(NodeError::NoInbox(level));
    Ok(match rest {
        ["hash"] => json!(base58::block(&chain.hash(level)?)),
        ["level"] => json!(level),
        ["num_messages"] => {
            json!(summary()?.messages.saturating_add(PROTOCOL_MESSAGES).to_string())
        }
        ["inbox"] => {
            let summary = summary()?;
            json!({
                "level": level,
                "simulation": {
                    "messages": summary.messages,
                    "unread": summary.unread,
                    "blake2b": hex::encode(summary.inbox),
                },
            })
        }
        ["ticks"] => json!(chain.ticks(level)?.to_string()),
        ["status"] => json!(chain.status(level)?),
        ["outbox", outbox, _] => {
            let outbox: i32 = outbox
                .parse()
                .map_err(|_| NodeError::malformed("outbox level", outbox, "a level"))?;
            // The block knows nothing of later levels.
            if outbox > level {
                json!([])
            } else {
                outbox_json(chain, outbox, &chain.outbox(outbox)?)
            }
        }
        _ => {
            let mut told = json!({
                "block_hash": base58::block(&chain.hash(level)?),
                "level": level,
            });
            if level > chain.store().oldest()? {
                told["predecessor"] = json!(base58::block(&chain.hash(level.saturating_sub(1))?));
                told["num_ticks"] = json!(chain.ticks(level)?.to_string());
            }
            told
        }
    })
}

/// An outbox in the shape that Octez's node gives it.
fn outbox_json(chain: &Chain, level: i32, outbox: &[Vec<u8>]) -> Value {
    let message = |(index, message): (u32, &Vec<u8>)| {
        let mut shown = json!({"outbox_level": level, "message_index": index.to_string()});
        match chain.describe(message) {
            Some(described) => shown["message"] = described,
            // Layer 1 skips it, and there are no words for it.
            None => shown["unknown"] = json!(hex::encode(message)),
        }
        shown
    };
    (0..).zip(outbox).map(message).collect()
}

fn durable(durable: &Durable, what: &str, key: Option<&str>) -> Result<Value, NodeError> {
    let key = key.ok_or_else(|| NodeError::malformed("key", "", "a path: ?key=/step/step"))?;
    // Deleting what is not there costs nothing and says whether it is a path.
    if Durable::default().delete(key).is_err() {
        return Err(NodeError::malformed("key", key, "a path: ?key=/step/step"));
    }
    let mut bytes = 0_usize;
    let mut count = |more: usize| {
        bytes = bytes.saturating_add(more);
        at_most("bytes of durable storage in an answer", bytes, MAX_ANSWER_BYTES)
    };
    Ok(match what {
        "subkeys" => json!(durable.subkeys(key)),
        "values" => {
            let mut values = Vec::new();
            for (path, value) in durable.values_under(key) {
                count(path.len().saturating_add(value.len()))?;
                values.push(json!({"key": path, "value": hex::encode(value)}));
            }
            Value::Array(values)
        }
        "length" => json!(durable.get(key).map(|value| value.len().to_string())),
        _ => match durable.get(key) {
            None => Value::Null,
            Some(value) => {
                count(value.len())?;
                json!(hex::encode(value))
            }
        },
    })
}

/// What a simulation is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Simulation {
    messages: Vec<String>,
    #[serde(default)]
    reveal_pages: Option<Vec<String>>,
    #[serde(default)]
    insight_requests: Vec<Value>,
}

fn simulate(chain: &mut Chain, request: &Request) -> Result<Value, NodeError> {
    let asked: Simulation = request.json()?;
    if !asked.insight_requests.is_empty() || asked.reveal_pages.is_some_and(|all| !all.is_empty()) {
        let message = "reveal_pages and insight_requests are not served here";
        return Err(NodeError::Body(message.to_owned()));
    }
    let report = chain.simulate(&messages(&asked.messages)?)?;
    let status = match &report.status {
        pvm::Status::Running => "Waiting for input message".to_owned(),
        pvm::Status::Stuck(why) => format!("Stuck: {why}"),
    };
    Ok(json!({
        // States have no hash here.
        "state_hash": null,
        "status": status,
        "output": outbox_json(chain, report.level, &report.outbox),
        "inbox_level": report.level,
        "num_ticks": report.padded_ticks().to_string(),
        "insights": [],
    }))
}
