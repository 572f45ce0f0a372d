//! What is remembered of a message.

use super::key::Key;
use super::line::{Begin, End, Line, Mark};
use crate::schedule::LastTry;

/// What is remembered of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its last try.
    pub last: LastTry,
    /// The hash of the operation, if one was seen.
    pub operation: Option<String>,
    /// Why it was not executed.
    pub why: Option<String>,
    /// When the node said that it was executed.
    pub settled: Option<i64>,
    /// Whether it was told that it is lost.
    pub is_lost: bool,
}

impl Record {
    /// A try of which nothing else is known.
    pub(super) fn new(last: LastTry) -> Self {
        Self { last, operation: None, why: None, settled: None, is_lost: false }
    }

    /// The last try; none if there were only words about the message.
    #[must_use]
    pub fn last_try(&self) -> Option<&LastTry> {
        (self.last.count > 0).then_some(&self.last)
    }

    /// The lines that say the same. What was spent is said elsewhere.
    pub(super) fn lines(&self, key: &Key) -> Vec<Line> {
        let LastTry { ended, at, head, count } = self.last;
        let key = || key.into();
        let mut lines = Vec::new();
        if count > 0 {
            lines.push(Line::Begin(Begin { key: key(), at, head: head.0, count, cap: 0 }));
        }
        if let Some(ended) = ended {
            let (operation, why) = (self.operation.clone(), self.why.clone());
            let result = ended.into();
            lines.push(Line::End(End { key: key(), at, head: head.0, result, operation, why }));
        }
        lines.extend(self.settled.map(|at| Line::Settled(Mark { key: key(), at })));
        if self.is_lost {
            lines.push(Line::Lost(Mark { key: key(), at }));
        }
        lines
    }
}
