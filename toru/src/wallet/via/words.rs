//! What is said while a batcher has something: each stage as it comes, and aloud what was not signed.

use std::collections::BTreeSet;

use batcher_api::{Record, Stage};
use wallet::batcher::stay::News;

use super::super::session::Session;

/// Digits of a batch's digest that are shown.
const DIGITS: usize = 16;

/// Says what happens.
pub(super) struct Narrator<'s, 'u> {
    session: &'s Session<'u>,
    /// How many transactions there are.
    count: usize,
    /// What was said: each sentence once, in a row.
    last: String,
    /// What was warned of.
    warned: BTreeSet<String>,
}

impl<'s, 'u> Narrator<'s, 'u> {
    pub fn new(session: &'s Session<'u>, count: usize) -> Self {
        Narrator { session, count, last: String::new(), warned: BTreeSet::new() }
    }

    /// Says some news.
    pub fn say(&mut self, news: &News<'_>) {
        match news {
            // Of many, each would be a line; how far all of them are is said in the end.
            News::Stage(record) if self.count == 1 => self.line(stage_words(record)),
            News::Stage(_) => {}
            News::Signed(batch) => {
                self.line(format!(
                    "signed batch {}: exactly what was sent",
                    short(&batch.to_string())
                ));
            }
            News::NotTaken(offer, problem) => self.warn(format!(
                "note: the batcher did not take the signature of batch {}:\n  {problem}\n  \
                 your own signature counts\n",
                short(&offer.batch)
            )),
            News::Refused(offer, problem) => self.warn(format!(
                "WARNING: batch {} was NOT signed:\n  {problem}\n  \
                 the batcher asked for a signature of something that you did not send; your own\n  \
                 signature of what you sent counts, and nothing else\n",
                short(&offer.batch)
            )),
            News::Unreadable(problem) => {
                self.warn(format!("note: the batcher told something malformed: {problem}\n"));
            }
            News::Away(error) => self.warn(format!("note: {error}; it is asked again\n")),
        }
    }

    fn line(&mut self, line: String) {
        if line != self.last {
            // Whoever does not read it any more is not told.
            let _ = self.session.ui.say_words(&format!("{line}\n"));
            self.last = line;
        }
    }

    fn warn(&mut self, text: String) {
        if self.warned.len() < 20 && self.warned.insert(text.clone()) {
            self.session.ui.tell(&text);
        }
    }
}

/// The beginning of a batch's digest.
pub(super) fn short(batch: &str) -> String {
    batch.chars().take(DIGITS).filter(char::is_ascii_hexdigit).collect()
}

/// A stage, with what there is to be known of it.
pub(super) fn stage_words(record: &Record) -> String {
    let word = record.stage.word();
    let batch = record.batch.as_deref().map(short).unwrap_or_default();
    let why = record.why.as_ref().map(|why| format!(": {} ({})", why.message, why.code));
    let why = why.unwrap_or_default();
    match record.stage {
        Stage::Queued => match &record.waits_for {
            Some(missing) => format!("{word}: waits for counter {}", missing.counter),
            None => {
                format!("{word}: in an inbox by level {}, by the receipt{why}", record.promised)
            }
        },
        Stage::Offered => format!("{word} to be signed in batch {batch}"),
        Stage::Sealed => match record.cosigned {
            Some(true) => format!("{word} in batch {batch}, co-signed"),
            Some(false) => format!("{word} in batch {batch}, with your own signature"),
            // The message is not made yet.
            None => format!("{word} in batch {batch}"),
        },
        Stage::Sent => {
            let how = if record.cosigned == Some(true) { ", co-signed" } else { "" };
            format!("{word} to the rollup node{how}")
        }
        Stage::Included => match record.level {
            Some(level) => format!("{word} in level {level}"),
            None => word.to_owned(),
        },
        Stage::Applied
        | Stage::Failed
        | Stage::Final
        | Stage::Cemented
        | Stage::Dropped
        | Stage::Expired => format!("{word}{why}"),
    }
}
