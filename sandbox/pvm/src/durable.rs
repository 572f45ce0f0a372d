//! The durable storage: a persistent tree of values, exactly as the host functions see it.
//!
//! A clone is O(1) and shares everything; so do subtrees that were copied or moved. A change costs
//! the nodes on its path.

mod diff;
mod hash;
mod host_functions;
mod kept;
mod key;
mod listing;
mod name;
mod node;
mod order;
mod page;
mod rows;
mod value;
mod value_hash;
mod walk;

pub use diff::{MAX_ROW_PATH_BYTES, RowChange, TooDeep};
pub(crate) use key::Key;
pub use key::PathError;
use listing::Epoch;
use node::{Node, find, make, prune};
pub use rows::{RowContent, RowError, row_content};
use std::mem;
pub(crate) use value::Value;
pub use walk::Values;

use crate::merkle::Hash;

/// The largest value, in bytes.
const MAX_VALUE_BYTES: usize = 0x7fff_ffff;

/// A durable storage.
///
/// ```
/// let mut durable = pvm::Durable::default();
/// durable.set("/accounts/alice", b"10")?;
/// let before = durable.clone();
/// durable.delete("/accounts")?;
/// assert_eq!(durable.get("/accounts/alice"), None);
/// assert_eq!(before.get("/accounts/alice").as_deref(), Some(&b"10"[..]));
/// # Ok::<(), pvm::PathError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Durable {
    root: Node,
    /// What the changes of now are counted under: see [`Durable::load`].
    epoch: Epoch,
}

impl PartialEq for Durable {
    fn eq(&self, other: &Self) -> bool {
        walk::equal(&self.root, &other.root)
    }
}

impl Eq for Durable {}

/// For tools: plain paths, and no readonly rule.
impl Durable {
    /// The value at a path. `None` also for what is no path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Vec<u8>> {
        self.value(Key::from_path(path).ok()?).map(Value::to_vec)
    }

    /// Replaces the value at a path, readonly or not.
    ///
    /// # Errors
    /// When `path` is not a valid path.
    pub fn set(&mut self, path: &str, value: &[u8]) -> Result<(), PathError> {
        self.put(Key::from_path(path)?, Value::new(value));
        Ok(())
    }

    /// Deletes a path and everything below it, readonly or not. Deleting nothing is fine.
    ///
    /// # Errors
    /// When `path` is not a valid path.
    pub fn delete(&mut self, path: &str) -> Result<(), PathError> {
        self.remove_tree(Key::from_path(path)?);
        Ok(())
    }

    /// Replaces whatever is at and below a path by what `from` has there, which stays shared.
    ///
    /// # Errors
    /// When `path` is not a valid path.
    pub fn graft(&mut self, path: &str, from: &Durable) -> Result<(), PathError> {
        let key = Key::from_path(path)?;
        self.remove_tree(key);
        self.epoch = self.epoch.max(from.epoch);
        if let Some(node) = from.node(key) {
            *make(&mut self.root, key.steps(), self.epoch) = node.clone();
        }
        Ok(())
    }

    /// Makes of the storage what a node has of it when it begins a level: loaded from disk. The order
    /// of `store_get_nth_key` depends on whether a folder was changed since.
    pub fn load(&mut self) {
        self.epoch = self.epoch.next();
    }

    /// Whether there is a value or a subtree at a path.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        Key::from_path(path).is_ok_and(|key| self.exists(key))
    }

    /// The names of the children of a path, in order.
    #[must_use]
    pub fn subkeys(&self, path: &str) -> Vec<String> {
        let node = Key::from_path(path).ok().and_then(|key| self.node(key));
        let children = node.and_then(Node::children).into_iter().flatten();
        children.map(|(name, _)| name.text().to_owned()).collect()
    }

    /// Some bytes of the value at a path, from an offset on; fewer, or none, where it ends before. `None` also for
    /// what is no path. Of a large value no other bytes are looked at.
    #[must_use]
    pub fn get_range(&self, path: &str, offset: usize, max: usize) -> Option<Vec<u8>> {
        let value = self.value(Key::from_path(path).ok()?)?;
        Some(value.read(offset, max).into_owned())
    }

    /// Every path that has a value, and how many bytes it has, in the order of [`Durable::values_under`].
    pub fn sizes(&self) -> impl Iterator<Item = (String, usize)> {
        walk::nodes("", Some(&self.root)).filter_map(|(path, node)| {
            let size = node.value.as_ref().map(Value::len)?;
            Some((path, size))
        })
    }

    /// Every value with its full path. See [`Durable::values_under`].
    pub fn iter_values(&self) -> Values<'_> {
        self.values_under("")
    }

    /// Every value at or below a path, with its full path, in lexicographic order of the steps
    /// (so `/a/b` comes before `/a-b`). Empty for what is no path.
    pub fn values_under(&self, path: &str) -> Values<'_> {
        Values::new(path, Key::from_path(path).ok().and_then(|key| self.node(key)))
    }
}

/// What the machine and the host functions do all else with.
impl Durable {
    fn node(&self, key: Key<'_>) -> Option<&Node> {
        // Only the root can be empty: then there is nothing at all.
        find(&self.root, key.steps()).filter(|node| !node.is_empty())
    }

    /// The value at a key.
    pub(crate) fn value(&self, key: Key<'_>) -> Option<&Value> {
        self.node(key)?.value.as_ref()
    }

    /// Puts a value, readonly or not.
    pub(crate) fn put(&mut self, key: Key<'_>, value: Value) {
        let node = make(&mut self.root, key.steps(), self.epoch);
        node.value = Some(value);
        node.touch(self.epoch);
    }

    /// Deletes a subtree, readonly or not.
    pub(crate) fn remove_tree(&mut self, key: Key<'_>) {
        prune(&mut self.root, key.steps(), self.epoch, mem::take);
    }

    /// Copies a subtree over another, readonly or not; `false` when there is no source.
    pub(crate) fn copy_tree(&mut self, from: Key<'_>, to: Key<'_>) -> bool {
        let Some(source) = self.node(from).cloned() else { return false };
        *make(&mut self.root, to.steps(), self.epoch) = source;
        true
    }

    /// Whether there is a value or a subtree.
    pub(crate) fn exists(&self, key: Key<'_>) -> bool {
        self.node(key).is_some()
    }

    /// The hash of the directory at a key, as the state of a rollup has it; `None` if nothing is there.
    /// What was not changed since it was asked for last is not hashed again.
    pub(crate) fn tree_hash(&self, key: Key<'_>) -> Option<Hash> {
        self.node(key).and_then(hash::directory)
    }
}

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod tests;
