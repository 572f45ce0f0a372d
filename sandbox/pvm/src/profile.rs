//! A profile: the instructions that were executed, by stack of functions.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// How deep stacks are told apart. What lies deeper counts for the frame at this depth.
const MAX_DEPTH: usize = 256;

/// How many functions are told of those that are open where a run ends.
const MAX_TOLD: usize = 32;

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
                    None => text.push_str(&unnamed(function)),
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

/// The name of a function as it may stand in a stack. A name that has to be changed for that gets the
/// function's index, so that no two of a module become one; one that is empty is no name.
pub(crate) fn frame_name(function: u32, name: &str) -> String {
    let text = frame_text(name);
    match text == name {
        true => text,
        false if name.is_empty() => unnamed(function),
        false => format!("{text} [{function}]"),
    }
}

/// How a function without a name is called.
fn unnamed(function: u32) -> String {
    format!("func[{function}]")
}

/// A text as one frame of a stack, in a form that every reader of collapsed stacks takes for one and
/// that XML can hold: without what separates frames and lines, what begins a comment, and a number
/// at its end, which would count as samples.
#[must_use]
pub fn frame_text(text: &str) -> String {
    if text.is_empty() {
        return "_".to_owned();
    }
    // Beside controls, these are no characters of XML.
    let is_harmless = |c: char| {
        !c.is_control()
            && !matches!(c, ';' | '\u{fffe}' | '\u{ffff}')
            && (c == ' ' || !c.is_whitespace())
    };
    let mut text: String = text.chars().map(|c| if is_harmless(c) { c } else { '_' }).collect();
    let is_number = |word: &str| word.chars().all(|c| c.is_ascii_digit() || c == '.');
    while let Some((before, last)) = text.rsplit_once(' ')
        && is_number(last)
    {
        text = format!("{before}_{last}");
    }
    if text.starts_with(['#', ' ']) {
        text.replace_range(..1, "_");
    }
    text
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
    /// The functions that are open, the outermost first.
    open: Vec<u32>,
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
        let nodes = vec![Node::default()];
        Self { nodes, current: 0, depth: 0, beyond: 0, counted: 0, open: Vec::new() }
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

    /// How many calls are open.
    pub(crate) fn open_calls(&self) -> usize {
        self.open.len()
    }

    /// The functions that are open, the innermost first; of a deep stack the innermost, and last how
    /// many more there are.
    pub(crate) fn stack(&self, names: &HashMap<u32, String>) -> Vec<String> {
        let name = |function: &u32| match names.get(function) {
            Some(name) => name.clone(),
            None => unnamed(*function),
        };
        let mut stack: Vec<String> = self.open.iter().rev().take(MAX_TOLD).map(name).collect();
        if let Some(more @ 1..) = self.open.len().checked_sub(MAX_TOLD) {
            stack.push(format!("and {more} more"));
        }
        stack
    }

    /// A function begins.
    pub(crate) fn enter(&mut self, function: u32, instructions: u64) {
        self.count(instructions);
        self.open.push(function);
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
        self.open.pop();
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
    fn names_are_one_frame_whatever_is_in_them() {
        for (name, frame) in [
            ("core::fmt<[u8; 4]>\n", "core::fmt<[u8_ 4]>_ [7]"),
            ("", "func[7]"),
            (" ", "_ [7]"),
            ("# a comment", "_ a comment [7]"),
            ("#", "_ [7]"),
            ("a 10", "a_10 [7]"),
            ("a 10 20", "a 10_20 [7]"),
            ("a 1.5", "a_1.5 [7]"),
            ("a ", "a_ [7]"),
            ("\u{a0}a\u{2028}", "_a_ [7]"),
            ("a\u{fffe}\u{ffff}", "a__ [7]"),
            ("10", "10"),
            ("<A as B>::c", "<A as B>::c"),
            ("a#b", "a#b"),
        ] {
            assert_eq!(frame_name(7, name), frame, "{name:?}");
        }
    }
}
