//! What verifying costs at most, held against the budgets by the compiler.

use encoding::limits::{
    GAS_PER_BATCH, GAS_PER_MESSAGE, GAS_PER_PART, GAS_PER_RUN, INBOX_MESSAGE_BYTES,
    INDIVIDUAL_SIGNATURES_PER_BATCH, KEYS_PER_GAS, PROOFS_PER_GAS, SUMMED_KEYS_PER_GAS,
};
use inbox::v2::REGISTRATION_BYTES;

/// Verification gas: what the end of the verification of a v1 batch costs at most.
const MOST_GAS_OF_V1_END: usize = GAS_PER_BATCH.get() as usize
    + (INBOX_MESSAGE_BYTES / inbox::v1::LEAST_KEYED_PART_BYTES).div_ceil(KEYS_PER_GAS as usize);
/// Registrations: what a v2 batch has room for.
const MOST_PROOFS: usize = INBOX_MESSAGE_BYTES / REGISTRATION_BYTES;
/// Verification gas: what the end of the verification of a v2 batch costs at most.
const MOST_GAS_OF_V2_END: usize =
    GAS_PER_BATCH.get() as usize + MOST_PROOFS.div_ceil(PROOFS_PER_GAS as usize);

// A run can afford the end of any batch, and a quarter of a level the whole of it: nothing waits for ever.
const _: () = assert!(MOST_GAS_OF_V1_END <= GAS_PER_RUN.get() as usize);
const _: () = assert!(MOST_GAS_OF_V2_END <= GAS_PER_RUN.get() as usize);
// So can it the sum of as many keys as a message has bytes.
const _: () = assert!(
    GAS_PER_PART.get() as usize + INBOX_MESSAGE_BYTES / SUMMED_KEYS_PER_GAS as usize
        <= GAS_PER_RUN.get() as usize
);
const _: () = assert!(
    INBOX_MESSAGE_BYTES / inbox::v1::LEAST_PART_BYTES * GAS_PER_PART.get() as usize
        + MOST_GAS_OF_V1_END
        <= GAS_PER_MESSAGE.get() as usize
);
const _: () = assert!(
    INDIVIDUAL_SIGNATURES_PER_BATCH as usize
        + MOST_PROOFS
        + GAS_PER_PART.get() as usize
        + (INBOX_MESSAGE_BYTES / SUMMED_KEYS_PER_GAS as usize)
        + MOST_GAS_OF_V2_END
        <= GAS_PER_MESSAGE.get() as usize
);
