//! Receipts: what became of a payment, with all that leads from there to a commitment on layer 1.
//!
//! A receipt is checked with no node: see [`Receipt::verify`]. Whoever checks it has to know one thing, the
//! hash of a commitment that layer 1 has cemented for the rollup. From there the receipt leads to the
//! payment:
//!
//! 1. The commitment has the hash of the rollup's state.
//! 2. An output proof shows a message in an outbox of that state: a root of results.
//! 3. A path leads from that root to the record of a result.
//! 4. The record is kept under a digest, which is that of the payment.
//!
//! docs/receipts.md has the argument, and what a receipt does not show.

mod file;
mod limits;
mod verify;

pub use file::{Commitment, Known, Payment, Receipt, ReceiptError, Record};
pub use limits::MAX_RECEIPT_BYTES;
pub use verify::{Proven, VerifyError};
