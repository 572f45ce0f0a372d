//! The sandbox's own endpoints: `/dev/…`. No rollup node has them.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::Deserialize;
use serde_json::{Value, json};
use store::Place;

use crate::base58::{self, read_contract, read_implicit};
use crate::chain::{Chain, Prospect};
use crate::error::NodeError;
use crate::http::Request;
use crate::limits::MAX_LEVELS_PER_REQUEST;
use crate::queue::at_most;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mine {
    levels: u32,
}

/// A contract's call of the rollup.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deposit {
    /// Micheline in hex, as layer 1 writes it.
    payload: String,
    /// `KT1…`
    sender: String,
    /// `tz1…`
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Snapshot {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revert {
    /// A level, or the name of a snapshot, neither of which can be taken for the other.
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Execute {
    outbox_level: i32,
    message_index: u32,
}

pub(super) fn answer(
    chain: &mut Chain,
    request: &Request,
    rest: &[&str],
    stop: &AtomicBool,
) -> Result<Value, NodeError> {
    match rest {
        ["outbox", level] => {
            request.only("GET")?;
            request.queries(&[])?;
            let level = level
                .parse()
                .map_err(|_| NodeError::malformed("outbox level", level, "a level"))?;
            return Ok(chain.prospects(level)?.iter().map(prospect).collect());
        }
        ["mine" | "deposit" | "snapshot" | "revert" | "execute" | "stop"] => {}
        _ => return Err(request.unknown()),
    }
    request.only("POST")?;
    request.queries(&[])?;
    match rest {
        ["mine"] => {
            let Mine { levels } = request.json()?;
            let limit = usize::try_from(MAX_LEVELS_PER_REQUEST).unwrap_or(usize::MAX);
            at_most("levels", usize::try_from(levels).unwrap_or(usize::MAX), limit)?;
            for _ in 0..levels {
                chain.bake()?;
            }
            head(chain)
        }
        ["deposit"] => {
            let Deposit { payload, sender, source } = request.json()?;
            let payload = hex::decode(&payload)
                .map_err(|_| NodeError::malformed("payload", &payload, "hex"))?;
            let id =
                chain.transfer(&payload, &read_contract(&sender)?, &read_implicit(&source)?)?;
            Ok(json!({"id": base58::message(&id)}))
        }
        ["snapshot"] => {
            let Snapshot { name } = request.json()?;
            chain.snapshot(&name)?;
            head(chain)
        }
        ["revert"] => {
            let Revert { to } = request.json()?;
            chain.revert(to.parse().map_or(Place::Snapshot(&to), Place::Level))?;
            head(chain)
        }
        ["stop"] => {
            stop.store(true, Ordering::SeqCst);
            head(chain)
        }
        _ => {
            let Execute { outbox_level, message_index } = request.json()?;
            let message = chain.execute(outbox_level, message_index)?;
            Ok(json!({
                "executed_at": chain.head(),
                "message": chain.describe(&message),
                "bytes": hex::encode(message),
            }))
        }
    }
}

fn head(chain: &Chain) -> Result<Value, NodeError> {
    Ok(json!({"level": chain.head(), "hash": base58::block(&chain.hash(chain.head())?)}))
}

fn prospect(prospect: &Prospect) -> Value {
    json!({
        "message_index": prospect.index,
        "understood": prospect.understood,
        "executable_from": prospect.executable_from,
        "expires": prospect.expires,
        "executed_at": prospect.executed,
    })
}
