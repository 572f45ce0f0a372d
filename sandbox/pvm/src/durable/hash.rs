//! The hash of a tree of nodes. What was hashed before and has not changed since is not looked at.
//!
//! The value of a node is its child `@`.

use super::name::{Name, Steps};
use super::node::{Folder, Hashed, Node};
use super::value::Value;
use super::value_hash;
use crate::merkle::{Dir, Hash, Kind, directory as directory_of};
use imbl::ordmap::DiffItem;

/// The most children of a folder whose inodes are hashed anew each time.
const SMALL: usize = 8;

/// The name that a value has in the directory of its node.
const VALUE: &str = "@";

/// Whether both are one and the same in memory.
fn same(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => one.same(other),
        _ => false,
    }
}

/// The hash of a node, if it is known or there is nothing below it.
fn at_once(node: &Node) -> Option<Option<Hash>> {
    let Some(folder) = node.folder() else {
        return Some(node.value.as_ref().map(|value| {
            let value = (VALUE.as_bytes(), Kind::Directory, value_hash::of(value));
            directory_of([value].into_iter())
        }));
    };
    let kept = folder.kept.get()?;
    let holds =
        kept.children.ptr_eq(&folder.children) && same(kept.value.as_ref(), node.value.as_ref());
    holds.then_some(Some(kept.hash))
}

/// A child that is to be hashed; one without a node is to go.
type Todo<'a> = (Name, Option<&'a Node>);

/// A node with children that is being hashed.
struct Visit<'a> {
    node: &'a Node,
    folder: &'a Folder,
    /// What was hashed last, where there is enough of it to go on from.
    base: Dir<Name>,
    todo: Box<dyn Iterator<Item = Todo<'a>> + 'a>,
    done: Vec<(Name, Option<Hash>)>,
    /// The child that is being hashed.
    waiting: Option<Name>,
}

impl<'a> Visit<'a> {
    fn new(node: &'a Node, folder: &'a Folder) -> Self {
        let mut done = Vec::new();
        let value = node.value.as_ref();
        let kept = folder.kept.get();
        let kept = kept.as_ref().and_then(|kept| Some((kept, kept.dir.clone()?)));
        let old_value = kept.as_ref().and_then(|(kept, _)| kept.value.as_ref());
        if !same(old_value, value) {
            let name = Steps::new(b"/@").next().map(|step| step.to_name());
            done.extend(name.map(|name| (name, value.map(value_hash::of))));
        }
        let (base, todo): (_, Box<dyn Iterator<Item = Todo<'a>> + 'a>) = match kept {
            None => {
                let all = folder.children.iter();
                (Dir::default(), Box::new(all.map(|(name, node)| (name.clone(), Some(node)))))
            }
            Some((kept, dir)) => {
                let changed = kept.children.diff(&folder.children).map(|item| match item {
                    DiffItem::Remove(name, _) => (name.clone(), None),
                    DiffItem::Add(name, _) | DiffItem::Update { new: (name, _), .. } => {
                        (name.clone(), folder.children.get(name))
                    }
                });
                (dir, Box::new(changed.collect::<Vec<_>>().into_iter()))
            }
        };
        Self { node, folder, base, todo, done, waiting: None }
    }

    /// Keeps the hash, too.
    fn finish(self) -> Option<Hash> {
        let mut dir = self.base;
        dir.update(self.done);
        let hash = dir.hash();
        self.folder.kept.set(Hashed {
            children: self.folder.children.clone(),
            value: self.node.value.clone(),
            hash: hash?,
            dir: (self.folder.children.len() > SMALL).then_some(dir),
        });
        hash
    }
}

/// The hash of the directory of a node; `None` if there is nothing in it.
pub(super) fn directory(root: &Node) -> Option<Hash> {
    // Not by recursion: a tree can be deeper than the stack is large.
    let mut visits: Vec<Visit<'_>> = Vec::new();
    let mut next = root;
    loop {
        let mut found = at_once(next);
        if found.is_none()
            && let Some(folder) = next.folder()
        {
            visits.push(Visit::new(next, folder));
        }
        // Up, as far as all is known.
        next = loop {
            if let Some(hash) = found.take() {
                let Some(above) = visits.last_mut() else { return hash };
                if let Some(name) = above.waiting.take() {
                    above.done.push((name, hash));
                }
            }
            let visit = visits.last_mut()?;
            match visit.todo.next() {
                Some((name, None)) => visit.done.push((name, None)),
                Some((name, Some(node))) => {
                    visit.waiting = Some(name);
                    break node;
                }
                None => found = visits.pop().map(Visit::finish),
            }
        };
    }
}

#[cfg(test)]
mod tests;
