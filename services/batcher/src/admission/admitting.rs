//! Transactions on their way to the engine: their signatures are checked, and what the checks of the state miss is
//! looked up without a thread that waits for it.

use std::sync::Arc;

use batcher_api::{ApiError, Code};

use super::check::{Checked, Checks, Read, Signed};
use super::turn::Turn;
use crate::chain::{Notes, Question, Resumable, TipStates};
use crate::pool::Away;

/// Where the checked transactions of a job go.
pub(crate) type Done = Box<dyn FnOnce(Vec<Checked>) + Send>;

/// A transaction, as far as its checks have come.
enum Item {
    Done(Checked),
    Open(Signed),
}

/// The transactions of a job after their signatures were checked.
pub(crate) struct Admitting {
    checks: Arc<Checks>,
    /// The states that they are held against, however long that takes.
    tip: Option<TipStates>,
    items: Vec<Item>,
    turn: Option<(Turn, Done)>,
}

impl Admitting {
    /// Those that could be read are held against the states at the head.
    pub(crate) fn new(checks: &Arc<Checks>, read: Vec<Read>, turn: Turn, done: Done) -> Self {
        let tip = checks.tip();
        let item = |read: Read| match (read, &tip) {
            (Err(error), _) => Item::Done(Checked::Unreadable(error)),
            (Ok(signed), Err(error)) => Item::Done(Checked::Refused(signed.hash(), error.clone())),
            (Ok(signed), Ok(_)) => Item::Open(signed),
        };
        let items = read.into_iter().map(item).collect();
        Admitting { checks: Arc::clone(checks), tip: tip.ok(), items, turn: Some((turn, done)) }
    }

    fn finish(&mut self) {
        let Some((turn, done)) = self.turn.take() else { return };
        let checked = self.items.drain(..).filter_map(|item| match item {
            Item::Done(checked) => Some(checked),
            Item::Open(_) => None,
        });
        let checked: Vec<Checked> = checked.collect();
        turn.take(move || done(checked));
    }
}

impl Resumable for Admitting {
    fn go_on(&mut self) -> Vec<Question> {
        let notes = Notes::default();
        let mut missing = Vec::new();
        for item in &mut self.items {
            let (Item::Open(signed), Some(tip)) = (&*item, &self.tip) else { continue };
            let checked = self.checks.check(signed, &tip.noting(&notes));
            let more = notes.take();
            // What was found without something that is missing says nothing.
            if more.is_empty() {
                *item = Item::Done(checked);
            }
            missing.extend(more);
        }
        if missing.is_empty() {
            self.finish();
        }
        missing
    }

    fn give_up(&mut self, away: &Away) {
        for item in &mut self.items {
            if let Item::Open(signed) = item {
                let message = format!("the rollup node is away: {away}");
                let error = ApiError::new(Code::NodeAway, message);
                *item = Item::Done(Checked::Refused(signed.hash(), error));
            }
        }
        self.finish();
    }

    fn transactions(&self) -> usize {
        self.items.len()
    }
}
