//! One node of the tree, and the walks that look at or change the nodes on one path.
//!
//! A node lies in the map of its parent's children, and its value one pointer away from there. So a
//! walk follows the maps on the way and nothing else, and a value without children is one
//! allocation.
//!
//! [`find_mut`], [`make`] and [`prune`] alone lead to a node that is to be changed. What is kept of the
//! hashes of a folder says itself what it is of, so that these three need not know of it.

use super::kept::Kept;
use super::listing::{Epoch, Listing};
use super::name::{Name, Step, Steps};
use super::value::Value;
use crate::merkle::{Dir, Hash};
use imbl::OrdMap;
use std::cell::RefCell;
use std::mem;
use std::sync::Arc;

/// The children of a node by name.
pub(super) type Children = OrdMap<Name, Node>;

/// A value, children, or both. Only the root may have neither.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// The value at this very path.
    pub(super) value: Option<Value>,
    /// What lies below, if anything does.
    below: Option<Arc<Folder>>,
}

/// Children, which nodes that were copied share until one of them is changed. Never empty, but while a
/// change is made.
#[derive(Clone, Debug, Default)]
pub(super) struct Folder {
    pub(super) children: Children,
    /// What was hashed last.
    pub(super) kept: Kept<Hashed>,
    /// When it was changed last, and what of its names in the order of hashes is known.
    listing: Listing,
}

/// What was hashed last of a node with children.
#[derive(Debug)]
pub(super) struct Hashed {
    pub(super) children: Children,
    /// The value of the node: nodes that share a folder need not share that.
    pub(super) value: Option<Value>,
    pub(super) hash: Hash,
    /// With the value. Only of a folder with many children.
    pub(super) dir: Option<Dir<Name>>,
}

/// Whether two nodes are one and the same, which is what the difference of two maps of children is
/// to skip. Contents are compared by [`super::walk::equal`], which never recurses.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        let values = match (&self.value, &other.value) {
            (None, None) => true,
            (Some(one), Some(other)) => one.same(other),
            _ => false,
        };
        values && self.shares_children(other)
    }
}

impl Node {
    /// Whether there is nothing here.
    pub(super) fn is_empty(&self) -> bool {
        self.value.is_none() && self.below.is_none()
    }

    /// What lies below, if anything does.
    pub(super) fn children(&self) -> Option<&Children> {
        self.below.as_ref().map(|folder| &folder.children)
    }

    /// Where the children are, if there are any.
    pub(super) fn folder(&self) -> Option<&Folder> {
        self.below.as_deref()
    }

    /// What lies below, and its listing.
    pub(super) fn listed(&self) -> Option<(&Children, &Listing)> {
        self.below.as_ref().map(|folder| (&folder.children, &folder.listing))
    }

    /// Notes that the value here is new, or gone: it is a child of the node, as the reference has it.
    pub(super) fn touch(&mut self, epoch: Epoch) {
        if let Some(folder) = &mut self.below {
            Arc::make_mut(folder).listing.touch(epoch);
        }
    }

    /// How many children there are.
    pub(super) fn count(&self) -> usize {
        self.children().map_or(0, Children::len)
    }

    /// Whether the children of both are one and the same in memory (then they are equal).
    pub(super) fn shares_children(&self, other: &Node) -> bool {
        match (&self.below, &other.below) {
            (None, None) => true,
            (Some(one), Some(other)) => {
                Arc::ptr_eq(one, other) || one.children.ptr_eq(&other.children)
            }
            _ => false,
        }
    }
}

/// The node at a path.
pub(super) fn find<'n>(root: &'n Node, steps: Steps<'_>) -> Option<&'n Node> {
    let mut node = root;
    for step in steps {
        node = node.children()?.get(&step)?;
    }
    Some(node)
}

/// The node at a path, ready to be changed, if it is there: what others share of the way is
/// copied, everything beside the way stays shared.
///
/// Must be left non-empty. If nothing is changed in the end, [`untouch`] has to be told.
pub(super) fn find_mut<'n>(
    root: &'n mut Node,
    steps: Steps<'_>,
    epoch: Epoch,
) -> Option<&'n mut Node> {
    let mut node = root;
    for step in steps {
        let folder = Arc::make_mut(node.below.as_mut()?);
        folder.listing.touch(epoch);
        node = folder.children.get_mut(&step)?;
    }
    Some(node)
}

/// Takes back that [`find_mut`] has just noted a change on the way to a path.
pub(super) fn untouch(root: &mut Node, steps: Steps<'_>) {
    let mut node = root;
    for step in steps {
        let Some(folder) = node.below.as_mut().map(Arc::make_mut) else { return };
        folder.listing.untouch();
        let Some(child) = folder.children.get_mut(&step) else { return };
        node = child;
    }
}

/// The same, and the node is made if it was not there.
///
/// Must be left non-empty.
pub(super) fn make<'n>(root: &'n mut Node, steps: Steps<'_>, epoch: Epoch) -> &'n mut Node {
    let mut node = root;
    for step in steps {
        let folder = Arc::make_mut(node.below.get_or_insert_default());
        folder.listing.touch(epoch);
        node = folder.children.entry(step.to_name()).or_default();
    }
    node
}

/// Takes something out of the node at a path, if it is there, and drops the nodes this leaves
/// empty. Returns what was taken.
pub(super) fn prune<T>(
    root: &mut Node,
    steps: Steps<'_>,
    epoch: Epoch,
    take: impl FnOnce(&mut Node) -> T,
) -> Option<T> {
    // Looked at first, so that deleting nothing copies nothing.
    find(root, steps.clone())?;
    prune_found(root, steps, epoch, take)
}

fn prune_found<T>(
    node: &mut Node,
    mut steps: Steps<'_>,
    epoch: Epoch,
    take: impl FnOnce(&mut Node) -> T,
) -> Option<T> {
    // As deep as a key has steps: at most 120.
    let Some(step) = steps.next() else { return Some(take(node)) };
    let folder = Arc::make_mut(node.below.as_mut()?);
    folder.listing.touch(epoch);
    let children = &mut folder.children;
    let taken = prune_child(children, &step, steps, epoch, take);
    if children.is_empty() {
        node.below = None;
    }
    taken
}

fn prune_child<T>(
    children: &mut Children,
    step: &Step<'_>,
    rest: Steps<'_>,
    epoch: Epoch,
    take: impl FnOnce(&mut Node) -> T,
) -> Option<T> {
    let child = children.get_mut(step)?;
    let taken = prune_found(child, rest, epoch, take);
    if child.is_empty() {
        children.remove(step);
    }
    taken
}

/// How far dropping folders may nest before the rest is put aside.
const MAX_DROP_NESTING: usize = 100;

/// Copying a node into its own descendant deepens the tree without bound, so that dropping it
/// folder by folder could overflow the native stack.
#[derive(Default)]
struct Dropping {
    nesting: usize,
    aside: Vec<Children>,
}

thread_local! {
    static DROPPING: RefCell<Dropping> = RefCell::default();
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What was hashed has children, too: the same ones, as a rule.
        drop_flat(self.kept.take().map(|hashed| hashed.children).unwrap_or_default());
        drop_flat(mem::take(&mut self.children));
    }
}

/// Drops children, and what lies below them, without nesting without bound.
fn drop_flat(children: Children) {
    if children.is_empty() {
        return;
    }
    let mut children = Some(children);
    // The cell is free here: no borrow below lives while something is dropped. In a thread
    // that is ending it may be gone, and then the plain way has to do.
    let entered = DROPPING.try_with(|cell| {
        let mut state = cell.borrow_mut();
        if state.nesting < MAX_DROP_NESTING {
            state.nesting += 1;
            Some(state.nesting)
        } else {
            state.aside.extend(children.take());
            None
        }
    });
    drop(children.take());
    let Ok(Some(nesting)) = entered else { return };
    if nesting == 1 {
        while let Ok(Some(next)) = DROPPING.try_with(|cell| cell.borrow_mut().aside.pop()) {
            drop(next);
        }
    }
    let _ = DROPPING.try_with(|cell| cell.borrow_mut().nesting -= 1);
}
