//! The table of a level's messages, each with what became of it.

use comfy_table::{Row, Table};
use explain::message::{self, Key};
use explain::outcome::with_code;
use explain::raw;
use explain::results::ResultEntry;
use tx_kernel::results::ResultCode;

use super::grid::{new_table, push};
use crate::run_levels::LevelResult;
use crate::view;
use layer1::address::Address;

/// Of a kernel that is not ours nothing is known but the messages.
pub(super) fn foreign(level: &LevelResult, rollup: &Address) -> String {
    let mut table = new_table("inbox", &["message"]);
    for (i, raw) in level.inputs.iter().enumerate() {
        table.add_row(Row::from(vec![i.to_string(), raw::message(raw, rollup)]));
    }
    finished(&table)
}

/// The messages, their operations, and the outcomes of what earlier levels left to do.
pub(super) fn ours(level: &LevelResult, outcomes: &[ResultEntry], rollup: &Address) -> String {
    let mut table = new_table("inbox", &["message", "outcome", "why"]);
    let accepts_v1 = view::accepts_v1(&level.durable);
    let (now, earlier): (Vec<_>, Vec<_>) =
        outcomes.iter().partition(|outcome| outcome.level == level.level);
    for (i, raw) in level.inputs.iter().enumerate() {
        let message = message::message(raw, rollup, accepts_v1);
        let of_it = |outcome: &&&ResultEntry| usize::try_from(outcome.message) == Ok(i);
        let found = now.iter().filter(of_it).find(|outcome| outcome.transaction.is_none());
        let (word, why) = match found {
            Some(outcome) => (outcome.outcome, why_of(outcome)),
            None => match message.skipped {
                Some(why) => ("skipped", why.to_owned()),
                None => ("waits", "its turn comes in a later level".to_owned()),
            },
        };
        table.add_row(Row::from(vec![i.to_string().as_str(), &message.text, word, &why]));
        for (key, text) in &message.operations {
            let of_operation = |outcome: &ResultEntry| match key {
                Key::Hash(hash) => outcome.hash.as_ref() == Some(hash),
                Key::Position(transaction, operation) => {
                    let position = (outcome.transaction, outcome.operation);
                    position == (Some(*transaction), Some(*operation))
                }
                Key::Nothing => false,
            };
            match now.iter().filter(of_it).find(|outcome| of_operation(outcome)) {
                Some(outcome) => {
                    table.add_row(Row::from(vec!["", text, outcome.outcome, &why_of(outcome)]));
                }
                // What was refused as a whole, or waits, has its row; of v1 only that.
                None if matches!(key, Key::Hash(_)) => {}
                None => {
                    table.add_row(Row::from(vec!["", text, "", ""]));
                }
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
        table.add_row(Row::from(vec!["", &text, outcome.outcome, &why_of(outcome)]));
    }
    finished(&table)
}

/// The reason, and the memo that its signer left.
fn why_of(outcome: &ResultEntry) -> String {
    let code = ResultCode::from_number(outcome.number);
    let reason = with_code(&outcome.reason, code);
    match (&outcome.memo, reason.as_str()) {
        (None, _) => reason,
        (Some(memo), "") => format!("memo: {memo}"),
        (Some(memo), _) => format!("{reason}; memo: {memo}"),
    }
}

fn finished(table: &Table) -> String {
    if table.is_empty() {
        return "  no messages\n".to_owned();
    }
    let mut out = String::new();
    push(table, &mut out);
    out
}
