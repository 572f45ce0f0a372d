//! One node of the tree, and the walks that look at or change the nodes on one path.

use super::value::Value;
use imbl::OrdMap;
use std::cell::RefCell;
use std::mem;
use std::sync::Arc;

/// The children of a node by name.
pub(super) type Children = OrdMap<Arc<str>, Arc<Node>>;

/// A value, children, or both. Only the root may have neither.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// The value at this very path.
    pub(super) value: Option<Value>,
    /// What lies below.
    pub(super) children: Children,
}

/// Whether two nodes are one and the same, which is what the difference of two maps of children is
/// to skip. Contents are compared by [`super::walk::equal`], which never recurses.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Node {
    /// Whether there is nothing here.
    pub(super) fn is_empty(&self) -> bool {
        self.value.is_none() && self.children.is_empty()
    }
}

/// The node at a path.
pub(super) fn find<'n, 's>(
    root: &'n Arc<Node>,
    steps: impl Iterator<Item = &'s str>,
) -> Option<&'n Arc<Node>> {
    let mut node = root;
    for step in steps {
        node = node.children.get(step)?;
    }
    Some(node)
}

/// The node at a path, made if it was not there, ready to be changed: nodes on the way that
/// others share are copied, everything beside the way stays shared.
///
/// Must be left non-empty.
pub(super) fn make<'n, 's>(
    root: &'n mut Arc<Node>,
    steps: impl Iterator<Item = &'s str>,
) -> &'n mut Arc<Node> {
    let mut node = root;
    for step in steps {
        let children = &mut Arc::make_mut(node).children;
        node = children.entry(Arc::from(step)).or_default();
    }
    node
}

/// Takes something out of the node at a path, if it is there, and drops the nodes this leaves
/// empty.
pub(super) fn prune<'s>(
    root: &mut Arc<Node>,
    steps: impl Iterator<Item = &'s str>,
    take: impl FnOnce(&mut Node),
) {
    let steps: Vec<&str> = steps.collect();
    // Looked at first, so that deleting nothing copies nothing.
    if find(root, steps.iter().copied()).is_some() {
        prune_found(root, &steps, take);
    }
}

fn prune_found(node: &mut Arc<Node>, steps: &[&str], take: impl FnOnce(&mut Node)) {
    // As deep as a key has steps: at most 120.
    let node = Arc::make_mut(node);
    match steps.split_first() {
        None => take(node),
        Some((&step, rest)) => {
            let Some(child) = node.children.get_mut(step) else { return };
            prune_found(child, rest, take);
            if child.is_empty() {
                node.children.remove(step);
            }
        }
    }
}

/// How far dropping nodes may nest before the rest is put aside.
const MAX_DROP_NESTING: usize = 100;

/// Copying a node into its own descendant deepens the tree without bound, so that dropping it
/// node by node could overflow the native stack.
#[derive(Default)]
struct Dropping {
    nesting: usize,
    aside: Vec<Children>,
}

thread_local! {
    static DROPPING: RefCell<Dropping> = RefCell::default();
}

impl Drop for Node {
    fn drop(&mut self) {
        if self.children.is_empty() {
            return;
        }
        let children = mem::take(&mut self.children);
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
}
