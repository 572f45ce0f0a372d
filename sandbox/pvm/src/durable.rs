//! The durable storage: a persistent tree of values, exactly as the host functions see it.
//!
//! A clone is O(1) and shares everything; so do subtrees that were copied or moved. A change costs
//! the nodes on its path.

mod diff;
mod hash;
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
use node::{Node, find, find_mut, make, prune, untouch};
pub use rows::{RowContent, RowError, row_content};
use std::borrow::Cow;
use std::mem;
pub(crate) use value::Value;
pub use walk::Values;

use crate::codes::{Code, MAX_STORE_IO_BYTES};
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

/// What the host functions do, once their arguments are read from memory.
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

    /// `store_has`: 1 for a value, 2 for a subtree, 3 for both.
    pub(crate) fn kind(&self, key: Key<'_>) -> i32 {
        let Some(node) = self.node(key) else { return 0 };
        i32::from(node.value.is_some()) + 2 * i32::from(node.children().is_some())
    }

    /// `store_list_size`: the children; the node's own value counts one.
    pub(crate) fn list_size(&self, key: Key<'_>) -> i64 {
        let size = |node: &Node| node.count() + usize::from(node.value.is_some());
        i64::try_from(self.node(key).map_or(0, size)).unwrap_or(i64::MAX)
    }

    /// `store_get_nth_key`. See [`order::nth`]. The reference takes the index for an integer of 63 bits.
    pub(crate) fn nth_key(&self, key: Key<'_>, index: i64) -> Result<&str, Code> {
        let node = self.node(key).ok_or(Code::NoTree)?;
        let index = index.wrapping_shl(1) >> 1;
        let found =
            usize::try_from(index).ok().and_then(|index| order::nth(node, index, self.epoch));
        found.ok_or(Code::IndexTooLarge)
    }

    /// `store_delete`.
    pub(crate) fn delete_tree(&mut self, key: Key<'_>) -> Result<(), Code> {
        key.check_writable()?;
        self.remove_tree(key);
        Ok(())
    }

    /// `store_delete_value`.
    pub(crate) fn delete_value(&mut self, key: Key<'_>) -> Result<(), Code> {
        key.check_writable()?;
        let epoch = self.epoch;
        if self.value(key).is_some() {
            prune(&mut self.root, key.steps(), epoch, |node| {
                node.value = None;
                node.touch(epoch);
            });
        }
        Ok(())
    }

    /// `store_create`: a value of zeros, none of which is written.
    pub(crate) fn create(&mut self, key: Key<'_>, size: i32) -> Result<(), Code> {
        let size = usize::try_from(size).map_err(|_| Code::ValueTooLarge)?;
        key.check_writable()?;
        if self.value(key).is_some() {
            return Err(Code::ValueExists);
        }
        self.put(key, Value::zeros(size));
        Ok(())
    }

    /// `store_copy`.
    pub(crate) fn copy(&mut self, from: Key<'_>, to: Key<'_>) -> Result<(), Code> {
        to.check_writable()?;
        if self.copy_tree(from, to) { Ok(()) } else { Err(Code::NoTree) }
    }

    /// `store_move`. The source goes away first, which is what lets a node move into its own
    /// descendant.
    pub(crate) fn rename(&mut self, from: Key<'_>, to: Key<'_>) -> Result<(), Code> {
        from.check_writable()?;
        to.check_writable()?;
        let source =
            prune(&mut self.root, from.steps(), self.epoch, mem::take).ok_or(Code::NoTree)?;
        *make(&mut self.root, to.steps(), self.epoch) = source;
        Ok(())
    }

    /// The hash of the directory at a key, as the state of a rollup has it; `None` if nothing is there.
    /// What was not changed since it was asked for last is not hashed again.
    pub(crate) fn tree_hash(&self, key: Key<'_>) -> Option<Hash> {
        self.node(key).and_then(hash::directory)
    }

    /// `__internal_store_get_hash`.
    pub(crate) fn hash(&self, key: Key<'_>) -> Result<[u8; 32], Code> {
        self.tree_hash(key).ok_or(Code::NoTree)
    }

    /// `store_value_size`.
    pub(crate) fn value_size(&self, key: Key<'_>) -> Result<i32, Code> {
        let value = self.value(key).ok_or(Code::NoValue)?;
        i32::try_from(value.len()).map_err(|_| Code::ValueTooLarge)
    }

    /// `store_read`, up to the bytes.
    pub(crate) fn read(&self, key: Key<'_>, offset: i32, max: i32) -> Result<Cow<'_, [u8]>, Code> {
        if max > MAX_STORE_IO_BYTES {
            return Err(Code::IoTooLarge);
        }
        let value = self.value(key).ok_or(Code::NoValue)?;
        let offset = usize::try_from(offset).map_err(|_| Code::BadOffset)?;
        if offset >= value.len() {
            return Err(Code::BadOffset);
        }
        let max = usize::try_from(max).map_err(|_| Code::Other)?;
        Ok(value.read(offset, max))
    }

    /// `store_write`, all of it in one walk. `load` brings the bytes once their number is found to be good:
    /// the reference adds the *old* size and that number first, as 32-bit integers, wherever the
    /// offset is.
    pub(crate) fn write<'m>(
        &mut self,
        key: Key<'_>,
        offset: i32,
        num_bytes: i32,
        load: impl FnOnce() -> Result<&'m [u8], Code>,
    ) -> Result<(), Code> {
        let found = find_mut(&mut self.root, key.steps(), self.epoch);
        let size = found.as_ref().and_then(|node| node.value.as_ref()).map_or(0, Value::len);
        let (offset, bytes) = match to_write(key, size, offset, num_bytes, load) {
            Ok(write) => write,
            // To have copied the way changes nothing that anybody sees.
            Err(code) => {
                untouch(&mut self.root, key.steps());
                return Err(code);
            }
        };
        let node = match found {
            Some(node) => node,
            None => make(&mut self.root, key.steps(), self.epoch),
        };
        node.value.get_or_insert_default().write(offset, bytes);
        node.touch(self.epoch);
        Ok(())
    }
}

/// The checks of `store_write`, in their order: where and what to write into a value of this size.
fn to_write<'m>(
    key: Key<'_>,
    size: usize,
    offset: i32,
    num_bytes: i32,
    load: impl FnOnce() -> Result<&'m [u8], Code>,
) -> Result<(usize, &'m [u8]), Code> {
    let size_abi = i32::try_from(size).map_err(|_| Code::ValueTooLarge)?;
    if size_abi > size_abi.wrapping_add(num_bytes) {
        return Err(Code::ValueTooLarge);
    }
    let bytes = load()?;
    key.check_writable()?;
    if i32::try_from(bytes.len()).map_or(true, |len| len > MAX_STORE_IO_BYTES) {
        return Err(Code::IoTooLarge);
    }
    let offset = match usize::try_from(offset) {
        Ok(offset) => offset,
        // No byte is put at such an offset, so that nothing is wrong with it.
        Err(_) if bytes.is_empty() => 0,
        Err(_) => return Err(Code::Other),
    };
    if offset > size {
        return Err(Code::BadOffset);
    }
    if offset + bytes.len() > MAX_VALUE_BYTES {
        return Err(Code::ValueTooLarge);
    }
    Ok((offset, bytes))
}

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod tests;
