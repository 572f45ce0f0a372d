//! BLS12-381 as Tezos uses it: public keys in G1 (48 bytes), signatures in G2 (96 bytes).
//!
//! Two ciphersuites: [`Suite::Aug`], which the original transaction kernel signed with, and
//! [`Suite::Pop`], which Octez and Taquito sign with today. Nothing outside [`backend`] knows
//! which library does the arithmetic; what is stored is canonical and belongs to none.

#![warn(clippy::missing_errors_doc)]

mod aggregate;
mod backend;
mod canonical;
#[cfg(not(target_family = "wasm"))]
mod each;
mod keys;
#[cfg(not(target_family = "wasm"))]
mod secret;

#[cfg(feature = "compare")]
pub use backend::compare::compare;

pub use aggregate::{Accumulator, Part, STORED_ACCUMULATOR_BYTES, aggregate_verify};
#[cfg(not(target_family = "wasm"))]
pub use each::{Signed, verify_each};
pub use keys::{KeySum, Message, PointError, PublicKey, Signature, Suite};
#[cfg(not(target_family = "wasm"))]
pub use secret::{SecretKey, SecretKeyError};
