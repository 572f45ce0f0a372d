//! What is kept, for people and for programs.

use std::collections::BTreeMap;

use comfy_table::{Cell, CellAlignment, Row, Table, presets};
use pvm::Status;
use serde::Serialize;
use store::{LevelSummary, Store, StoreError};

use crate::error::Failure;
use explain::text::grouped;
use layer1::address::{Address, Kind};
use layer1::hashes::STATE;
use layer1::plain::one_line;

/// The object that `--json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    rollup: String,
    origination_level: i32,
    native: bool,
    next_level: Option<i32>,
    oldest: i32,
    last: i32,
    state_hash: Option<String>,
    stuck: Option<String>,
    values: usize,
    bytes: usize,
    snapshots: BTreeMap<String, i32>,
    levels: Vec<Level>,
}

#[derive(Debug, Serialize)]
struct Level {
    level: i32,
    runs: u32,
    instructions: Option<u64>,
    host_calls: u64,
    messages: u32,
    inbox: String,
    unread: u32,
    outbox: u32,
    stuck: bool,
    forced_yield: bool,
    state_hash: Option<String>,
    tick: Option<u64>,
}

impl From<LevelSummary> for Level {
    fn from(summary: LevelSummary) -> Self {
        Self {
            level: summary.level,
            runs: summary.runs,
            instructions: summary.instructions,
            host_calls: summary.host_calls,
            messages: summary.messages,
            inbox: hex::encode(summary.inbox),
            unread: summary.unread,
            outbox: summary.outbox,
            stuck: summary.stuck,
            forced_yield: summary.forced_yield,
            state_hash: summary.state.map(|known| STATE.text(&known.hash)),
            tick: summary.state.map(|known| known.tick),
        }
    }
}

impl Report {
    /// That of a store, with so many of its last levels.
    pub(crate) fn of(store: &Store, levels: u32) -> Result<Self, StoreError> {
        let identity = store.identity();
        let last = store.last();
        let levels = match levels.checked_sub(1) {
            None => Vec::new(),
            Some(before) => store.levels(last.saturating_sub_unsigned(before)..)?,
        };
        let sizes = store.durable().iter_values().map(|(_, value)| value.len());
        let (values, bytes) = sizes.fold((0, 0), |(count, sum), size| (count + 1, sum + size));
        Ok(Self {
            rollup: Address { kind: Kind::Rollup, hash: identity.rollup }.to_string(),
            origination_level: identity.origination_level,
            native: identity.fixed_kernel,
            next_level: store.next_level(),
            oldest: store.oldest()?,
            last,
            state_hash: store.known_state().map(|known| STATE.text(&known.hash)),
            stuck: match store.status() {
                Status::Running => None,
                Status::Stuck(reason) => Some(reason.clone()),
            },
            values,
            bytes,
            snapshots: store.snapshots()?.into_iter().collect(),
            levels: levels.into_iter().map(Level::from).collect(),
        })
    }

    /// The object as text.
    pub(crate) fn json(&self) -> Result<String, Failure> {
        let mut text = serde_json::to_string(self)
            .map_err(|error| Failure::internal(format!("cannot write JSON: {error}")))?;
        text.push('\n');
        Ok(text)
    }

    /// Lines, and tables below them.
    pub(crate) fn table(&self) -> String {
        let kernel = if self.native { "native" } else { "in its storage" };
        let next = self.next_level.map_or("none: the last has been played".to_owned(), |level| {
            grouped(&level.to_string())
        });
        let runs = match &self.stuck {
            None => "runs".to_owned(),
            Some(reason) => format!("will never run again: {}", one_line(reason)),
        };
        let mut out = format!(
            "rollup      {}, originated at level {}\n\
             kernel      {kernel}, {runs}\n\
             next level  {next}\n\
             history     back to the end of level {}\n\
             state hash  {}\n\
             storage     {} values, {} bytes\n",
            self.rollup,
            self.origination_level,
            self.oldest,
            self.state_hash.as_deref().unwrap_or("not known"),
            grouped(&self.values.to_string()),
            grouped(&self.bytes.to_string()),
        );
        let snapshots = self
            .snapshots
            .iter()
            .map(|(name, level)| Row::from(vec![Cell::new(name), number(&level.to_string())]));
        push(&mut out, &["snapshot", "level"], snapshots.collect());
        let levels = self.levels.iter().map(|level| {
            let instructions = level.instructions.map(|count| grouped(&count.to_string()));
            let ended = match (level.stuck, level.forced_yield) {
                (true, _) => "STUCK",
                (false, true) => "ended by the PVM",
                (false, false) => "",
            };
            Row::from(vec![
                number(&level.level.to_string()),
                number(&level.messages.to_string()),
                number(&level.runs.to_string()),
                number(&instructions.unwrap_or_default()),
                number(&level.outbox.to_string()),
                Cell::new(ended),
            ])
        });
        let titles = ["level", "messages", "runs", "instructions", "outbox", ""];
        push(&mut out, &titles, levels.collect());
        out
    }
}

fn number(text: &str) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

fn push(out: &mut String, titles: &[&str], rows: Vec<Row>) {
    if rows.is_empty() {
        return;
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_header(titles.iter().copied());
    rows.into_iter().for_each(|row| {
        table.add_row(row);
    });
    out.push_str(&format!("{table}\n"));
}
