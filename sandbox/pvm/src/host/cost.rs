//! The ticks of a host call, beside those of the instruction: what the reference charges each function.

use crate::ticks::{PER_BYTE_HOST, PER_HOST_CALL, PER_TREE_ACCESS};

/// What a host call is charged. A negative answer costs nothing but the call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cost {
    /// Nothing, whatever it does.
    Free,
    /// The bytes that it answers to have written.
    Answer,
    /// The same, and a step more.
    Reveal,
    /// An access to the storage, and this many bytes of keys and values.
    Access(i32),
    /// The same, and the bytes that it answers to have written.
    Read(i32),
}

impl Cost {
    /// That of a function that takes a key of this length.
    pub(super) fn key(len: i32) -> Self {
        Self::Access(len)
    }

    /// That of a function that takes two keys, or a key and a value, of these lengths.
    pub(super) fn both(len: i32, other: i32) -> Self {
        // Where a length is negative or too large, so is the answer.
        Self::Access(len.saturating_add(other))
    }

    /// In ticks, for a call that gave this answer.
    pub(super) fn ticks(self, answer: i64) -> u64 {
        let Ok(answered) = u64::try_from(answer) else { return PER_HOST_CALL };
        let bytes = |len: i32| u64::try_from(len).unwrap_or(0);
        let (accesses, bytes) = match self {
            Self::Free => (0, 0),
            Self::Answer => (0, answered),
            Self::Reveal => (1, answered),
            Self::Access(len) => (1, bytes(len)),
            Self::Read(len) => (1, bytes(len).saturating_add(answered)),
        };
        PER_HOST_CALL + accesses * PER_TREE_ACCESS + bytes.saturating_mul(PER_BYTE_HOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_free_and_bytes_are_not() {
        for cost in [Cost::Free, Cost::Answer, Cost::key(9), Cost::Read(9), Cost::both(9, 9)] {
            assert_eq!(cost.ticks(-6), 5, "{cost:?}");
        }
        assert_eq!(Cost::Free.ticks(5), 5);
        assert_eq!(Cost::Answer.ticks(5), 5 + 5 * 42);
        assert_eq!(Cost::Reveal.ticks(5), 6 + 5 * 42);
        assert_eq!(Cost::key(5).ticks(3), 6 + 5 * 42);
        assert_eq!(Cost::Read(5).ticks(3), 6 + 8 * 42);
        assert_eq!(Cost::both(5, 3).ticks(0), 6 + 8 * 42);
    }
}
