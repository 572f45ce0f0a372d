//! Commitments, as the simulation makes them: shaped as layer 1's, with hashes of its own.

use crate::digest::digest;

/// What is said about the rollup at the end of a commitment period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// The simulation's hash of the state: see [`state_hash`].
    pub state: [u8; 32],
    /// The last level that is in it.
    pub inbox_level: i32,
    /// The hash of the commitment before it; zeros for the first one.
    pub predecessor: [u8; 32],
    /// The ticks since the one before it.
    pub ticks: u128,
}

impl Commitment {
    /// Its hash, which is the simulation's own.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let (level, ticks) = (self.inbox_level.to_be_bytes(), self.ticks.to_be_bytes());
        digest("commitment", &[&self.state, &level, &self.predecessor, &ticks])
    }
}

/// The simulation's hash of the state at the end of a block. It is over the block's hash, and so over
/// all that the state has come from, not over the state itself. It is no hash of Tezos.
#[must_use]
pub fn state_hash(block: &[u8; 32]) -> [u8; 32] {
    digest("state after", &[block])
}
