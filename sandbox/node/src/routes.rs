//! What is served where: the paths of Octez's rollup node, and the sandbox's own.

mod batcher;
mod block;
mod config;
mod dev;
mod dev_layer1;
mod durable;
mod endpoint;
mod global;
mod layer1;
mod openapi;
mod outbox;
mod request;
mod simulate;
mod status;
mod table;

use axum::http::StatusCode;

use crate::error::NodeError;
use web::Refusal;

pub(crate) use endpoint::{Effect, Endpoint, Response};
pub(crate) use request::RequestContext;

/// All that is served; what the sandbox alone has only if it is asked for.
pub(crate) fn endpoints(dev: bool) -> Vec<Endpoint> {
    openapi::documented(table::endpoints(dev))
}

/// An error as it is answered.
pub(crate) fn refusal(error: &NodeError) -> Refusal {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Refusal::new(status, error.word(), error.to_string())
}
