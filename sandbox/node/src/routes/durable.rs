//! Durable storage at the end of a block: `/global/block/{block}/durable/wasm_2_0_0/…`.

use pvm::Durable;

use super::RequestContext;
use super::block::level_of;
use crate::error::NodeError;
use crate::limits::{MAX_ANSWER_BYTES, at_most};
use crate::service::NodeService;
use crate::shapes::{Count, Hex, Key, StoredValue};

type Result<T> = std::result::Result<T, NodeError>;

/// The storage and the path that are asked about.
fn at<'a>(service: &NodeService<'_>, request: &'a RequestContext) -> Result<(Durable, &'a str)> {
    let wrong = |key| NodeError::malformed("key", key, "a path: ?key=/step/step");
    let key = request.query("key").ok_or_else(|| wrong(""))?;
    if !is_path(key) {
        return Err(wrong(key));
    }
    Ok((service.chain.durable(level_of(service, request)?)?, key))
}

/// Whether a text is a path.
pub(super) fn is_path(key: &str) -> bool {
    // Deleting what is not there costs nothing and says so.
    Durable::default().delete(key).is_ok()
}

/// A value as hex, if it is not too long for an answer.
pub(super) fn shown(durable: &Durable, key: &str) -> Result<Option<Hex>> {
    let Some(value) = durable.get(key) else { return Ok(None) };
    at_most("bytes of durable storage in an answer", value.len(), MAX_ANSWER_BYTES)?;
    Ok(Some(Hex::of(&value)))
}

pub(super) fn value(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<Option<Hex>> {
    let (durable, key) = at(service, request)?;
    shown(&durable, key)
}

pub(super) fn length(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<Option<Count>> {
    let (durable, key) = at(service, request)?;
    Ok(durable.get(key).map(|value| Count::of(value.len())))
}

pub(super) fn subkeys(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<Vec<String>> {
    let (durable, key) = at(service, request)?;
    Ok(durable.subkeys(key))
}

pub(super) fn values(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<Vec<StoredValue>> {
    let (durable, key) = at(service, request)?;
    let mut bytes = 0_usize;
    let mut values = Vec::new();
    for (path, value) in durable.values_under(key) {
        bytes = bytes.saturating_add(path.len()).saturating_add(value.len());
        at_most("bytes of durable storage in an answer", bytes, MAX_ANSWER_BYTES)?;
        values.push(StoredValue { key: Key(path), value: Hex::of(&value) });
    }
    Ok(values)
}
