//! Going through whole trees: every value in order, and comparing two trees.

use super::node::Node;
use std::sync::Arc;

/// All values at or below a path. See [`super::Durable::values_under`].
pub struct Values<'a> {
    /// Nodes still to visit, the next one last, with their paths.
    todo: Vec<(String, &'a Arc<Node>)>,
}

impl<'a> Values<'a> {
    pub(super) fn new(path: &str, node: Option<&'a Arc<Node>>) -> Self {
        Self { todo: node.map(|node| (path.to_owned(), node)).into_iter().collect() }
    }
}

impl Iterator for Values<'_> {
    type Item = (String, Vec<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (path, node) = self.todo.pop()?;
            let children = node.children.iter().rev();
            self.todo.extend(children.map(|(name, child)| (format!("{path}/{name}"), child)));
            if let Some(value) = &node.value {
                return Some((path, value.to_vec()));
            }
        }
    }
}

/// Whether two trees hold the same. Shared parts are not looked at.
pub(super) fn equal(left: &Arc<Node>, right: &Arc<Node>) -> bool {
    let mut todo = vec![(left, right)];
    while let Some((left, right)) = todo.pop() {
        if Arc::ptr_eq(left, right) {
            continue;
        }
        if left.value != right.value || left.children.len() != right.children.len() {
            return false;
        }
        if left.children.ptr_eq(&right.children) {
            continue;
        }
        for ((name, child), (other_name, other_child)) in
            left.children.iter().zip(right.children.iter())
        {
            if name != other_name {
                return false;
            }
            todo.push((child, other_child));
        }
    }
    true
}
