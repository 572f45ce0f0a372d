//! Making the proof of a message.

use super::write::Proof;
use crate::merkle::{Dir, Hash, Tree, contents, small_directory};
use crate::state::{MachineState, stored_message};
use thiserror::Error;

/// What a proof shows beside the outbox: the ways from the root.
const SHOWN: [&[&str]; 6] = [
    &["tag"],
    &["value", "pvm", "buffers", "input", "length"],
    &["value", "pvm", "buffers", "input", "head"],
    &["value", "pvm", "buffers", "output", "2", "last_level"],
    &["value", "pvm", "buffers", "output", "3", "validity_period"],
    &["value", "pvm", "buffers", "output", "4", "message_limit"],
];

/// The way to the outboxes.
const OUTBOXES: [&str; 6] = ["value", "pvm", "buffers", "output", "1", "outboxes"];

/// Why there is no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProveError {
    /// The state has no outbox of this level.
    #[error("the state has no outbox of level {level}: it has those of {first} to {last}")]
    NoOutbox {
        /// The level asked for.
        level: i32,
        /// The oldest there is.
        first: i32,
        /// The newest there is.
        last: i32,
    },
    /// The state has no outbox at all.
    #[error("the state has no outbox yet")]
    NoOutboxes,
    /// The outbox has no such message.
    #[error("the outbox of level {level} has {count} messages, and none of index {index}")]
    NoMessage {
        /// The level of the outbox.
        level: i32,
        /// The index asked for.
        index: u64,
        /// How many messages there are.
        count: usize,
    },
    /// The hash of the state is not known.
    #[error(transparent)]
    Unknown(#[from] crate::UnknownHash),
}

impl MachineState {
    /// The proof that a message is in the state that has this tree for its durable storage, and the
    /// message.
    pub(crate) fn prove(
        &self,
        durable: Option<Hash>,
        level: i32,
        index: u64,
    ) -> Result<(Vec<u8>, Vec<u8>), ProveError> {
        let outboxes = self.kept_outboxes();
        let (first, last) = self.outbox_range().ok_or(ProveError::NoOutboxes)?;
        let outbox = outboxes.get(level).ok_or(ProveError::NoOutbox { level, first, last })?;
        let count = outbox.messages().len();
        let message = usize::try_from(index).ok().and_then(|i| outbox.messages().get(i));
        let message = message.ok_or(ProveError::NoMessage { level, index, count })?;

        let tree = self.tree(durable);
        let mut proof = Proof::default();
        for way in SHOWN {
            walk(&mut proof, &tree, way);
        }
        walk(&mut proof, &tree, &OUTBOXES);
        proof.walk(outboxes.dir(), &level.to_string());
        let outbox_tree = outbox.tree();
        for name in ["length", "head"] {
            walk(&mut proof, &outbox_tree, &[name]);
        }
        walk(&mut proof, &outbox_tree, &["contents"]);
        proof.walk(&outbox.contents(), &index.to_string());
        let stored = stored_message(message);
        proof.read(contents(&stored), &stored);
        Ok((proof.write(&tree.hash()), message.clone()))
    }
}

/// Walks from a directory on, and reads the contents at the end of the way, if that is what is there.
fn walk(proof: &mut Proof, from: &Tree, way: &[&str]) {
    let mut at = from;
    for name in way {
        let Tree::Directory(children) = at else { return };
        let dir: Dir<_> = small_directory(children);
        proof.walk(&dir, name);
        let Some(child) = at.child(name) else { return };
        at = child;
    }
    if let Tree::Contents(bytes) = at {
        proof.read(contents(bytes), bytes);
    }
}
