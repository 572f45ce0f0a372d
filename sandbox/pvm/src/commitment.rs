//! Commitments to a rollup's state, as layer 1 has them.

use crate::merkle::blake;

/// Bytes of a commitment.
pub const COMMITMENT_BYTES: usize = 76;

/// What an operator publishes about a rollup at the end of a commitment period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// The hash of the state.
    pub state: [u8; 32],
    /// The last level that is in it.
    pub inbox_level: i32,
    /// The hash of the commitment before it; zeros for the first one.
    pub predecessor: [u8; 32],
    /// The ticks since the one before it.
    pub ticks: i64,
}

impl Commitment {
    /// As it is published.
    #[must_use]
    pub fn encode(&self) -> [u8; COMMITMENT_BYTES] {
        let mut out = [0; COMMITMENT_BYTES];
        let (level, ticks) = (self.inbox_level.to_be_bytes(), self.ticks.to_be_bytes());
        let bytes = self.state.into_iter().chain(level).chain(self.predecessor).chain(ticks);
        for (to, byte) in out.iter_mut().zip(bytes) {
            *to = byte;
        }
        out
    }

    /// From what was published.
    #[must_use]
    pub fn decode(bytes: &[u8; COMMITMENT_BYTES]) -> Self {
        fn part<const N: usize>(bytes: &[u8], from: usize) -> [u8; N] {
            bytes.get(from..from + N).and_then(|part| part.try_into().ok()).unwrap_or([0; N])
        }
        Self {
            state: part(bytes, 0),
            inbox_level: i32::from_be_bytes(part(bytes, 32)),
            predecessor: part(bytes, 36),
            ticks: i64::from_be_bytes(part(bytes, 68)),
        }
    }

    /// Its hash.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        blake(&self.encode())
    }
}
