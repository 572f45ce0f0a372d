//! An endpoint: where it is, what it takes and answers, and what serves it. What serves it has the types that the
//! document describes.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use web::openapi::{Parameter, Shape, shape};

use super::failure::Failure;
use super::request::Call;
use super::state::HttpState;

type Answered = Pin<Box<dyn Future<Output = Result<Response, Failure>> + Send>>;
type Serve = Box<dyn Fn(Arc<HttpState>, Call) -> Answered + Send + Sync>;

/// An endpoint.
pub(super) struct Endpoint {
    /// Its path, with a parameter in braces.
    pub(super) path: &'static str,
    pub(super) summary: &'static str,
    /// What it takes beside the path.
    pub(super) parameters: &'static [Parameter],
    /// What it takes as its body; without one it takes GET.
    pub(super) body: Option<Shape>,
    /// The media type of what it answers.
    pub(super) media_type: &'static str,
    /// What it answers, or each value of its stream.
    pub(super) answer: Shape,
    pub(super) serve: Serve,
}

impl Endpoint {
    /// Whether it takes something of this name after the path.
    pub(super) fn takes_query(&self, name: &str) -> bool {
        self.parameters.iter().any(|one| one.name == name && !one.is_header)
    }
}

/// An endpoint that is asked.
pub(super) fn get<T, F>(
    path: &'static str,
    answer: impl Fn(Arc<HttpState>, Call) -> F + Send + Sync + 'static,
    summary: &'static str,
) -> Endpoint
where
    T: Serialize + ToSchema + 'static,
    F: Future<Output = Result<T, Failure>> + Send + 'static,
{
    let answer = Arc::new(answer);
    let serve: Serve = Box::new(move |state, call| {
        let answer = Arc::clone(&answer);
        Box::pin(async move {
            let told = answer(Arc::clone(&state), call).await?;
            json(&state, &told)
        })
    });
    let media_type = "application/json";
    Endpoint { path, summary, parameters: &[], body: None, media_type, answer: shape::<T>(), serve }
}

/// An endpoint that is told something of the shape `B`.
pub(super) fn post<B, T, F>(
    path: &'static str,
    answer: impl Fn(Arc<HttpState>, Call) -> F + Send + Sync + 'static,
    summary: &'static str,
) -> Endpoint
where
    B: ToSchema,
    T: Serialize + ToSchema + 'static,
    F: Future<Output = Result<T, Failure>> + Send + 'static,
{
    Endpoint { body: Some(shape::<B>()), ..get(path, answer, summary) }
}

/// An endpoint whose answer is no JSON, or not of JSON alone: `T` says what each of its values is.
pub(super) fn other<T, F>(
    path: &'static str,
    media_type: &'static str,
    parameters: &'static [Parameter],
    answer: impl Fn(Arc<HttpState>, Call) -> F + Send + Sync + 'static,
    summary: &'static str,
) -> Endpoint
where
    T: ToSchema,
    F: Future<Output = Result<Response, Failure>> + Send + 'static,
{
    let serve: Serve = Box::new(move |state, call| Box::pin(answer(state, call)));
    Endpoint { path, summary, parameters, body: None, media_type, answer: shape::<T>(), serve }
}

/// An answer of JSON.
pub(super) fn json<T: Serialize>(state: &HttpState, told: &T) -> Result<Response, Failure> {
    let text = serde_json::to_vec(told);
    let text = text.map_err(|error| Failure::internal(format!("the answer: {error}")))?;
    Ok(web::json(text, &state.budgets).into_response())
}
