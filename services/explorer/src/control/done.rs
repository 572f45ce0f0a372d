//! What was done from the panel, the last of it.

use std::collections::VecDeque;

use serde_json::Value;

use super::commands::Ran;
use crate::limits::PANEL_DONE;
use crate::parts::LongName;
use crate::text::Text;

/// The last ones, newest first.
#[derive(Debug, Default)]
pub(crate) struct Done {
    all: VecDeque<Outcome>,
    count: u64,
}

/// What was done, and what it came to.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Which it is of all that were done.
    pub number: u64,
    /// What was done.
    pub title: &'static str,
    /// Whether it was.
    pub is_done: bool,
    /// What it came to.
    pub words: Text,
    /// What helps, if it was not done.
    pub hint: Text,
    /// The transactions that were sent.
    pub sent: Vec<LongName>,
    /// The command line that does the same.
    pub command: String,
    /// The calls of HTTP that do the same.
    pub calls: Vec<String>,
}

impl Done {
    /// Keeps one more, and returns its number.
    pub(crate) fn push(&mut self, mut outcome: Outcome) -> u64 {
        self.count = self.count.saturating_add(1);
        outcome.number = self.count;
        self.all.push_front(outcome);
        self.all.truncate(PANEL_DONE);
        self.count
    }

    /// The last ones, newest first.
    pub(crate) fn last(&self) -> Vec<Outcome> {
        self.all.iter().cloned().collect()
    }
}

impl Outcome {
    /// What a command came to.
    pub(crate) fn of(title: &'static str, ran: &Ran, command: String, calls: Vec<String>) -> Self {
        let Ran { told, is_done } = ran;
        let hashes = told["hashes"].as_array().into_iter().flatten();
        let sent: Vec<LongName> =
            hashes.filter_map(Value::as_str).filter_map(LongName::transaction_text).collect();
        let text = |value: &Value| Text::of(value.as_str().unwrap_or_default());
        let (words, hint) = match is_done {
            true => (Text::of(&words(told, !sent.is_empty())), Text::default()),
            false => (text(&told["error"]["message"]), text(&told["error"]["hint"])),
        };
        Outcome { number: 0, title, is_done: *is_done, words, hint, sent, command, calls }
    }
}

/// What a command has told, in words.
fn words(told: &Value, is_sent: bool) -> String {
    if let Some(level) = told["executed_at"].as_i64() {
        return format!("Executed at level {level}.");
    }
    if let Some(level) = told["level"].as_i64() {
        return format!("The head is level {level}.");
    }
    if is_sent {
        return "Sent: it is in the next level.".to_owned();
    }
    match told["id"].is_string() {
        true => "It waits for the next level.".to_owned(),
        false => "Done.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_command_told_is_said_in_a_sentence() {
        for (told, is_done, said) in [
            (json!({"level": 7}), true, "The head is level 7."),
            (json!({"executed_at": 9, "paid": []}), true, "Executed at level 9."),
            (json!({"id": "scmsg"}), true, "It waits for the next level."),
            (json!({"hashes": ["ab".repeat(32)]}), true, "Sent: it is in the next level."),
            (json!({"error": {"message": "no\u{1b}", "hint": null}}), false, "no\\u{1b}"),
            (json!({}), true, "Done."),
        ] {
            let ran = Ran { told, is_done };
            let outcome = Outcome::of("x", &ran, String::new(), Vec::new());
            assert_eq!((outcome.words.plain(), outcome.is_done), (said, is_done));
        }
        let mut done = Done::default();
        for _ in 0..2 * PANEL_DONE {
            done.push(Outcome::of("x", &Ran::default(), String::new(), Vec::new()));
        }
        let last = done.last();
        assert_eq!((last.len(), last[0].number), (PANEL_DONE, 2 * PANEL_DONE as u64));
    }
}
