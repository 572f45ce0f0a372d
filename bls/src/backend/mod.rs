//! The boundary: the few operations on points that the rest of the crate needs. Each backend is a
//! module with the same types, and nothing outside this folder knows which one it talks to.
//!
//! Native builds use blst, which has assembler for them and signs in constant time. In WASM, where
//! there is only verifying, our own arithmetic executes a fifth of the instructions of blst's. arkworks
//! is a third implementation for the tests. `docs/bls.md` has the measurements. What is stored is canonical,
//! so that one backend can go on where another stopped.

#[cfg(any(test, feature = "compare"))]
#[cfg_attr(not(test), allow(dead_code, reason = "what is compared is not all that a backend has"))]
mod arkworks;
#[cfg(any(not(target_family = "wasm"), feature = "blst-in-wasm"))]
mod blst;
#[cfg(any(test, feature = "compare"))]
pub(crate) mod compare;
#[cfg(test)]
mod edge_cases;
#[cfg(any(test, feature = "compare", all(target_family = "wasm", not(feature = "blst-in-wasm"))))]
mod expand;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "compare", all(target_family = "wasm", not(feature = "blst-in-wasm"))))]
#[cfg_attr(
    not(any(test, target_family = "wasm")),
    allow(dead_code, reason = "what is compared is not all that a backend has")
)]
mod wasm;

#[cfg(any(not(target_family = "wasm"), feature = "blst-in-wasm"))]
pub(crate) use blst::{G1, G1Sum, G2, Product};
#[cfg(not(target_family = "wasm"))]
pub(crate) use blst::{Scalar, public_point, scalar_from_little_endian, sign};
#[cfg(all(target_family = "wasm", not(feature = "blst-in-wasm")))]
pub(crate) use wasm::{G1, G1Sum, G2, Product};

/// Bytes of one coefficient of a [`Product`].
pub(crate) const FP_BYTES: usize = 48;
/// Coefficients of a [`Product`].
pub(crate) const FP12_COEFFICIENTS: usize = 12;
