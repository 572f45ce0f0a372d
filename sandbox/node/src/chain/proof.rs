//! Proofs that a message is in an outbox: the simulation's own, which prove nothing to anybody else.

use super::Chain;
use crate::chain::Executed;
use crate::commitment::Commitment;
use crate::error::NodeError;

/// What every such proof begins with.
const MARK: &[u8] = b"simulated outbox proof\n";

/// A message of an outbox, under a commitment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboxProof {
    /// The hash of the commitment.
    pub commitment: [u8; 32],
    /// The level of the outbox.
    pub level: i32,
    /// The index in it.
    pub index: u32,
}

impl OutboxProof {
    /// As bytes: the mark, the commitment's hash, level and index in big-endian form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let (level, index) = (self.level.to_be_bytes(), self.index.to_be_bytes());
        [MARK, &self.commitment, &level, &index].concat()
    }

    /// From bytes; `None` if they are no such proof.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (commitment, rest) = bytes.strip_prefix(MARK)?.split_first_chunk()?;
        let (level, rest) = rest.split_first_chunk()?;
        let index = rest.try_into().ok()?;
        Some(Self {
            commitment: *commitment,
            level: i32::from_be_bytes(*level),
            index: u32::from_be_bytes(index),
        })
    }
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
    /// When there is no such message, or the commitment does not have it in it yet.
    pub fn prove(&self, level: i32, index: u32) -> Result<OutboxProof, NodeError> {
        let count = self.outbox(level)?.len();
        if usize::try_from(index).map_or(true, |index| index >= count) {
            return Err(NodeError::NoOutboxMessage { level, index, count });
        }
        let cemented = self.last_cemented().filter(|cemented| cemented.inbox_level >= level);
        let cemented = cemented.ok_or_else(|| {
            let from = self.parts.settlement.executable_from(level);
            NodeError::NotCemented { level, from, head: self.head() }
        })?;
        Ok(OutboxProof { commitment: cemented.hash(), level, index })
    }

    /// Executes what a proof is about: see [`Self::execute`].
    ///
    /// # Errors
    /// Those of [`Self::execute`], and when the commitment does not cover the message, or is not
    /// cemented.
    pub fn execute_proven(&mut self, proof: &OutboxProof) -> Result<Executed, NodeError> {
        let OutboxProof { level, index, .. } = *proof;
        let cemented = self.parts.settlement.last_cemented(self.head());
        let made_at = self.commitment(&proof.commitment).map(|made| made.inbox_level);
        if made_at.is_none_or(|made_at| made_at < level || made_at > cemented) {
            return Err(NodeError::NotProven { level, index });
        }
        self.execute(level, index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proofs_come_back_and_nothing_else_is_one() {
        let proof = OutboxProof { commitment: [7; 32], level: -5, index: 9 };
        let bytes = proof.encode();
        assert!(bytes.starts_with(b"simulated outbox proof"));
        assert_eq!(OutboxProof::decode(&bytes), Some(proof));
        assert_eq!(OutboxProof::decode(&[bytes.as_slice(), &[0]].concat()), None);
        for cut in 0..bytes.len() {
            assert_eq!(OutboxProof::decode(&bytes[..cut]), None);
        }
    }
}
