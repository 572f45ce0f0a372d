//! Durable storage at the end of a block: `/global/block/{block}/durable/wasm_2_0_0/…`.

use pvm::Durable;
use serde_json::{Value, json};

use super::block::level_of;
use super::{Asked, Served};
use crate::desk::Desk;
use crate::error::NodeError;
use crate::limits::MAX_ANSWER_BYTES;
use crate::queue::at_most;

type Result<T> = std::result::Result<T, NodeError>;

/// The storage and the path that are asked about.
fn at<'a>(desk: &Desk<'_>, asked: &'a Asked<'_>) -> Result<(Durable, &'a str)> {
    let wrong = |key| NodeError::malformed("key", key, "a path: ?key=/step/step");
    let key = asked.query("key").ok_or_else(|| wrong(""))?;
    if !is_path(key) {
        return Err(wrong(key));
    }
    Ok((desk.chain.durable(level_of(desk, asked)?)?, key))
}

/// Whether a text is a path.
pub(super) fn is_path(key: &str) -> bool {
    // Deleting what is not there costs nothing and says so.
    Durable::default().delete(key).is_ok()
}

/// A value as hex, if it is not too long for an answer.
pub(super) fn shown(durable: &Durable, key: &str) -> Result<Value> {
    let Some(value) = durable.get(key) else { return Ok(Value::Null) };
    at_most("bytes of durable storage in an answer", value.len(), MAX_ANSWER_BYTES)?;
    Ok(json!(hex::encode(value)))
}

pub(super) fn value(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let (durable, key) = at(desk, asked)?;
    shown(&durable, key).map(Served::from)
}

pub(super) fn length(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let (durable, key) = at(desk, asked)?;
    Ok(json!(durable.get(key).map(|value| value.len().to_string())).into())
}

pub(super) fn subkeys(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let (durable, key) = at(desk, asked)?;
    Ok(json!(durable.subkeys(key)).into())
}

pub(super) fn values(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let (durable, key) = at(desk, asked)?;
    let mut bytes = 0_usize;
    let mut values = Vec::new();
    for (path, value) in durable.values_under(key) {
        bytes = bytes.saturating_add(path.len()).saturating_add(value.len());
        at_most("bytes of durable storage in an answer", bytes, MAX_ANSWER_BYTES)?;
        values.push(json!({"key": path, "value": hex::encode(value)}));
    }
    Ok(Value::Array(values).into())
}
