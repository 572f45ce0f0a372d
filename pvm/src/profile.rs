//! A profile: the instructions that were executed, by stack of functions.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// How deep stacks are told apart. What lies deeper counts for the frame at this depth.
const MAX_DEPTH: usize = 256;

/// How many different stacks of one run are told apart. What is called beyond counts for its
/// caller.
const MAX_STACKS: usize = 1 << 20;

/// Instructions by stack of functions, over all runs of a level.
///
/// Its text is that of collapsed stacks, as flame graph tools read it: a line for each stack, from
/// the outermost function to the one that executed the instructions, with `;` in between, then a
/// space and the instructions. Functions are named as in the name section of the module, or
/// `func[N]` by index where it has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    stacks: BTreeMap<String, u64>,
}

impl Profile {
    /// The stacks, each as in a line of the text, with their instructions.
    pub fn stacks(&self) -> impl Iterator<Item = (&str, u64)> {
        self.stacks.iter().map(|(stack, instructions)| (stack.as_str(), *instructions))
    }

    /// Adds what one run recorded.
    pub(crate) fn absorb(&mut self, recorder: &Recorder, names: &HashMap<u32, String>) {
        // Callers come before those they call, so that their texts are there when needed.
        let mut texts: Vec<String> = Vec::with_capacity(recorder.nodes.len());
        for node in &recorder.nodes {
            let mut text = texts.get(node.caller).cloned().unwrap_or_default();
            if let Some(function) = node.function {
                if !text.is_empty() {
                    text.push(';');
                }
                match names.get(&function) {
                    Some(name) => text.push_str(name),
                    None => text.push_str(&format!("func[{function}]")),
                }
            }
            if node.own > 0 && node.function.is_some() {
                *self.stacks.entry(text.clone()).or_default() += node.own;
            }
            texts.push(text);
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stacks().try_for_each(|(stack, instructions)| writeln!(f, "{stack} {instructions}"))
    }
}

/// A name as it may stand in a stack: without the characters that mean something there.
pub(crate) fn frame_name(name: &str) -> String {
    let harmless = |c: char| if c == ';' || c.is_control() { '_' } else { c };
    name.chars().map(harmless).collect()
}

/// What one run records: a tree of calls. Its root is the caller of `kernel_run`.
#[derive(Debug)]
pub(crate) struct Recorder {
    nodes: Vec<Node>,
    current: usize,
    depth: usize,
    /// How many calls are open that are not told apart.
    beyond: u64,
    /// The instructions that have been counted for somebody.
    counted: u64,
}

#[derive(Debug, Default)]
struct Node {
    function: Option<u32>,
    caller: usize,
    callees: HashMap<u32, usize>,
    own: u64,
}

impl Default for Recorder {
    fn default() -> Self {
        Self { nodes: vec![Node::default()], current: 0, depth: 0, beyond: 0, counted: 0 }
    }
}

impl Recorder {
    /// Counts the instructions up to now for the function that runs.
    pub(crate) fn count(&mut self, instructions: u64) {
        if let Some(node) = self.nodes.get_mut(self.current) {
            node.own += instructions.saturating_sub(self.counted);
        }
        self.counted = instructions;
    }

    /// A function begins.
    pub(crate) fn enter(&mut self, function: u32, instructions: u64) {
        self.count(instructions);
        let next = self.nodes.len();
        let known = self.nodes.get(self.current).and_then(|node| node.callees.get(&function));
        let known = known.copied();
        let full = self.depth >= MAX_DEPTH || (known.is_none() && next >= MAX_STACKS);
        if self.beyond > 0 || full {
            self.beyond += 1;
            return;
        }
        let callee = known.unwrap_or_else(|| {
            let caller = self.current;
            self.nodes.push(Node { function: Some(function), caller, ..Node::default() });
            if let Some(node) = self.nodes.get_mut(caller) {
                node.callees.insert(function, next);
            }
            next
        });
        self.current = callee;
        self.depth += 1;
    }

    /// A function returns.
    pub(crate) fn leave(&mut self, instructions: u64) {
        self.count(instructions);
        if self.beyond > 0 {
            self.beyond -= 1;
        } else {
            self.current = self.nodes.get(self.current).map_or(0, |node| node.caller);
            self.depth = self.depth.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_deep_counts_for_the_deepest_frame_that_is_shown() {
        let mut recorder = Recorder::default();
        let calls = MAX_DEPTH as u64 + 10;
        for i in 0..calls {
            recorder.enter(0, i);
        }
        for i in 0..calls {
            recorder.leave(calls + i);
        }
        let mut profile = Profile::default();
        profile.absorb(&recorder, &HashMap::new());
        let total: u64 = profile.stacks().map(|(_, own)| own).sum();
        // The first instruction belongs to nobody: it came before the first call.
        assert_eq!(total, 2 * calls - 1);
        assert_eq!(profile.stacks().count(), MAX_DEPTH);
        assert_eq!(recorder.depth, 0);
    }

    #[test]
    fn names_cannot_break_a_line() {
        assert_eq!(frame_name("core::fmt<[u8; 4]>\n"), "core::fmt<[u8_ 4]>_");
    }
}
