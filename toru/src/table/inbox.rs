//! The table of a level's messages, each with what became of it.

use comfy_table::{Row, Table};

use super::{new_table, push};
use crate::address::Address;
use crate::describe;
use crate::ours;
use crate::play::PlayedLevel;
use crate::view::{self, Outcome};

/// Of a kernel that is not ours nothing is known but the messages.
pub(super) fn foreign(level: &PlayedLevel, rollup: &Address) -> String {
    let mut table = new_table("inbox", &["message"]);
    for (i, raw) in level.inputs.iter().enumerate() {
        table.add_row(Row::from(vec![i.to_string(), describe::message(raw, rollup)]));
    }
    finished(&table)
}

/// The messages, their operations, and the outcomes of what earlier levels left to do.
pub(super) fn ours(level: &PlayedLevel, outcomes: &[Outcome], rollup: &Address) -> String {
    let mut table = new_table("inbox", &["message", "outcome", "why"]);
    let accepts_v1 = view::accepts_v1(&level.durable);
    let (now, earlier): (Vec<_>, Vec<_>) =
        outcomes.iter().partition(|outcome| outcome.level == level.level);
    for (i, raw) in level.inputs.iter().enumerate() {
        let message = ours::message(raw, rollup, accepts_v1);
        let of_it = |outcome: &&&Outcome| usize::try_from(outcome.message) == Ok(i);
        let found = now.iter().filter(of_it).find(|outcome| outcome.hash.is_none());
        let (word, why) = match found {
            Some(outcome) => (outcome.outcome, outcome.reason.as_str()),
            None => match message.skipped {
                Some(why) => ("skipped", why),
                None => ("waits", "its turn comes in a later level"),
            },
        };
        table.add_row(Row::from(vec![i.to_string().as_str(), &message.text, word, why]));
        for (hash, text) in &message.operations {
            let of_operation = |outcome: &&&&Outcome| outcome.hash.as_ref() == Some(hash);
            if let Some(outcome) = now.iter().filter(of_it).find(|o| of_operation(&o)) {
                table.add_row(Row::from(vec!["", text, outcome.outcome, &outcome.reason]));
            }
        }
    }
    for outcome in earlier {
        let text = match (outcome.transaction, outcome.operation) {
            (Some(transaction), Some(operation)) => format!(
                "level {}, message {}: transaction {transaction}, operation {operation}",
                outcome.level, outcome.message
            ),
            _ => format!("level {}, message {}", outcome.level, outcome.message),
        };
        table.add_row(Row::from(vec!["", &text, outcome.outcome, &outcome.reason]));
    }
    finished(&table)
}

fn finished(table: &Table) -> String {
    if table.is_empty() {
        return "  no messages\n".to_owned();
    }
    let mut out = String::new();
    push(table, &mut out);
    out
}
