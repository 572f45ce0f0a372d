//! The history over HTTP: what is served, to whom, and how much of it.
//!
//! `table` has every endpoint: requests are routed by it ([`router`]), and `/history/openapi.json` is written from
//! it (`document`). The endpoints (`answers`) turn a request into questions to the index. An error has the form
//! `{"error": …}` wherever it is made (`failure`).

mod answers;
mod document;
mod failure;
pub mod limits;
mod request;
mod router;
mod state;
mod table;
#[cfg(test)]
mod tests;

pub use failure::SITE;
pub use router::{HttpOptions, router};
