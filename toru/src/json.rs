//! `toru run --json`: one object, for programs.

use std::collections::BTreeMap;

use encoding::RollupAddress;
use explain::results::ResultEntry;
use serde::Serialize;

use crate::run_levels::{RunResult, Trap};
use crate::view::{self, Balance, Inbox, UnreadableState};
use layer1::address::Address;

/// The code of the kernel is left out of `durable`: half a megabyte that says nothing.
const NOT_SHOWN: [&str; 2] = ["/kernel/boot.wasm", "/readonly/kernel/boot.wasm"];

#[derive(Serialize)]
struct Report<'a> {
    levels: Vec<Level<'a>>,
    balances: Vec<Balance>,
    counters: BTreeMap<String, u64>,
    durable: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Level<'a> {
    level: i32,
    runs: usize,
    stuck: bool,
    stuck_for_good: Option<&'a str>,
    traps: &'a [Trap],
    instructions: Option<u64>,
    ticks: Option<u64>,
    refutation_seconds: Option<u64>,
    default_node: Option<String>,
    state_hash: Option<&'a str>,
    outbox: Vec<String>,
    debug: &'a [String],
    debug_dropped: usize,
    results: Vec<ResultEntry>,
}

/// The object as text. With a foreign kernel (`!ours`) what only ours has is empty.
pub fn render(result: &RunResult, ours: bool, rollup: &Address) -> Result<String, UnreadableState> {
    let mut levels = Vec::with_capacity(result.levels.len());
    let mut before = &result.origin;
    let sent = Inbox { levels: &result.levels, rollup: RollupAddress(rollup.hash) };
    for level in &result.levels {
        levels.push(Level {
            level: level.level,
            runs: level.runs,
            stuck: level.stuck,
            stuck_for_good: level.stuck_for_good.as_deref(),
            traps: &level.traps,
            instructions: level.instructions,
            ticks: level.ticks,
            refutation_seconds: level.refutation_seconds,
            default_node: level.default_node.clone(),
            state_hash: level.state_hash.as_deref(),
            outbox: level.outbox.iter().map(hex::encode).collect(),
            debug: &level.log.lines,
            debug_dropped: level.log.dropped,
            results: match ours {
                true => view::outcomes(before, &level.durable, &sent)?,
                false => Vec::new(),
            },
        });
        before = &level.durable;
    }
    let state = if ours { view::state(&result.durable)? } else { view::State::default() };
    let report = Report {
        levels,
        balances: state.balances,
        counters: state.counters,
        durable: result
            .durable
            .iter_values()
            .filter(|(path, _)| !NOT_SHOWN.contains(&path.as_str()))
            .map(|(path, value)| (path, hex::encode(value)))
            .collect(),
    };
    // There is nothing in it that JSON could not say.
    let mut text = serde_json::to_string(&report).unwrap_or_default();
    text.push('\n');
    Ok(text)
}
