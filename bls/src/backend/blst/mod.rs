//! blst, which is C and assembler: the backend of native builds, and the only one that signs, as
//! its scalar multiplication takes the same time for every secret. All unsafe code of this crate is
//! in this folder.

mod g1;
mod g2;
mod product;
#[cfg(not(target_family = "wasm"))]
mod scalar;

pub(crate) use g1::{G1, G1Sum};
pub(crate) use g2::G2;
pub(crate) use product::Product;
#[cfg(not(target_family = "wasm"))]
pub(crate) use scalar::{Scalar, public_point, scalar_from_little_endian, sign};
