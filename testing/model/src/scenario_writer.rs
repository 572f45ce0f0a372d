//! A workload as a scenario file for `toru test`, with what the model says comes of it.
//!
//! What is in the file is plain words, so that somebody who has never seen the model can read what
//! went wrong; only bytes that no words mean exactly are in hexadecimal.

mod entry;
mod facts;
mod messages;
mod names;
mod outcomes;
mod v2;
mod yaml;

use std::collections::BTreeSet;

use crate::calls::EXIT;
use crate::level::FIRST_INDEX;
use crate::outcome::MessageIndex;
use crate::parsed::{Parsed, Sent, V2Batch};
use crate::script::{LevelResult, Script};
use crate::state::Model;
use crate::trial::crowd;
use crate::wire;
use crate::workload::*;
use entry::{Entry, V2Entry};
use facts::{Facts, facts, sentence};
use outcomes::{kernel, operation_outcome, operation_text, outcome_of};
use yaml::{line, list, scalar};

const KINDS: [Kind; 6] =
    [Kind::Gold, Kind::FoolsGold, Kind::Blank, Kind::Longest, Kind::TooLong, Kind::Token];

/// Everybody whom a v2 batch may have to do with.
fn everybody(workload: &Workload) -> BTreeSet<u8> {
    let registered = workload.levels.iter().flatten().flat_map(|message| match message {
        Message::Compact(compact) => compact.registrations.iter().map(|one| one.of).collect(),
        _ => Vec::new(),
    });
    (0..5).chain(registered).collect()
}

/// The scenario of a workload.
pub fn scenario(title: &str, workload: &Workload) -> String {
    let mut text = format!("scenario: {}\n", scalar(title));
    if !workload.accept_v1 {
        text.push_str("v1: not accepted\n");
    }
    text.push_str("tickets:\n");
    for kind in KINDS {
        text.push_str(&format!("  {}: {}\n", kind.name(), kind.definition()));
    }
    let mut script = Script::new();
    script.model.accept_v1 = workload.accept_v1;
    if workload.exits {
        text.push_str(&format!("exits:\n  mint: {EXIT}\n"));
        script.model.exits = true;
    }
    // So that everybody has a name, whoever is only in bytes too.
    text.push_str("start:\n");
    everybody(workload).into_iter().for_each(|number| {
        line(&mut text, 2, &format!("- {}'s key is unknown", names::name(number)));
    });
    text.push_str("levels:\n");
    for messages in levels(workload) {
        let (level, earlier) = (script.level, script.model.clone());
        let played = script.run_level(&messages);
        self::level(&mut text, level, &played, &earlier, &script.model);
    }
    text
}

/// All levels of a workload. What is left in the queue leaves in a last one, as in a trial.
fn levels(workload: &Workload) -> impl Iterator<Item = Vec<Message>> {
    let before = match workload.start {
        Start::Fresh => Vec::new(),
        Start::Crowded => crowd().to_vec(),
    };
    before.into_iter().chain(workload.levels.clone()).chain([Vec::new()])
}

/// The codes that the model has for what comes of a workload, of messages and of operations.
pub fn codes(workload: &Workload) -> BTreeSet<u16> {
    let mut script = Script::new();
    (script.model.accept_v1, script.model.exits) = (workload.accept_v1, workload.exits);
    levels(workload).for_each(|messages| drop(script.run_level(&messages)));
    let messages = script.model.messages.values().map(|(_, reason)| reason.0);
    let of_batches = script.model.batches.values().flat_map(|(_, lines)| lines.values());
    let of_v2 = of_batches.map(|(reason, _)| reason.0);
    let of_v1 = script.model.operations.values().map(|one| one.reason.0);
    messages.chain(of_v1).chain(of_v2).collect()
}

fn level(text: &mut String, level: i32, played: &LevelResult, before: &Model, after: &Model) {
    line(text, 2, "- messages:");
    if played.sent.is_empty() {
        // A list with nothing in it.
        text.truncate(text.trim_end().len());
        text.push_str(" []\n");
    }
    for (index, sent) in (FIRST_INDEX..).zip(&played.sent) {
        message(text, (level, index), sent, after);
    }
    line(text, 4, "expect:");
    for (message_index, result) in &after.messages {
        if message_index.0 < level && !before.messages.contains_key(message_index) {
            let outcome = scalar(&outcome_of(Some(result)));
            line(text, 6, &format!("- message {}: {outcome}", label(*message_index)));
        }
    }
    let (old, new) = (facts(before), facts(after));
    changes(text, &old, &new);
    let held: Vec<String> = after
        .held
        .iter()
        .map(|held| {
            let paid_back = if held.paid_back { ", paid back" } else { "" };
            format!("{}{paid_back}", scenario::outcome_text("", &kernel(held.reason)))
        })
        .collect();
    list(text, "held deposits", "0", held.into_iter().map(|one| vec![one]));
    let outbox = played.outbox.iter().map(|calls| calls.iter().map(names::call).collect());
    list(text, "outbox", "nothing", outbox);
    line(text, 6, &format!("- messages for others: {}", after.not_ours));
    let rest = if old == new { "nothing changes" } else { "everything else unchanged" };
    line(text, 6, &format!("- {rest}"));
}

fn changes(text: &mut String, old: &Facts, new: &Facts) {
    let keys: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for fact in keys {
        let value = new.get(fact).copied();
        if old.get(fact).copied() != value {
            line(text, 6, &format!("- {}", scalar(&sentence(*fact, value))));
        }
    }
}

fn label(message_index: MessageIndex) -> String {
    format!("m{}-{}", message_index.0, message_index.1)
}

/// A message and what becomes of it in its level.
fn message(text: &mut String, message_index: MessageIndex, sent: &Sent, after: &Model) {
    let result = after.messages.get(&message_index);
    let outcome =
        match (result, after.deferred.iter().any(|one| one.message_index == message_index)) {
            (None, true) => "waiting".to_owned(),
            (result, _) => outcome_of(result),
        };
    match messages::entry(sent, message_index.0) {
        Entry::Sentence(sentence, signed_by) => {
            line(text, 6, &format!("- {}: {}", scalar(&sentence), scalar(&outcome)));
            if let Some(name) = signed_by {
                line(text, 8, &format!("signed by: {name}"));
            }
        }
        Entry::Keys(keys) => {
            for (number, (key, value)) in keys.iter().enumerate() {
                let mark = if number == 0 { "- " } else { "  " };
                // Hexadecimal digits may look like a number.
                let value = match *key {
                    "raw" => format!("\"{value}\""),
                    _ => scalar(value),
                };
                line(text, 6, &format!("{mark}{key}: {value}"));
            }
            line(text, 8, &format!("expect: {}", scalar(&outcome)));
        }
        Entry::Batch { transactions, options } => {
            let Parsed::V1(batch) = &sent.parsed else { return };
            line(text, 6, "- batch:");
            for ((operations, signed_by), signed) in transactions.iter().zip(&batch.transactions) {
                line(text, 12, "- transaction:");
                for (operation, signed) in operations.iter().zip(signed) {
                    let hash =
                        wire::operation_hash(signed.address, signed.counter, &signed.contents);
                    let came_to = operation_outcome(after, message_index, hash);
                    let operation = scalar(operation);
                    line(text, 18, &format!("- {operation}: {}", scalar(&came_to)));
                }
                if let Some(names) = signed_by {
                    line(text, 14, &format!("signed by: [{}]", names.join(", ")));
                }
            }
            self::options(text, options, &outcome);
        }
        Entry::V2(said) => {
            let Parsed::V2(batch) = &sent.parsed else { return };
            compact(text, message_index, batch, &said, after);
            options(text, said.options, &outcome);
        }
    }
    if outcome == "waiting" {
        line(text, 8, &format!("label: {}", label(message_index)));
    }
}

/// What stands beside a batch.
fn options(text: &mut String, options: Vec<(&'static str, String)>, outcome: &str) {
    for (key, value) in options {
        let value = if key == "signature" { scalar(&value) } else { value };
        line(text, 8, &format!("{key}: {value}"));
    }
    line(text, 8, &format!("expect: {}", scalar(outcome)));
}

fn compact(
    text: &mut String,
    message_index: MessageIndex,
    batch: &V2Batch,
    said: &V2Entry,
    after: &Model,
) {
    line(text, 6, "- batch:");
    for registration in &said.registrations {
        line(text, 12, &format!("- {registration}"));
    }
    for (number, transaction) in said.transactions.iter().enumerate() {
        let indent = if transaction.is_row { 12 } else { 18 };
        if !transaction.is_row {
            line(text, 12, "- transaction:");
        }
        for (at, operation) in transaction.operations.iter().enumerate() {
            let came_to = match v2::came_to(after, message_index, batch, number, at) {
                None => "no result".to_owned(),
                Some((reason, memo, is_news)) => {
                    let words = operation_text(reason);
                    let memo = memo.map_or_else(String::new, |m| format!(", with memo {m}"));
                    let unchanged = if is_news { "" } else { "unchanged, " };
                    format!("{unchanged}{words}{memo}")
                }
            };
            line(text, indent, &format!("- {}: {}", scalar(operation), scalar(&came_to)));
        }
        if let Some(last) = transaction.expires {
            line(text, 14, &format!("expires with level: {last}"));
        }
        if !transaction.individually_signed.is_empty() {
            line(
                text,
                14,
                &format!("individually signed: [{}]", transaction.individually_signed.join(", ")),
            );
        }
        if let Some(names) = &transaction.signed_by {
            line(text, 14, &format!("signed by: [{}]", names.join(", ")));
        }
    }
}
