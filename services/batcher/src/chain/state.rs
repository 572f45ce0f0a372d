//! The state at one block, read from a node value by value as it is needed: a host that can only be read, under the
//! kernel's own code. Threads share what one of them has read.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use accounts::Ledger;
use encoding::{AccountIndex, Level, Tz4Address};
use host::{Call, CallHandler, HostError, Subtree};
use tx_kernel::layout::STATE;
use wallet::rpc::{Block, Node};
use wallet::state::{BlockValues, answer};

use super::values::{Notes, Question, Values, What, lock};
use crate::pool::Away;

/// Paths below which every value may be another one in the next block.
const VOLATILE: [&str; 6] = ["/accounts/", "/balances/", "/counts", "/cursors", "/keys/", "/main/"];

/// The state at a block.
#[derive(Debug)]
pub(crate) struct BlockState {
    values: Arc<Values>,
    /// Where questions are noted that would have to be asked; without it the node is asked.
    notes: Option<Notes>,
    /// How often the node has not told, and what it said last.
    failures: AtomicU64,
    last_failure: Mutex<String>,
}

impl BlockState {
    /// That of a block of which nothing is known.
    pub(crate) fn new(node: Node, block: Block) -> Self {
        Self::of(Values {
            node,
            block,
            values: Mutex::default(),
            below: Mutex::default(),
            proven: Mutex::default(),
            indexes: Mutex::default(),
        })
    }

    fn of(values: Values) -> Self {
        let (failures, last_failure) = (AtomicU64::new(0), Mutex::default());
        BlockState { values: Arc::new(values), notes: None, failures, last_failure }
    }

    /// The same state for somebody who does not wait for the node: what is not known is noted, and counts as not told.
    pub(crate) fn noting(&self, notes: &Notes) -> Self {
        let (failures, last_failure) = (AtomicU64::new(0), Mutex::default());
        let notes = Some(notes.clone());
        BlockState { values: Arc::clone(&self.values), notes, failures, last_failure }
    }

    /// That of a block that comes after this one: what never changes is taken over.
    pub(crate) fn next(&self, block: Block) -> Self {
        let known = &self.values;
        let next = BlockState::new(known.node.clone(), block);
        {
            let (mut to, from) = (lock(&next.values.values), lock(&known.values));
            for (path, value) in from.iter() {
                let below = path.strip_prefix(STATE).unwrap_or(path);
                let may_change = VOLATILE.iter().any(|folder| below.starts_with(folder))
                    || below.starts_with("/results/")
                    || below.starts_with("/outbox/");
                if value.is_some() && path.starts_with(STATE) && !may_change {
                    to.insert(path.clone(), value.clone());
                }
            }
            lock(&next.values.proven).extend(lock(&known.proven).iter());
            lock(&next.values.indexes).extend(lock(&known.indexes).iter());
        }
        next
    }

    /// The pages of counters and balances that were read at the block before: whoever reads this one needs them again.
    pub(crate) fn warming(&self, before: &BlockState, most: usize) -> Vec<Question> {
        let state = || Arc::clone(&self.values);
        let question = |path| Question { state: state(), what: What::Value(path) };
        before.warm_paths(most).into_iter().map(question).collect()
    }

    fn warm_paths(&self, most: usize) -> Vec<String> {
        let is_warm = |path: &&String| {
            let below = path.strip_prefix(STATE).unwrap_or(path);
            ["/balances/", "/counts", "/main/"].iter().any(|folder| below.starts_with(folder))
        };
        lock(&self.values.values).keys().filter(is_warm).take(most).cloned().collect()
    }

    /// The block.
    pub(crate) fn block(&self) -> &Block {
        &self.values.block
    }

    /// The level that comes after the block's.
    pub(crate) fn next_level(&self) -> Level {
        Level(self.block().level.0.saturating_add(1))
    }

    /// Runs code of the kernel over this state.
    pub(crate) fn read<T>(
        &self,
        run: impl FnOnce(&Self) -> Result<T, HostError>,
    ) -> Result<T, Away> {
        self.checked(|| run(self))
    }

    /// Runs code over the ledger.
    pub(crate) fn ledger<T>(
        &self,
        run: impl FnOnce(&mut Ledger<'_, Self>) -> Result<T, HostError>,
    ) -> Result<T, Away> {
        self.read(|host| run(&mut Ledger::open(Subtree::new(host, STATE))?))
    }

    /// Runs code that reads this state, and tells if the node has not told something meanwhile: code that takes an
    /// unanswered question for a missing value must not go unnoticed.
    pub(crate) fn checked<T>(&self, run: impl FnOnce() -> Result<T, HostError>) -> Result<T, Away> {
        let before = self.failures.load(Ordering::SeqCst);
        let result = run();
        if self.failures.load(Ordering::SeqCst) != before {
            return Err(Away(lock(&self.last_failure).clone()));
        }
        result.map_err(|error| Away(format!("its state is not of this kernel's layout: {error}")))
    }

    /// The index of an account, if it has one here.
    pub(crate) fn index_of(&self, account: &Tz4Address) -> Result<Option<AccountIndex>, Away> {
        let known = lock(&self.values.indexes).get(account).copied();
        if known.is_some() {
            return Ok(known);
        }
        let found = self.ledger(|ledger| ledger.find_index(account))?;
        if let Some(index) = found {
            lock(&self.values.indexes).insert(*account, index);
        }
        Ok(found)
    }

    /// Whether an account's key is registered.
    pub(crate) fn is_registered(&self, account: &Tz4Address) -> Result<bool, Away> {
        if lock(&self.values.proven).contains(account) {
            return Ok(true);
        }
        let key = self.ledger(|ledger| match ledger.find_index(account)? {
            Some(index) => ledger.key(index),
            None => Ok(None),
        })?;
        let proven = key.is_some_and(|key| key.proven);
        if proven {
            lock(&self.values.proven).insert(*account);
        }
        Ok(proven)
    }

    fn failed(&self, words: &str) {
        words.clone_into(&mut lock(&self.last_failure));
        self.failures.fetch_add(1, Ordering::SeqCst);
    }
}

impl CallHandler for BlockState {
    fn handle(&self, call: Call<'_>) -> i32 {
        answer(self, call)
    }
}

impl BlockState {
    /// Asks the node, or notes what would have to be asked. Returns whether it is known now.
    fn look_up(&self, what: What) -> bool {
        let question = Question { state: Arc::clone(&self.values), what };
        match &self.notes {
            Some(notes) => {
                notes.add(question);
                self.failed("it has not told yet");
                false
            }
            None => match question.ask() {
                Ok(()) => true,
                Err(Away(words)) => {
                    self.failed(&words);
                    false
                }
            },
        }
    }
}

impl BlockValues for BlockState {
    /// A value, from memory if it was asked for before.
    fn value<T>(&self, path: &[u8], use_it: impl FnOnce(Option<&[u8]>) -> T) -> Option<T> {
        let path = std::str::from_utf8(path).ok()?;
        let known = || lock(&self.values.values).get(path).cloned();
        let value = match known() {
            Some(value) => value,
            None if self.look_up(What::Value(path.to_owned())) => known()?,
            None => return None,
        };
        Some(use_it(value.as_deref()))
    }

    fn has_below(&self, path: &[u8]) -> Option<bool> {
        let path = std::str::from_utf8(path).ok()?;
        let known = || lock(&self.values.below).get(path).copied();
        match known() {
            None if self.look_up(What::Below(path.to_owned())) => known(),
            found => found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_does_not_wait_is_told_what_is_missing_and_goes_on_once_it_is_there() {
        let node = Node::new("http://127.0.0.1:9").unwrap();
        let state = BlockState::new(node, Block { hash: "BL".to_owned(), level: Level(7) });
        let notes = Notes::default();
        let view = state.noting(&notes);
        let size = |view: &BlockState| {
            view.checked(|| Ok(view.value(b"/a", |value| value.map(<[u8]>::len))))
        };
        assert_eq!(size(&view), Err(Away("it has not told yet".to_owned())));
        assert_eq!(view.has_below(b"/a"), None);
        let [value, below] = notes.take().try_into().unwrap();
        assert_ne!(value, below);
        assert!(notes.take().is_empty());
        // Another view has the same questions.
        let other = state.noting(&notes);
        assert!(size(&other).is_err());
        assert_eq!(notes.take(), [value]);
        // What is there is there for all of them.
        lock(&state.values.values).insert("/a".to_owned(), Some(vec![1, 2].into()));
        lock(&state.values.below).insert("/a".to_owned(), true);
        assert_eq!((size(&view), view.has_below(b"/a")), (Ok(Some(Some(2))), Some(true)));
        assert!(notes.take().is_empty());
    }
}
