//! The axum router over the table of endpoints: what is in the table is served, and nothing else.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use axum::Router;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::{get, post};

use crate::error::NodeError;
use crate::event_loop::{Job, call};
use crate::limits::WEB;
use crate::options::Options;
use crate::routes::{self, Endpoint, RequestContext, endpoints, refusal};
use web::{Access, Budgets, Refusal, guarded, not_allowed, read_body, told_path};

/// What lets the web pages of another origin ask.
const CORS_HINT: &str = "--cors-origin ORIGIN lets it";

/// What all endpoints are served with.
struct Shared {
    jobs: SyncSender<Job>,
    budgets: Budgets,
}

/// The router of a sandbox, whose requests are served by who takes the jobs.
pub(crate) fn router(jobs: SyncSender<Job>, options: &Options) -> Router {
    let shared = Arc::new(Shared { jobs, budgets: Budgets::new(WEB) });
    let mut router = Router::new();
    for endpoint in endpoints(options.dev) {
        let (path, takes_body) = (endpoint.path(), endpoint.takes_body());
        let (shared, endpoint) = (Arc::clone(&shared), Arc::new(endpoint));
        let handler = move |parameters, request| {
            serve(Arc::clone(&shared), Arc::clone(&endpoint), parameters, request)
        };
        let (methods, allowed) =
            if takes_body { (post(handler), "POST") } else { (get(handler), "GET, HEAD") };
        let other = move |uri: Uri| async move { not_allowed(&uri, allowed) };
        router = router.route(path, methods.fallback(other));
    }
    let access =
        Access { any_host: options.any_host, cors: options.cors.clone(), cors_hint: CORS_HINT };
    guarded(router.fallback(nothing), access).merge(options.beside.clone())
}

async fn serve(
    shared: Arc<Shared>,
    endpoint: Arc<Endpoint>,
    parameters: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
) -> Result<Response, Refusal> {
    let text = |_| Refusal::new(StatusCode::BAD_REQUEST, "malformed", "the path is not text");
    let parameters = parameters.map_err(text)?;
    let query = request.uri().query().unwrap_or_default();
    let query: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    if let Some((name, _)) = query.iter().find(|(name, _)| !endpoint.takes_query(name)) {
        return Err(refusal(&NodeError::Query(name.chars().take(80).collect())));
    }
    let parameters = parameters.iter().map(|(_, value)| value.to_owned()).collect();
    let mut context = RequestContext { parameters, query, ..RequestContext::default() };
    let extensions = request.extensions().clone();
    let _share = if endpoint.takes_body() {
        let (body, share) = read_body(request, &shared.budgets).await?;
        context.body = body;
        share
    } else {
        None
    };
    Ok(match call(&shared.jobs, endpoint, context).await? {
        routes::Response::Json(text) => web::json(text, &shared.budgets),
        routes::Response::Stream(blocks) => web::lines(blocks, &extensions),
    })
}

async fn nothing(uri: Uri) -> Refusal {
    refusal(&NodeError::NoEndpoint(told_path(&uri)))
}
