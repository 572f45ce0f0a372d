//! Whether the batcher is well, and its figures.

use std::sync::Arc;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use web::Figures;

use super::endpoint::json;
use super::failure::Failure;
use super::limits::NODE_AWAY_SECONDS;
use super::request::Call;
use super::state::HttpState;
use crate::Health;

/// Whether it is well.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HealthAnswer {
    /// Whether it takes transactions.
    status: HealthStatus,
    /// Whether the rollup node answers.
    node: NodeStatus,
    /// `sr1…`, once the node has told it.
    rollup: Option<String>,
    /// The head's level, once there is one.
    head: Option<i32>,
    /// Seconds since the node has answered last.
    answered_seconds: Option<u64>,
    /// Transactions that are pending.
    pending: u64,
    /// Why it takes no transactions, in a sentence.
    why: Option<String>,
}

/// Whether it takes transactions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum HealthStatus {
    Ok,
    NotReady,
}

/// Whether the rollup node answers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum NodeStatus {
    Up,
    Away,
}

impl From<Health> for HealthAnswer {
    fn from(health: Health) -> Self {
        let Health { ok, node, starting: _, rollup, head, answered, pending, why } = health;
        Self {
            status: if ok { HealthStatus::Ok } else { HealthStatus::NotReady },
            node: if node { NodeStatus::Up } else { NodeStatus::Away },
            rollup,
            head,
            answered_seconds: answered,
            pending,
            why,
        }
    }
}

/// The status of HTTP says the same: 503 while it takes no transactions.
pub(super) async fn health(state: Arc<HttpState>, _: Call) -> Result<Response, Failure> {
    let health = state.engine.health();
    let ok = health.ok;
    let response = json(&state, &HealthAnswer::from(health))?;
    Ok(if ok { response } else { unavailable(response) })
}

/// The answer of a batcher that takes nothing at the moment.
fn unavailable(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(NODE_AWAY_SECONDS));
    response
}

pub(super) async fn metrics(state: Arc<HttpState>, _: Call) -> Result<Response, Failure> {
    let mut figures = Figures::new("toru_batcher");
    for (name, help, value) in state.engine.metrics().each() {
        match help.strip_prefix("Gauge: ") {
            Some(help) => figures.gauge(name, help, Some(value)),
            None => figures.counter(&format!("{name}_total"), help, value),
        }
    }
    state.figures(&mut figures);
    Ok(figures.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_finds_it_unwell_is_told_when_to_ask_again() {
        let response = unavailable(Response::default());
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[RETRY_AFTER], NODE_AWAY_SECONDS.to_string());
    }
}
