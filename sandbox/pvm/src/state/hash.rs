//! The tree of a whole state, and its hash.

use super::{MachineState, reboot_counter};
use crate::codes::{MAX_OUTBOX_MESSAGES, MAX_RUNS_PER_LEVEL};
use crate::merkle::{Hash, Tree, int, nat, string};

/// A child of a directory.
type Child = (&'static str, Tree);

fn number(value: i32) -> Tree {
    Tree::Contents(value.to_be_bytes().to_vec())
}

fn in_directory(name: &'static str, tree: Tree) -> Tree {
    Tree::Directory(vec![(name, tree)])
}

/// The most messages of an outbox.
fn message_limit() -> Tree {
    Tree::Contents(int(u64::try_from(MAX_OUTBOX_MESSAGES).unwrap_or(u64::MAX)))
}

/// The state of a rollup before it has a kernel: the protocol's own.
pub(crate) fn of_durable(durable: Option<Hash>) -> Option<Hash> {
    durable.map(|hash| in_directory("durable", Tree::Kept(hash)).hash())
}

impl MachineState {
    /// The tree of the state, with these for its durable storage and its outboxes.
    pub(crate) fn tree(&self, durable: Option<Hash>) -> Tree {
        let all = durable.map(|hash| ("durable", Tree::Kept(hash))).into_iter().chain([
            ("pvm", self.parameters()),
            ("tag", Tree::Contents(string(b"Some"))),
            ("value", in_directory("pvm", in_directory("buffers", self.buffers()))),
            ("wasm", self.wasm()),
        ]);
        Tree::Directory(all.collect())
    }

    fn parameters(&self) -> Tree {
        let runs = u64::try_from(MAX_RUNS_PER_LEVEL).unwrap_or(1) - 1;
        Tree::Directory(vec![
            ("last_top_level_call", Tree::Contents(nat(self.tick))),
            ("max_nb_ticks", Tree::Contents(nat(self.ticks_per_run))),
            ("maximum_reboots_per_input", Tree::Contents(nat(runs))),
            ("outbox_message_limit", message_limit()),
            ("outbox_validity_period", number(self.origin_validity)),
        ])
    }

    fn buffers(&self) -> Tree {
        // All input has been read, or dropped.
        let zero = || Tree::Contents(int(0));
        let input = Tree::Directory(vec![("head", zero()), ("length", zero())]);
        let outboxes: Option<Child> =
            self.outboxes.dir().hash().map(|h| ("1", in_directory("outboxes", Tree::Kept(h))));
        let last = self.outboxes.last().map(|last| ("2", in_directory("last_level", number(last))));
        let limits = [
            ("3", in_directory("validity_period", number(self.outboxes.validity()))),
            ("4", in_directory("message_limit", message_limit())),
        ];
        let output = outboxes.into_iter().chain(last).chain(limits).collect();
        Tree::Directory(vec![("input", input), ("output", Tree::Directory(output))])
    }

    fn wasm(&self) -> Tree {
        let input = self.last_input.map(|(level, index)| {
            let bytes = [&level.to_be_bytes()[..], &nat(index)].concat();
            ("input", Tree::Contents(bytes))
        });
        let rest = [
            // Between levels no run is on its way.
            ("current_tick", Tree::Contents(nat(self.tick))),
            ("reboot_counter", Tree::Contents(nat(reboot_counter()))),
            ("tag", Tree::Contents(string(b"collect"))),
        ];
        Tree::Directory(input.into_iter().chain(rest).collect())
    }
}
