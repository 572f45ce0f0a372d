//! The state at one block, read from a node value by value as it is needed: a host that can only be read, under the
//! kernel's own code. Threads share what one of them has read.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use accounts::Ledger;
use encoding::{AccountIndex, Level, Tz4Address};
use host::{Call, CallHandler, HostError, Subtree};
use tx_kernel::layout::STATE;
use wallet::rpc::{Block, Node};
use wallet::state::{BlockValues, answer};

use crate::pool::Away;

/// Paths below which every value may be another one in the next block.
const VOLATILE: [&str; 6] = ["/accounts/", "/balances/", "/counts", "/cursors", "/keys/", "/main/"];

/// The state at a block.
#[derive(Debug)]
pub(crate) struct BlockState {
    node: Node,
    block: Block,
    values: Mutex<HashMap<String, Option<Arc<[u8]>>>>,
    /// Accounts whose keys are registered.
    proven: Mutex<HashSet<Tz4Address>>,
    /// Indexes of accounts.
    indexes: Mutex<HashMap<Tz4Address, AccountIndex>>,
    /// How often the node has not told, and what it said last.
    failures: AtomicU64,
    last_failure: Mutex<String>,
}

/// What a thread that has panicked has left is as good as before: every value is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl BlockState {
    /// That of a block of which nothing is known.
    pub(crate) fn new(node: Node, block: Block) -> Self {
        BlockState {
            node,
            block,
            values: Mutex::default(),
            proven: Mutex::default(),
            indexes: Mutex::default(),
            failures: AtomicU64::new(0),
            last_failure: Mutex::default(),
        }
    }

    /// That of a block that comes after this one: what never changes is taken over.
    pub(crate) fn next(&self, block: Block) -> Self {
        let next = BlockState::new(self.node.clone(), block);
        {
            let (mut to, from) = (lock(&next.values), lock(&self.values));
            for (path, value) in from.iter() {
                let below = path.strip_prefix(STATE).unwrap_or(path);
                let may_change = VOLATILE.iter().any(|folder| below.starts_with(folder))
                    || below.starts_with("/results/")
                    || below.starts_with("/outbox/");
                if value.is_some() && path.starts_with(STATE) && !may_change {
                    to.insert(path.clone(), value.clone());
                }
            }
            lock(&next.proven).extend(lock(&self.proven).iter());
            lock(&next.indexes).extend(lock(&self.indexes).iter());
        }
        next
    }

    /// The pages of counters and balances that were read here: whoever reads the next block needs them again.
    pub(crate) fn warm_paths(&self, most: usize) -> Vec<String> {
        let is_warm = |path: &&String| {
            let below = path.strip_prefix(STATE).unwrap_or(path);
            ["/balances/", "/counts", "/main/"].iter().any(|folder| below.starts_with(folder))
        };
        lock(&self.values).keys().filter(is_warm).take(most).cloned().collect()
    }

    /// Reads a value, so that it is there when it is needed.
    pub(crate) fn warm(&self, path: &str) -> bool {
        self.value(path.as_bytes(), |_| ()).is_some()
    }

    /// The block.
    pub(crate) fn block(&self) -> &Block {
        &self.block
    }

    /// The level that comes after the block's.
    pub(crate) fn next_level(&self) -> Level {
        Level(self.block.level.0.saturating_add(1))
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
        let known = lock(&self.indexes).get(account).copied();
        if known.is_some() {
            return Ok(known);
        }
        let found = self.ledger(|ledger| ledger.find_index(account))?;
        if let Some(index) = found {
            lock(&self.indexes).insert(*account, index);
        }
        Ok(found)
    }

    /// Whether an account's key is registered.
    pub(crate) fn is_registered(&self, account: &Tz4Address) -> Result<bool, Away> {
        if lock(&self.proven).contains(account) {
            return Ok(true);
        }
        let key = self.ledger(|ledger| match ledger.find_index(account)? {
            Some(index) => ledger.key(index),
            None => Ok(None),
        })?;
        let proven = key.is_some_and(|key| key.proven);
        if proven {
            lock(&self.proven).insert(*account);
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

impl BlockValues for BlockState {
    /// A value, from memory if it was asked for before.
    fn value<T>(&self, path: &[u8], use_it: impl FnOnce(Option<&[u8]>) -> T) -> Option<T> {
        let path = std::str::from_utf8(path).ok()?;
        let known = lock(&self.values).get(path).cloned();
        if let Some(known) = known {
            return Some(use_it(known.as_deref()));
        }
        match self.node.value(&self.block.hash, path) {
            Ok(value) => {
                let value: Option<Arc<[u8]>> = value.map(Into::into);
                lock(&self.values).insert(path.to_owned(), value.clone());
                Some(use_it(value.as_deref()))
            }
            Err(error) => {
                self.failed(&error.to_string());
                None
            }
        }
    }

    fn has_below(&self, path: &[u8]) -> Option<bool> {
        match self.node.has_below(&self.block.hash, std::str::from_utf8(path).ok()?) {
            Ok(below) => Some(below),
            Err(error) => {
                self.failed(&error.to_string());
                None
            }
        }
    }
}
