//! The axum router over the table of endpoints: what is in the table is served, and nothing else.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::{any, get};
use layer1::plain::quoted;
use web::{Access, Client, Cors, Refusal, guarded, not_allowed, told_path, with_form};

use super::document::documented;
use super::failure::Failure;
use super::request::Call;
use super::state::HttpState;
use super::table::{Endpoint, endpoints};
use crate::follow::Handle;

/// What lets the web pages of another origin ask.
const CORS_HINT: &str = "--cors-origin ORIGIN lets it";

/// How a history is served.
#[derive(Clone, Debug, Default)]
pub struct HttpOptions {
    /// Whether clients may call this host by any name.
    pub any_host: bool,
    /// Whether a proxy on the way here says from which address a request comes.
    pub behind_proxy: bool,
    /// The web pages of which other origins may ask.
    pub cors: Cors,
}

/// All that is served, for those alone who may ask: paths below `/history`, and no others.
pub fn router(index: Handle, options: HttpOptions) -> Router {
    let HttpOptions { any_host, behind_proxy, cors } = options;
    let shared = Arc::new(HttpState::new(index));
    let mut router = Router::new();
    for endpoint in documented(endpoints()) {
        let path = endpoint.path;
        let (state, endpoint) = (Arc::clone(&shared), Arc::new(endpoint));
        let handler = move |parameters, request| {
            serve(Arc::clone(&state), Arc::clone(&endpoint), behind_proxy, parameters, request)
        };
        let other = |uri: Uri| async move { not_allowed(&uri, "GET, HEAD") };
        router = router.route(path, get(handler).fallback(other));
    }
    router = router.route("/history", any(nothing)).route("/history/{*rest}", any(nothing));
    let access = Access { any_host, cors, cors_hint: CORS_HINT };
    with_form(guarded(router, access), Refusal::coded_form, "history")
}

async fn serve(
    state: Arc<HttpState>,
    endpoint: Arc<Endpoint>,
    behind_proxy: bool,
    parameters: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
) -> Result<Response, Failure> {
    state.take_request(Client::of(request.extensions(), request.headers(), behind_proxy))?;
    let parameters = parameters.map_err(|_| Failure::malformed("the path is not text"))?;
    let query = request.uri().query().unwrap_or_default();
    let query: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let is_known = |name: &str| endpoint.parameters.iter().any(|one| one.name == name);
    if let Some((name, _)) = query.iter().find(|(name, _)| !is_known(name)) {
        let message = format!("the query {} is not known here", quoted(name));
        return Err(Failure::malformed(message));
    }
    let parameter = parameters.iter().map(|(_, value)| value.to_owned()).next();
    let call = Call { parameter: parameter.unwrap_or_default(), query };
    (endpoint.serve)(state, call).await
}

async fn nothing(uri: Uri) -> Refusal {
    let path = told_path(&uri);
    let message = format!("nothing is served at {path:?}; GET /history/openapi.json says what is");
    Refusal::new(StatusCode::NOT_FOUND, "not_found", message)
}
