//! Proofs that a message is in an outbox, under the last commitment that is cemented: made as a rollup node
//! does, and checked as layer 1 does.

use pvm::proof::{VerifyError, verify};
use pvm::{Commitment, ProveError, Snapshot};
use store::KeptState;

use super::Chain;
use crate::error::NodeError;

/// A message of an outbox, proven under a commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The commitment.
    pub commitment: Commitment,
    /// The proof with the message, as the operation has it that executes the message.
    pub proof: Vec<u8>,
}

impl Chain {
    /// The last commitment that is cemented, if it is kept.
    #[must_use]
    pub fn last_cemented(&self) -> Option<&Commitment> {
        self.history.commitment_at(self.parts.settlement.last_cemented(self.head()))
    }

    /// A proof for a message, under the last commitment that is cemented.
    ///
    /// # Errors
    /// When there is no such message, or the commitment does not have it in it yet, or the hash of the
    /// state is not known that it would be of.
    pub fn prove(&self, level: i32, index: u32) -> Result<Proven, NodeError> {
        let count = self.outbox(level)?.len();
        if usize::try_from(index).map_or(true, |index| index >= count) {
            return Err(NodeError::NoOutboxMessage { level, index, count });
        }
        let (head, settlement) = (self.head(), self.parts.settlement);
        let cemented = settlement.last_cemented(head);
        if cemented < level {
            let from = settlement.executable_from(level);
            return Err(NodeError::NotCemented { level, from, head });
        }
        let unknown = |reason| NodeError::UnknownState { level: cemented, reason };
        let state = self.cemented_state(cemented)?;
        let proof = state.prove_output(level, index.into()).map_err(|error| match error {
            ProveError::Unknown(reason) => unknown(reason),
            ProveError::NoOutbox { .. } | ProveError::NoOutboxes | ProveError::NoMessage { .. } => {
                NodeError::NoOutboxMessage { level, index, count: 0 }
            }
        })?;
        // Where the hash is known, it was committed to.
        let commitment = self.last_cemented().ok_or(unknown(pvm::UnknownHash::NotKept))?;
        Ok(Proven { commitment: *commitment, proof: proof.encode() })
    }

    /// The state at the end of a level, which many messages are proven in one after the other.
    fn cemented_state(&self, level: i32) -> Result<Snapshot, NodeError> {
        let mut proving = self.proving.borrow_mut();
        if let Some((_, state)) = proving.as_ref().filter(|(at, _)| *at == level) {
            return Ok(state.clone());
        }
        let state = self.store().state_at(KeptState::Level(level))?;
        *proving = Some((level, state.clone()));
        Ok(state)
    }

    /// Checks a proof as layer 1 does. Returns what it is about.
    pub(super) fn check(
        &self,
        commitment: &[u8; 32],
        proof: &[u8],
    ) -> Result<(i32, u32), NodeError> {
        let made = self.commitment(commitment);
        let cemented = self.parts.settlement.last_cemented(self.head());
        let made = made.filter(|made| made.inbox_level <= cemented);
        let made = made.ok_or(NodeError::UncementedCommitment)?;
        let output = verify(proof, &made.state).map_err(|error| match error {
            VerifyError::Malformed(error) => NodeError::MalformedProof(error),
            VerifyError::Refused(refused) => NodeError::NotProven(refused),
        })?;
        let index = u32::try_from(output.index).unwrap_or(u32::MAX);
        Ok((output.level, index))
    }
}
