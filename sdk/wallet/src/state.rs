//! The rollup's state at one block, read from a node value by value as it is needed: a host that can
//! only be read, under the kernel's own code.

mod host_calls;
mod tickets;

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use accounts::{Ledger, StoredKey};
use encoding::{AccountIndex, Counter, Level, RollupAddress, Tz4Address};
use host::{Call, CallHandler, HostError, Subtree};
use tx_kernel::layout::STATE;
use tx_kernel::view::View;

use crate::error::{RpcError, StateError};
use crate::pins::Pins;
use crate::rpc::{Block, Node};
use crate::transaction::Signable;

pub use host_calls::{BlockValues, answer};
pub use tickets::Holdings;

/// The state at a block.
#[derive(Debug)]
pub struct RollupState<'n> {
    node: &'n Node,
    rollup: RollupAddress,
    block: Block,
    pins: Arc<Pins>,
    values: RefCell<HashMap<String, Option<Vec<u8>>>>,
    failure: RefCell<Option<RpcError>>,
}

/// An account as it is at a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub address: Tz4Address,
    /// Its index in the registry; none before its first deposit or transfer, or its registration.
    pub index: Option<AccountIndex>,
    /// The counter that its next operation carries.
    pub counter: Counter,
    /// Whether its key is registered: it may sign batches.
    pub registered: bool,
}

impl<'n> RollupState<'n> {
    /// The state at a block, by the block's name; it stays that of this block.
    ///
    /// # Errors
    /// When the node does not tell, or the rollup has no state of this kernel.
    pub fn at(node: &'n Node, block: &str) -> Result<Self, StateError> {
        let rollup = node.rollup()?;
        let state = Self::of(node, rollup, node.block(block)?);
        if state.read(|host| Ok(View::new(host).is_readable()))? {
            Ok(state)
        } else {
            Err(StateError::NotOurs { rollup, level: state.block.level })
        }
    }

    /// The state of a rollup at a block that is known; the node is asked nothing yet. It may be none of this kernel.
    #[must_use]
    pub fn of(node: &'n Node, rollup: RollupAddress, block: Block) -> Self {
        let (values, failure) = (RefCell::default(), RefCell::default());
        RollupState { node, rollup, block, pins: Arc::default(), values, failure }
    }

    /// How many values the node was asked for.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.values.borrow().len()
    }

    /// The same with names that mean one ticket each.
    #[must_use]
    pub fn with_pins(mut self, pins: &Arc<Pins>) -> Self {
        self.pins = Arc::clone(pins);
        self
    }

    /// The names that mean one ticket each; none but those of [`Self::with_pins`].
    #[must_use]
    pub fn pins(&self) -> &Pins {
        &self.pins
    }

    /// The node that is asked.
    #[must_use]
    pub fn node(&self) -> &'n Node {
        self.node
    }

    /// The rollup.
    #[must_use]
    pub fn rollup(&self) -> &RollupAddress {
        &self.rollup
    }

    /// The block.
    #[must_use]
    pub fn block(&self) -> &Block {
        &self.block
    }

    /// The level that comes after the block's.
    #[must_use]
    pub fn next_level(&self) -> Level {
        Level(self.block.level.0.saturating_add(1))
    }

    /// Runs code of the kernel over this state.
    ///
    /// # Errors
    /// When the node does not tell something it needs, or what it tells is not of the kernel's layout.
    pub fn read<T>(
        &self,
        run: impl FnOnce(&Self) -> Result<T, HostError>,
    ) -> Result<T, StateError> {
        let result = run(self);
        // Code that takes an unanswered question for a missing value must not go unnoticed.
        match self.failure.borrow_mut().take() {
            Some(failure) => Err(failure.into()),
            None => result.map_err(StateError::Layout),
        }
    }

    /// Runs code over the ledger.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn ledger<T>(
        &self,
        run: impl FnOnce(&mut Ledger<'_, Self>) -> Result<T, HostError>,
    ) -> Result<T, StateError> {
        self.read(|host| run(&mut Ledger::open(Subtree::new(host, STATE))?))
    }

    /// The account of an address, whether the rollup knows it or not.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn account(&self, address: &Tz4Address) -> Result<Account, StateError> {
        self.ledger(|ledger| {
            let found = ledger.find(address)?;
            let key = found.map(|found| ledger.key(found.index)).transpose()?.flatten();
            Ok(Account {
                address: *address,
                index: found.map(|found| found.index),
                counter: found.map_or(Counter::FIRST, |found| found.counter),
                registered: key.is_some_and(|key: StoredKey| key.proven),
            })
        })
    }

    /// Those of the signers of some transactions who are registered.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn registered(&self, transactions: &[Signable]) -> Result<Vec<Tz4Address>, StateError> {
        let mut registered = Vec::new();
        for signer in transactions.iter().flat_map(Signable::signers) {
            if !registered.contains(&signer) && self.account(&signer)?.registered {
                registered.push(signer);
            }
        }
        Ok(registered)
    }

    /// The index of an address in the registry, if it has one.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn index(&self, address: &Tz4Address) -> Result<Option<AccountIndex>, StateError> {
        self.ledger(|ledger| ledger.find_index(address))
    }

    /// The address of an account by its index in the registry, if there is such an account.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn address(&self, index: AccountIndex) -> Result<Option<Tz4Address>, StateError> {
        self.ledger(|ledger| match ledger.has_account(index) {
            true => ledger.account(index).map(|account| Some(account.address)),
            false => Ok(None),
        })
    }

    /// Fetches all values of a folder with one request. A node that does not serve that is asked for each
    /// of them later.
    pub fn fetch(&self, folder: &str) {
        let Ok(all) = self.node.values(&self.block.hash, folder) else { return };
        let mut values = self.values.borrow_mut();
        for (name, value) in all {
            values.insert(format!("{folder}/{name}"), Some(value));
        }
    }
}

impl CallHandler for RollupState<'_> {
    fn handle(&self, call: Call<'_>) -> i32 {
        answer(self, call)
    }
}

impl BlockValues for RollupState<'_> {
    /// A value, from memory if it was asked for before.
    fn value<T>(&self, path: &[u8], use_it: impl FnOnce(Option<&[u8]>) -> T) -> Option<T> {
        let path = std::str::from_utf8(path).ok()?;
        if let Some(known) = self.values.borrow().get(path) {
            return Some(use_it(known.as_deref()));
        }
        match self.node.value(&self.block.hash, path) {
            Ok(value) => {
                let result = use_it(value.as_deref());
                self.values.borrow_mut().insert(path.to_owned(), value);
                Some(result)
            }
            Err(error) => {
                self.failure.borrow_mut().get_or_insert(error);
                None
            }
        }
    }

    fn has_below(&self, path: &[u8]) -> Option<bool> {
        match self.node.has_below(&self.block.hash, std::str::from_utf8(path).ok()?) {
            Ok(below) => Some(below),
            Err(error) => {
                self.failure.borrow_mut().get_or_insert(error);
                None
            }
        }
    }
}
