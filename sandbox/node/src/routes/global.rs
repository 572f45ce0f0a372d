//! What is told about the rollup as a whole.

use serde_json::{Value, json};

use super::{Asked, Served};
use crate::base58;
use crate::commitment::Commitment;
use crate::desk::Desk;
use crate::error::NodeError;
use crate::shapes;
use crate::watchers::Which;

type Result<T> = std::result::Result<T, NodeError>;

pub(super) fn address(desk: &mut Desk<'_>, _: &Asked<'_>) -> Result<Served> {
    Ok(json!(base58::rollup(&desk.chain.store().identity().rollup)).into())
}

pub(super) fn head(desk: &mut Desk<'_>, _: &Asked<'_>) -> Result<Served> {
    Ok(json!(base58::block(&desk.chain.hash(desk.chain.head())?)).into())
}

pub(super) fn level(desk: &mut Desk<'_>, _: &Asked<'_>) -> Result<Served> {
    Ok(json!(desk.chain.head()).into())
}

fn or_null(commitment: Option<&Commitment>) -> Served {
    commitment.map_or(Value::Null, shapes::commitment).into()
}

pub(super) fn last_stored(desk: &mut Desk<'_>, _: &Asked<'_>) -> Result<Served> {
    let made_at = desk.chain.rules().last_committed(desk.chain.head());
    Ok(or_null(desk.chain.commitment_at(made_at)))
}

pub(super) fn last_cemented(desk: &mut Desk<'_>, _: &Asked<'_>) -> Result<Served> {
    // Some clients read the commitment, others its level.
    let shown = |cemented| {
        let mut shown = shapes::commitment(cemented);
        shown["level"] = json!(cemented.inbox_level);
        shown
    };
    Ok(desk.chain.last_cemented().map_or(Value::Null, shown).into())
}

pub(super) fn last_published(desk: &mut Desk<'_>, _: &Asked<'_>) -> Result<Served> {
    let chain = &desk.chain;
    let made_at = chain.rules().last_published(chain.head());
    let made = made_at.and_then(|made_at| chain.commitment_at(made_at));
    Ok(made.map_or(Value::Null, |made| shapes::published(chain, made)).into())
}

pub(super) fn commitment(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let text = asked.parameter(0);
    let hash = base58::read_commitment(text)
        .ok_or_else(|| NodeError::malformed("commitment", text, "the hash src1… of one"))?;
    let chain = &desk.chain;
    let made = chain.commitment(&hash);
    Ok(made.map_or(Value::Null, |made| shapes::published(chain, made)).into())
}

pub(super) fn monitor(desk: &mut Desk<'_>, _: &Asked<'_>) -> Result<Served> {
    desk.watch(Which::Head).map(Served::Stream)
}

pub(super) fn monitor_finalized(desk: &mut Desk<'_>, _: &Asked<'_>) -> Result<Served> {
    desk.watch(Which::Final).map(Served::Stream)
}

pub(super) fn synchronized(_: &mut Desk<'_>, _: &Asked<'_>) -> Result<Served> {
    Ok(json!("synchronized").into())
}

pub(super) fn ping(_: &mut Desk<'_>, _: &Asked<'_>) -> Result<Served> {
    Ok(Value::Null.into())
}
