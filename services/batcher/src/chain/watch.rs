//! The batches whose fate the node thread looks for: the engine says which.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use encoding::{Hash32, MessageId};

/// A batch that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Watched {
    /// Its digest.
    pub(crate) id: Hash32,
    /// Its message, with its tag.
    pub(crate) message: Arc<[u8]>,
    /// The message of an inbox that has it, as far as the engine knows.
    pub(crate) included: Option<MessageId>,
    /// Whether the kernel has said what it makes of it.
    pub(crate) is_settled: bool,
}

/// What is looked for: batches by their numbers, and stale transactions.
#[derive(Debug, Default)]
pub(crate) struct Watch(Mutex<(BTreeMap<u64, Watched>, Vec<Hash32>)>);

impl Watch {
    /// What is looked for now.
    pub(crate) fn get(&self) -> (BTreeMap<u64, Watched>, Vec<Hash32>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on this is looked for.
    pub(crate) fn set(&self, batches: BTreeMap<u64, Watched>, stale: Vec<Hash32>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (batches, stale);
    }
}
