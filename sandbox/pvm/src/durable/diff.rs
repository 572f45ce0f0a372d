//! What differs between two storages, row by row. Whatever they share is not looked at, so that
//! the cost is that of what has changed.

use super::Durable;
use super::node::Node;
use super::rows::{chunk_row, head, part_of};
use super::value::Value;
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use std::borrow::Cow;
use thiserror::Error;

/// The longest path of a row, in bytes. A kernel can move subtrees deeper than it can name.
pub const MAX_ROW_PATH_BYTES: usize = 65_536;

/// A value lies deeper than rows can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there is a value below a path of {MAX_ROW_PATH_BYTES} bytes, the longest that is kept")]
pub struct TooDeep;

/// A row that is not in both storages, or not the same. At least one of both is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowChange<'a> {
    /// The path of the value.
    pub path: &'a str,
    /// Which part of the value: see [`Durable::set_row`].
    pub part: u32,
    /// The row in the older storage.
    pub before: Option<Cow<'a, [u8]>>,
    /// The row in the newer one.
    pub after: Option<Cow<'a, [u8]>>,
}

/// A child that differs: its name, and what each side has there.
type Child<'a> = (&'a str, Option<&'a Node>, Option<&'a Node>);

/// The children of a node that are still to be looked at, and how long its path is.
struct Level<'a> {
    children: Box<dyn Iterator<Item = Child<'a>> + 'a>,
    path_len: usize,
}

impl Durable {
    /// Every row that `newer` has otherwise, in order of the steps of their paths and of their
    /// parts.
    ///
    /// # Errors
    /// Those of `each`, and [`TooDeep`].
    pub fn diff<E: From<TooDeep>>(
        &self,
        newer: &Durable,
        mut each: impl FnMut(RowChange<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.root == newer.root {
            return Ok(());
        }
        // Not by recursion: a tree can be deeper than the stack is large.
        let mut path = String::new();
        let mut levels: Vec<Level<'_>> = Vec::new();
        let mut next: Option<Child<'_>> = Some(("", Some(&self.root), Some(&newer.root)));
        loop {
            if let Some((_, old, new)) = next {
                let [value, newer] = [old, new].map(|node| node.and_then(|n| n.value.as_ref()));
                values(&path, value, newer, &mut each)?;
                if let Some(children) = children(old, new) {
                    levels.push(Level { children, path_len: path.len() });
                }
            }
            let Some(level) = levels.last_mut() else { return Ok(()) };
            path.truncate(level.path_len);
            next = level.children.next();
            match next {
                None => {
                    levels.pop();
                }
                Some((name, ..)) => {
                    path.push('/');
                    path.push_str(name);
                    if path.len() > MAX_ROW_PATH_BYTES {
                        return Err(TooDeep.into());
                    }
                }
            }
        }
    }

    /// Every row, as one that an empty storage does not have.
    ///
    /// # Errors
    /// Those of `each`, and [`TooDeep`].
    pub fn rows<E: From<TooDeep>>(
        &self,
        each: impl FnMut(RowChange<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        Durable::default().diff(self, each)
    }
}

/// The children that are not one and the same on both sides, by name, if there can be any.
fn children<'a>(
    old: Option<&'a Node>,
    new: Option<&'a Node>,
) -> Option<Box<dyn Iterator<Item = Child<'a>> + 'a>> {
    if let (Some(old), Some(new)) = (old, new)
        && old.shares_children(new)
    {
        return None;
    }
    match [old, new].map(|node| node.and_then(Node::children)) {
        [Some(old), Some(new)] => Some(Box::new(old.diff(new).map(|item| match item {
            DiffItem::Add(name, node) => (name.text(), None, Some(node)),
            DiffItem::Remove(name, node) => (name.text(), Some(node), None),
            DiffItem::Update { old: (name, old), new: (_, new) } => {
                (name.text(), Some(old), Some(new))
            }
        }))),
        [Some(old), None] => {
            Some(Box::new(old.iter().map(|(name, node)| (name.text(), Some(node), None))))
        }
        [None, Some(new)] => {
            Some(Box::new(new.iter().map(|(name, node)| (name.text(), None, Some(node)))))
        }
        [None, None] => None,
    }
}

/// The rows in which two values differ.
fn values<E>(
    path: &str,
    old: Option<&Value>,
    new: Option<&Value>,
    each: &mut impl FnMut(RowChange<'_>) -> Result<(), E>,
) -> Result<(), E> {
    if let (Some(old), Some(new)) = (old, new)
        && old.same(new)
    {
        return Ok(());
    }
    let [before, after] = [old, new].map(|value| value.map(head));
    if before != after {
        let [before, after] = [before, after].map(|row| row.map(Cow::Owned));
        each(RowChange { path, part: 0, before, after })?;
    }
    let none = OrdMap::new();
    let [old, new] = [old, new].map(|value| value.and_then(Value::chunks).unwrap_or(&none));
    for item in old.diff(new) {
        let (index, before, after) = match item {
            DiffItem::Add(index, chunk) => (index, None, Some(chunk)),
            DiffItem::Remove(index, chunk) => (index, Some(chunk), None),
            DiffItem::Update { old: (index, old), new: (_, new) } => (index, Some(old), Some(new)),
        };
        let [before, after] = [before, after].map(|chunk| chunk.and_then(|chunk| chunk_row(chunk)));
        if before != after {
            let [before, after] = [before, after].map(|row| row.map(Cow::Owned));
            each(RowChange { path, part: part_of(*index), before, after })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
