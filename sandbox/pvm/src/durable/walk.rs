//! Going through whole trees: every value in order, and comparing two trees.

use super::node::Node;

/// All values at or below a path. See [`super::Durable::values_under`].
pub struct Values<'a> {
    /// Nodes still to visit, the next one last, with their paths.
    todo: Vec<(String, &'a Node)>,
}

impl<'a> Values<'a> {
    pub(super) fn new(path: &str, node: Option<&'a Node>) -> Self {
        Self { todo: node.map(|node| (path.to_owned(), node)).into_iter().collect() }
    }
}

impl Iterator for Values<'_> {
    type Item = (String, Vec<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (path, node) = self.todo.pop()?;
            let children = node.children().into_iter().flatten().rev();
            let below = children.map(|(name, child)| (format!("{path}/{}", name.text()), child));
            self.todo.extend(below);
            if let Some(value) = &node.value {
                return Some((path, value.to_vec()));
            }
        }
    }
}

/// Whether two trees hold the same. Shared parts are not looked at.
pub(super) fn equal(left: &Node, right: &Node) -> bool {
    let mut todo = vec![(left, right)];
    while let Some((left, right)) = todo.pop() {
        if left.value != right.value || left.count() != right.count() {
            return false;
        }
        if left.shares_children(right) {
            continue;
        }
        let [left, right] = [left, right].map(|node| node.children().into_iter().flatten());
        for ((name, child), (other_name, other_child)) in left.zip(right) {
            if name != other_name {
                return false;
            }
            todo.push((child, other_child));
        }
    }
    true
}
