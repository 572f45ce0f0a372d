//! What is known of the state at a block, which all that look at it share, and what a node is asked of it.

use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use encoding::{AccountIndex, Tz4Address};
use wallet::error::RpcError;
use wallet::rpc::{Block, Node};

use crate::pool::Away;

/// What is known of the state at a block. All that look at it share it.
#[derive(Debug)]
pub(super) struct Values {
    /// Who is asked.
    pub node: Node,
    /// Which block.
    pub block: Block,
    /// Values by their paths.
    pub values: Mutex<HashMap<String, Option<Arc<[u8]>>>>,
    /// Whether there is something below a path.
    pub below: Mutex<HashMap<String, bool>>,
    /// Accounts whose keys are registered.
    pub proven: Mutex<HashSet<Tz4Address>>,
    /// Indexes of accounts.
    pub indexes: Mutex<HashMap<Tz4Address, AccountIndex>>,
}

/// Questions that were not asked, as whoever met them does not wait for the node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes(Arc<Mutex<Vec<Question>>>);

impl Notes {
    /// Notes a question.
    pub(super) fn add(&self, question: Question) {
        lock(&self.0).push(question);
    }

    /// What was noted since the last time.
    pub(crate) fn take(&self) -> Vec<Question> {
        std::mem::take(&mut *lock(&self.0))
    }
}

/// What a node is to be asked of the state at a block.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(super) state: Arc<Values>,
    pub(super) what: What,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// The value at a path.
    Value(String),
    /// Whether there is something below a path.
    Below(String),
}

impl Question {
    /// Asks the node, and keeps what it tells; or says why it does not tell.
    pub(crate) fn ask(&self) -> Result<(), Away> {
        let Values { node, block, values, below, .. } = &*self.state;
        let away = |error: RpcError| Away(error.to_string());
        match &self.what {
            What::Value(path) => {
                let value = node.value(&block.hash, path).map_err(away)?.map(Into::into);
                lock(values).insert(path.clone(), value);
            }
            What::Below(path) => {
                let found = node.has_below(&block.hash, path).map_err(away)?;
                lock(below).insert(path.clone(), found);
            }
        }
        Ok(())
    }
}

impl PartialEq for Question {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.state, &other.state) && self.what == other.what
    }
}

impl Eq for Question {}

impl Hash for Question {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        Arc::as_ptr(&self.state).hash(hasher);
        self.what.hash(hasher);
    }
}

/// What a thread that has panicked has left is as good as before: every value is whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
