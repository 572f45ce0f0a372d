//! What all threads know of the chain: the rollup, the states at the head and at the last final level, and who the
//! accounts of indexes are, which never changes once it is final.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use encoding::{AccountIndex, Level, RollupAddress, Tz4Address};

use super::{BlockState, Notes};
use crate::moment::Moment;
use crate::pool::Away;

/// Addresses in a page of the registry: whoever reads one knows all.
const PAGE: u32 = 102;

/// The states that are looked at.
#[derive(Clone, Debug)]
pub(crate) struct TipStates {
    /// At the head.
    pub(crate) head: Arc<BlockState>,
    /// At the last final level.
    pub(crate) finalized: Arc<BlockState>,
    /// The last level whose commitment is cemented.
    pub(crate) cemented: Level,
}

impl TipStates {
    /// The same states for somebody who does not wait for the node.
    pub(crate) fn noting(&self, notes: &Notes) -> Self {
        let noting = |state: &BlockState| Arc::new(state.noting(notes));
        let (head, finalized) = (noting(&self.head), noting(&self.finalized));
        TipStates { head, finalized, cemented: self.cemented }
    }
}

/// What is known.
#[derive(Debug, Default)]
pub(crate) struct Known {
    rollup: OnceLock<RollupAddress>,
    tip: RwLock<Option<TipStates>>,
    addresses: Mutex<HashMap<AccountIndex, Tz4Address>>,
    /// When the node has answered last, and why it did not since.
    answered: Mutex<(Moment, Option<String>)>,
}

impl Known {
    /// The rollup, once the node or the journal has told it.
    pub(crate) fn rollup(&self) -> Option<RollupAddress> {
        self.rollup.get().copied()
    }

    /// The rollup is this one. Returns whether that was known, or is new.
    pub(crate) fn set_rollup(&self, rollup: RollupAddress) -> bool {
        *self.rollup.get_or_init(|| rollup) == rollup
    }

    /// The states.
    pub(crate) fn tip(&self) -> Option<TipStates> {
        self.tip.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// There are newer states.
    pub(crate) fn set_tip(&self, tip: TipStates) {
        *self.tip.write().unwrap_or_else(PoisonError::into_inner) = Some(tip);
    }

    /// What was final is not: who the accounts of indexes are has to be asked again.
    pub(crate) fn forget(&self) {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// When the node has answered last, and what is wrong since.
    pub(crate) fn answered(&self) -> (Moment, Option<String>) {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The node has answered at this moment, or it has not, for this reason.
    pub(crate) fn set_answered(&self, now: Moment, problem: Option<String>) {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        match problem {
            None => *answered = (now, None),
            Some(problem) => answered.1 = Some(problem),
        }
    }

    /// The account of an index in the last final level, if there is one.
    pub(crate) fn address(
        &self,
        finalized: &BlockState,
        index: AccountIndex,
    ) -> Result<Option<Tz4Address>, Away> {
        let known = || {
            let addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
            addresses.get(&index).copied()
        };
        if let Some(address) = known() {
            return Ok(Some(address));
        }
        let first = index.0 / PAGE * PAGE;
        let page = finalized.ledger(|ledger| {
            let end = ledger.accounts().min(first.saturating_add(PAGE));
            let all = (first..end).map(AccountIndex);
            all.map(|index| ledger.account(index).map(|account| (index, account.address))).collect()
        })?;
        let page: Vec<(AccountIndex, Tz4Address)> = page;
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner).extend(page);
        Ok(known())
    }
}
