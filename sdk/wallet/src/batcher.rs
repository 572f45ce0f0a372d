//! A client of a batcher: a service that puts transactions of many people into one batch, and has them all sign it.
//!
//! What is given to a batcher is signed already, so that it can neither change it nor pay it twice: `docs/wallet.md`,
//! "Through a batcher", says what it can do. From there on:
//!
//! 1. [`Batcher::connect`] asks for its quote, and holds it to one rollup. [`known`] remembers its key, [`fee`] is
//!    what it asks for.
//! 2. [`Batcher::post`] submits transactions. The id of each is its hash, so that posting again changes nothing.
//!    What it accepts has a [`receipt`].
//! 3. [`stream::Events`] are what it tells afterwards. [`stay`] follows transactions by them, and signs the batches
//!    that they are in with a [`cosign::CoSigner`]. Each batch is held against what was meant ([`offer`]), and is
//!    not signed if anything differs.
//!
//! Whether something was applied is asked of a rollup node, and not of the batcher.

pub mod cosign;
pub mod difference;
mod error;
pub mod fee;
mod http;
pub mod known;
pub mod offer;
mod post;
pub mod receipt;
pub mod sse;
pub mod stay;
pub mod stream;

pub use error::BatcherError;
pub use http::Batcher;
pub use post::{Accepted, Posted};
