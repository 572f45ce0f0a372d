//! An endpoint: where it is, what it takes and answers, and what serves it. What serves it has the types that
//! the document describes.

use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use web::openapi::{Parameter, Shape, shape};

use super::RequestContext;
use crate::error::NodeError;
use crate::service::NodeService;
use crate::shapes::BlockHead;
use crate::subscribers::{BlockStream, Feed};

/// What is answered.
#[derive(Debug)]
pub(crate) enum Response {
    /// JSON.
    Json(Vec<u8>),
    /// Blocks, as long as they come.
    Stream(BlockStream),
}

/// What a request does to the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing.
    Reads,
    /// It sends messages, which can get to the disk together with those of others.
    Sends,
    /// Anything else.
    Changes,
}

type Serve =
    Box<dyn Fn(&mut NodeService<'_>, &RequestContext) -> Result<Response, NodeError> + Send + Sync>;
/// What answers a request without a body.
type Answer<T> = fn(&mut NodeService<'_>, &RequestContext) -> Result<T, NodeError>;
/// What answers a request with a body.
type AnswerBody<B, T> = fn(&mut NodeService<'_>, &RequestContext, B) -> Result<T, NodeError>;

/// An endpoint.
pub(crate) struct Endpoint {
    /// Its path, with parameters in braces.
    pub(super) path: &'static str,
    pub(super) summary: &'static str,
    /// What it takes after the path.
    pub(super) queries: &'static [Parameter],
    /// What it takes as its body; without one it takes GET.
    pub(super) body: Option<Shape>,
    /// What it answers, or each value of its stream.
    pub(super) answer: Shape,
    pub(crate) effect: Effect,
    pub(crate) serve: Serve,
}

impl Endpoint {
    /// Its path, with parameters in braces.
    pub(crate) fn path(&self) -> &'static str {
        self.path
    }

    /// Whether it takes a body, by POST.
    pub(crate) fn takes_body(&self) -> bool {
        self.body.is_some()
    }

    /// Whether it takes something of this name after the path.
    pub(crate) fn takes_query(&self, name: &str) -> bool {
        self.queries.iter().any(|query| query.name == name)
    }
}

/// An endpoint that is asked.
pub(super) fn get<T: Serialize + ToSchema + 'static>(
    path: &'static str,
    queries: &'static [Parameter],
    answer: Answer<T>,
    summary: &'static str,
) -> Endpoint {
    let serve: Serve = Box::new(move |service, request| json(&answer(service, request)?));
    let (effect, answer) = (Effect::Reads, shape::<T>());
    Endpoint { path, summary, queries, body: None, answer, effect, serve }
}

/// An endpoint that tells of blocks as they come.
pub(super) fn stream(path: &'static str, feed: Feed, summary: &'static str) -> Endpoint {
    let serve: Serve = Box::new(move |service, _| service.subscribe(feed).map(Response::Stream));
    let (effect, answer) = (Effect::Reads, shape::<BlockHead>());
    Endpoint { path, summary, queries: &[], body: None, answer, effect, serve }
}

/// An endpoint that is told something.
pub(super) fn post<B, T>(
    path: &'static str,
    queries: &'static [Parameter],
    effect: Effect,
    answer: AnswerBody<B, T>,
    summary: &'static str,
) -> Endpoint
where
    B: DeserializeOwned + ToSchema + 'static,
    T: Serialize + ToSchema + 'static,
{
    let serve: Serve =
        Box::new(move |service, request| json(&answer(service, request, request.body()?)?));
    let (body, answer) = (Some(shape::<B>()), shape::<T>());
    Endpoint { path, summary, queries, body, answer, effect, serve }
}

/// An endpoint whose body says nothing.
pub(super) fn signal<T: Serialize + ToSchema + 'static>(
    path: &'static str,
    answer: Answer<T>,
    summary: &'static str,
) -> Endpoint {
    let body = Some(shape::<serde_json::Value>());
    Endpoint { body, effect: Effect::Changes, ..get(path, &[], answer, summary) }
}

pub(super) fn json<T: Serialize>(answer: &T) -> Result<Response, NodeError> {
    Ok(Response::Json(serde_json::to_vec(answer)?))
}
