//! Simulations: the level after the head, played and forgotten.

use serde::Deserialize;
use serde_json::{Value, json};

use super::durable::{is_path, shown};
use super::{Asked, Served, all_bytes};
use crate::base58;
use crate::commitment::state_hash;
use crate::desk::Desk;
use crate::error::NodeError;
use crate::limits::{MAX_ANSWER_BYTES, MAX_INSIGHTS_PER_REQUEST};
use crate::queue::at_most;
use crate::shapes;

/// What a simulation is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Simulation {
    messages: Vec<String>,
    #[serde(default)]
    reveal_pages: Option<Vec<String>>,
    #[serde(default)]
    insight_requests: Vec<Insight>,
    /// Where Octez's node would write what the kernel says. Nothing is written here for a request.
    #[serde(default, rename = "log_kernel_debug_file")]
    _log_kernel_debug_file: Option<String>,
}

/// A value that is to be looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Insight {
    kind: Kind,
    /// The steps of its path.
    key: Vec<String>,
}

/// Where it is. Of the other kind that Octez has, the PVM's own state, nothing is here.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    DurableStorage,
}

pub(super) fn simulate(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served, NodeError> {
    // The level after the head is the one that can be played.
    let block = asked.parameter(0);
    if block != "head" {
        let expected = "head, which simulations go on from";
        return Err(NodeError::malformed("block", block, expected));
    }
    let body: Simulation = asked.body()?;
    let insights = body.insight_requests;
    at_most("insights in a request", insights.len(), MAX_INSIGHTS_PER_REQUEST)?;
    let path = |insight: &Insight| match insight.kind {
        Kind::DurableStorage => {
            let path: String = insight.key.iter().map(|step| format!("/{step}")).collect();
            let is_one = is_path(&path);
            is_one.then_some(path).ok_or_else(|| {
                NodeError::malformed("key", &insight.key.join("/"), "the steps of a path")
            })
        }
    };
    let paths = insights.iter().map(path).collect::<Result<Vec<String>, NodeError>>()?;
    let messages = all_bytes("a message", &body.messages)?;
    let pages = all_bytes("a page", &body.reveal_pages.unwrap_or_default())?;
    let simulated = desk.chain.simulate(&messages, pages)?;
    let mut bytes = 0_usize;
    let mut insights = Vec::with_capacity(paths.len());
    for path in &paths {
        let value = shown(&simulated.durable, path)?;
        bytes = bytes.saturating_add(value.as_str().map_or(0, |hex| hex.len() / 2));
        at_most("bytes of insights in an answer", bytes, MAX_ANSWER_BYTES)?;
        insights.push(value);
    }
    let report = &simulated.report;
    let status = match &report.status {
        pvm::Status::Running => "Waiting for input message".to_owned(),
        pvm::Status::Stuck(why) => format!("Stuck: {why}"),
    };
    Ok(json!({
        "state_hash": base58::state(&state_hash(&simulated.block)),
        "status": status,
        "output": shapes::outbox(desk.chain, report.level, &report.outbox),
        "inbox_level": report.level,
        "num_ticks": report.padded_ticks().to_string(),
        "insights": Value::Array(insights),
    })
    .into())
}
