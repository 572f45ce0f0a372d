//! Which refusal precedes which, brought about two faults at a time.
//!
//! Each file has one table: faults in the order in which the kernel finds them, with the code of each. A message
//! with any two of them has the code of the earlier one. `docs/protocol.md` has the same order, under Precedence.
#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod batches_v1;
mod batches_v2;
mod deposits;
mod operations;
mod requests;
mod rollup;
mod upgrades;

use std::fmt::Debug;

use tx_kernel::results::ResultCode;

/// Faults in the order in which they are found.
type Order<F> = [(F, ResultCode)];

/// Brings about each fault alone, and each two that can be in one message.
fn each_two<F: Copy + Debug>(
    order: &Order<F>,
    together: impl Fn(F, F) -> bool,
    mut code_with: impl FnMut(&[F]) -> ResultCode,
) {
    let mut pairs = 0;
    for (at, (first, code)) in order.iter().enumerate() {
        assert_eq!(code_with(&[*first]), *code, "{first:?} alone");
        for (second, _) in order.iter().skip(at + 1).filter(|(second, _)| together(*first, *second))
        {
            assert_eq!(code_with(&[*first, *second]), *code, "{first:?} and {second:?}");
            pairs += 1;
        }
    }
    assert!(pairs >= order.len() / 2, "only {pairs} pairs");
}
