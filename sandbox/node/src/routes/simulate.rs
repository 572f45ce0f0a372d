//! Simulations: the level after the head, played and forgotten.

use super::RequestContext;
use super::durable::{is_path, shown};
use super::request::read_hex;
use crate::error::NodeError;
use crate::limits::{MAX_ANSWER_BYTES, MAX_INSIGHTS_PER_REQUEST, at_most};
use crate::service::NodeService;
use crate::shapes::{
    Count, Insight, InsightKind, OutboxMessage, Simulated, Simulation, StateHash, WholeMessage,
};

type Result<T> = std::result::Result<T, NodeError>;

/// The path of a value that is to be recent at.
fn path(insight: &Insight) -> Result<String> {
    match insight.kind {
        InsightKind::DurableStorage => {
            let path: String = insight.key.iter().map(|step| format!("/{step}")).collect();
            let is_one = is_path(&path);
            is_one.then_some(path).ok_or_else(|| {
                NodeError::malformed("key", &insight.key.join("/"), "the steps of a path")
            })
        }
    }
}

fn all_bytes(what: &'static str, texts: &[WholeMessage]) -> Result<Vec<Vec<u8>>> {
    texts.iter().map(|text| read_hex(what, &text.0)).collect()
}

pub(super) fn simulate(
    service: &mut NodeService<'_>,
    request: &RequestContext,
    body: Simulation,
) -> Result<Simulated> {
    // The level after the head is the one that can be played.
    let block = request.parameter(0);
    if block != "head" {
        let expected = "head, which simulations go on from";
        return Err(NodeError::malformed("block", block, expected));
    }
    let insights = body.insight_requests;
    at_most("insights in a request", insights.len(), MAX_INSIGHTS_PER_REQUEST)?;
    let paths = insights.iter().map(path).collect::<Result<Vec<String>>>()?;
    let messages = all_bytes("a message", &body.messages)?;
    let pages = all_bytes("a page", &body.reveal_pages.unwrap_or_default())?;
    let simulated = service.chain.simulate(&messages, pages)?;
    let mut bytes = 0_usize;
    let mut insights = Vec::with_capacity(paths.len());
    for path in &paths {
        let value = shown(&simulated.durable, path)?;
        bytes = bytes.saturating_add(value.as_ref().map_or(0, |hex| hex.0.len() / 2));
        at_most("bytes of insights in an answer", bytes, MAX_ANSWER_BYTES)?;
        insights.push(value);
    }
    let report = &simulated.report;
    let status = match &report.status {
        pvm::Status::Running => "Waiting for input message".to_owned(),
        pvm::Status::Stuck(why) => format!("Stuck: {why}"),
    };
    Ok(Simulated {
        state_hash: simulated.state.as_ref().map(StateHash::of),
        status,
        output: OutboxMessage::all(service.chain, report.level, &report.outbox),
        inbox_level: report.level,
        num_ticks: Count::of(report.padded_ticks()),
        insights,
    })
}
