//! The batcher over HTTP: what is served, to whom, and how much of it.
//!
//! `endpoint` is what an endpoint is, and `table` has all of them: requests are routed by it ([`router`]), and
//! `/openapi.json` is written from it (`document`). The endpoints turn a request into a call of the engine's
//! [`Handle`](crate::Handle). An error has the form `{"error": …}` wherever it is made (`failure`).

mod accounts;
mod batches;
mod document;
mod endpoint;
mod events;
mod failure;
pub mod limits;
mod request;
mod router;
mod state;
mod status;
mod table;
mod transactions;

pub use failure::SITE;
pub use router::{HttpOptions, router};
