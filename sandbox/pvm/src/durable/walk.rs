//! Going through whole trees: every value in order, and comparing two trees.

use super::node::Node;

/// All values at or below a path. See [`super::Durable::values_under`].
pub struct Values<'a> {
    nodes: Nodes<'a>,
}

impl<'a> Values<'a> {
    pub(super) fn new(path: &str, node: Option<&'a Node>) -> Self {
        Self { nodes: nodes(path, node) }
    }
}

impl Iterator for Values<'_> {
    type Item = (String, Vec<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        self.nodes.find_map(|(path, node)| Some((path, node.value.as_ref()?.to_vec())))
    }
}

/// All nodes at or below one, each before those below it.
pub(super) struct Nodes<'a> {
    /// Nodes still to visit, the next one last, with their paths.
    todo: Vec<(String, &'a Node)>,
}

/// All nodes at or below the one at this path.
pub(super) fn nodes<'a>(path: &str, node: Option<&'a Node>) -> Nodes<'a> {
    Nodes { todo: node.map(|node| (path.to_owned(), node)).into_iter().collect() }
}

impl<'a> Iterator for Nodes<'a> {
    type Item = (String, &'a Node);

    fn next(&mut self) -> Option<Self::Item> {
        let (path, node) = self.todo.pop()?;
        let children = node.children().into_iter().flatten().rev();
        let below = children.map(|(name, child)| (format!("{path}/{}", name.text()), child));
        self.todo.extend(below);
        Some((path, node))
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
