//! The HTTP server that a service stands on: connections and their limits, who may ask, bodies, refusals,
//! and streams. It knows nothing of a chain; what is served is an axum router.

mod access;
mod body;
mod budget;
mod limits;
mod refusal;
mod server;
mod socket;
mod stream;

pub(crate) use access::{Access, guarded};
pub use access::{Cors, CorsError};
pub(crate) use body::{Budgets, json, read_body};
pub(crate) use limits::Limits;
pub(crate) use refusal::Refusal;
pub(crate) use server::serve;
pub(crate) use stream::lines;
