//! `toru run` for people: level by level, what came in, what became of it, what changed.

mod grid;
mod inbox;

use std::collections::BTreeMap;

use comfy_table::{Cell, CellAlignment, Row};
use encoding::RollupAddress;

use crate::run_levels::{LevelResult, RunResult};
use crate::view::{self, Balance, Inbox, State, UnreadableState};
use explain::text::{grouped, shortened};
use grid::{new_table, push};
use layer1::address::Address;
use layer1::michelson;
use layer1::outbox::{self, Call, OutboxMessage};

/// Everything that came out of a run. With a foreign kernel (`!ours`) balances and outcomes are unknown.
pub fn render(result: &RunResult, ours: bool, rollup: &Address) -> Result<String, UnreadableState> {
    let mut out = String::new();
    let mut before = &result.origin;
    let sent = Inbox { levels: &result.levels, rollup: RollupAddress(rollup.hash) };
    for level in &result.levels {
        out.push_str(&heading(level));
        for note in &level.notes {
            out.push_str(&format!("  {note}\n"));
        }
        if ours {
            let outcomes = view::outcomes(before, &level.durable, &sent)?;
            out.push_str(&inbox::ours(level, &outcomes, rollup));
            changes(&view::state(before)?, &view::state(&level.durable)?, &mut out);
        } else {
            out.push_str(&inbox::foreign(level, rollup));
        }
        outbox(level, &mut out);
        out.push('\n');
        before = &level.durable;
    }
    if result.levels.is_empty() {
        out.push_str("no levels\n");
    }
    Ok(out)
}

fn heading(level: &LevelResult) -> String {
    let runs = if level.runs == 1 { "1 run".to_owned() } else { format!("{} runs", level.runs) };
    let instructions = match level.instructions {
        Some(count) => format!(", {} instructions", grouped(&count.to_string())),
        None => String::new(),
    };
    let ticks = match level.ticks {
        Some(count) => format!(", some {} ticks", grouped(&count.to_string())),
        None => String::new(),
    };
    let refutation = match level.refutation_seconds {
        None | Some(0) => String::new(),
        Some(seconds) => format!(", {} in a dispute", duration(seconds)),
    };
    let stuck = if level.stuck { ", STUCK" } else { "" };
    format!("Level {}: {runs}{instructions}{ticks}{refutation}{stuck}\n", level.level)
}

/// A number of seconds in the largest unit that it fills twice.
fn duration(seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    if seconds >= 2 * HOUR {
        format!("{} h", seconds / HOUR)
    } else if seconds >= 2 * MINUTE {
        format!("{} min", seconds / MINUTE)
    } else {
        format!("{seconds} s")
    }
}

fn number(text: &str) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// The balances that are not what they were.
fn changes(before: &State, after: &State, out: &mut String) {
    type Key<'a> = (&'a str, &'a str, &'a str);
    fn key(balance: &Balance) -> Key<'_> {
        (&balance.account, &balance.ticketer, &balance.content)
    }
    let mut amounts: BTreeMap<Key<'_>, (&str, &str)> = BTreeMap::new();
    for balance in &before.balances {
        amounts.entry(key(balance)).or_insert(("0", "0")).0 = &balance.amount;
    }
    for balance in &after.balances {
        amounts.entry(key(balance)).or_insert(("0", "0")).1 = &balance.amount;
    }
    let mut table = new_table("balances", &["ticketer", "content", "before", "after"]);
    let mut changed = false;
    for ((account, ticketer, content), (old, new)) in amounts {
        if old != new {
            let content = content_text(content);
            table.add_row(Row::from(vec![
                Cell::new(account),
                Cell::new(ticketer),
                Cell::new(content),
                number(&grouped(old)),
                number(&grouped(new)),
            ]));
            changed = true;
        }
    }
    if changed {
        push(&table, out);
    }
}

/// A ticket's content from the hex of its Micheline.
fn content_text(content: &str) -> String {
    match hex::decode(content).ok().and_then(|bytes| michelson::decode(&bytes).ok()) {
        Some(node) => shortened(&michelson::readable(&node)),
        None => shortened(content),
    }
}

fn outbox(level: &LevelResult, out: &mut String) {
    if level.outbox.is_empty() {
        return;
    }
    let mut table =
        new_table("outbox", &["destination", "entrypoint", "ticketer", "content", "amount"]);
    // What is no call with a ticket has no columns: it goes on lines below the table.
    let mut lines = Vec::new();
    for (i, raw) in level.outbox.iter().enumerate() {
        let mut line = |text: String| lines.push(format!("  outbox {i}: {text}\n"));
        match outbox::decode(raw) {
            OutboxMessage::Calls(calls) => {
                for call in &calls {
                    match call_row(&i.to_string(), call) {
                        Some(row) => {
                            table.add_row(row);
                        }
                        None => line(call_line(call)),
                    }
                }
                if calls.is_empty() {
                    line("no calls".to_owned());
                }
            }
            OutboxMessage::Whitelist(None) => line("anybody may commit".to_owned()),
            OutboxMessage::Whitelist(Some(keys)) => {
                let keys: Vec<String> = keys.iter().map(Address::to_string).collect();
                line(format!("only these may commit: {}", keys.join(" ")));
            }
            OutboxMessage::Unknown => {
                line(format!("not understood: {}", shortened(&hex::encode(raw))));
            }
        }
    }
    if !table.is_empty() {
        push(&table, out);
    }
    lines.iter().for_each(|line| out.push_str(line));
}

/// A call that hands over a ticket.
fn call_row(entry: &str, call: &Call) -> Option<Row> {
    let ticket = outbox::ticket(&call.parameters)?;
    Some(Row::from(vec![
        Cell::new(entry),
        Cell::new(call.destination.to_string()),
        Cell::new(entrypoint(call)),
        Cell::new(ticket.ticketer.to_string()),
        Cell::new(shortened(&michelson::readable(ticket.content))),
        number(&grouped(&michelson::text(ticket.amount))),
    ]))
}

/// Any other call.
fn call_line(call: &Call) -> String {
    let parameters = shortened(&michelson::readable(&call.parameters));
    format!("call of {} {} with {parameters}", call.destination, entrypoint(call))
}

fn entrypoint(call: &Call) -> &str {
    if call.entrypoint.is_empty() { "default" } else { &call.entrypoint }
}
