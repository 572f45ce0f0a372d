//! Whether the batcher is well, and its figures.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use web::Figures;

use super::endpoint::json;
use super::failure::Failure;
use super::request::Call;
use super::served::Served;

pub(super) async fn health(served: Arc<Served>, _: Call) -> Result<Response, Failure> {
    let health = served.engine()?.health().await?;
    let mut response = json(&served, &health)?;
    if !health.is_well() {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    Ok(response)
}

pub(super) async fn metrics(served: Arc<Served>, _: Call) -> Result<Response, Failure> {
    let mut figures = Figures::new("toru_batcher");
    served.engine()?.metrics().await?.figures(&mut figures);
    served.figures(&mut figures);
    Ok(figures.into_response())
}
