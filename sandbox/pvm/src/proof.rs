//! Output proofs: that a message is in an outbox of a state that layer 1 knows the hash of alone.
//!
//! `prove` and `write` make them of a state. `verify`, `read` and `rules` check them, and know of no
//! state: nothing but the bytes of a proof and a hash goes in.

mod prove;
mod read;
mod rules;
mod verify;
mod write;

use crate::merkle::put_nat;
pub use prove::ProveError;
pub use read::ProofError;
pub use verify::{Output, Refused, VerifyError, verify, verify_message};

/// A proof that a message is in an outbox, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputProof {
    /// The proof alone.
    pub proof: Vec<u8>,
    /// The level of the outbox.
    pub level: i32,
    /// The index of the message in it.
    pub index: u64,
    /// The message.
    pub message: Vec<u8>,
}

impl OutputProof {
    /// As the operation has it that executes the message, and as [`verify`] reads it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = self.proof.clone();
        out.extend(self.level.to_be_bytes());
        put_nat(&mut out, self.index);
        out.extend(&self.message);
        out
    }
}

/// The most bytes of an output proof with its message: far more than an operation of layer 1 can hold.
pub const MAX_OUTPUT_PROOF_BYTES: usize = 262_144;

/// How far the parts of a proof may nest. Those of honest ones nest less than a hundredfold.
pub const MAX_PROOF_NESTING: usize = 512;
