//! What the host functions do with the storage, once their arguments are read from memory.

use std::borrow::Cow;
use std::mem;

use super::node::{Node, find_mut, make, prune, untouch};
use super::{Durable, Key, MAX_VALUE_BYTES, Value, order};
use crate::codes::{Code, MAX_STORE_IO_BYTES};

impl Durable {
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
