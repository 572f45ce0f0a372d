//! The axum router over the table of endpoints: what is in the table is served, and nothing else.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request};
use axum::http::header::{HeaderName, HeaderValue};
use axum::http::{StatusCode, Uri};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{any, get, post};
use layer1::plain::quoted;
use web::{
    Access, Client, Cors, CorsError, Refusal, guarded, not_allowed, read_body, told_path, with_form,
};

use super::document::documented;
use super::endpoint::Endpoint;
use super::failure::Failure;
use super::limits::{STREAMS, STREAMS_BESIDE};
use super::request::Call;
use super::state::HttpState;
use super::table::endpoints;
use crate::Handle;

/// What lets the web pages of another origin ask.
const CORS_HINT: &str = "--cors-origin ORIGIN lets it";
/// The headers that a wallet in a web page sends.
const CORS_HEADERS: [&str; 2] = ["content-type", "last-event-id"];
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// How a batcher is served.
#[derive(Clone, Debug, Default)]
pub struct HttpOptions {
    /// Whether it is served by itself, and not beside a rollup node's paths.
    pub is_alone: bool,
    /// Whether clients may call this host by any name.
    pub any_host: bool,
    /// Whether a proxy on the way here says from which address a request comes.
    pub behind_proxy: bool,
    /// The web pages of which other origins may ask.
    pub cors: Cors,
}

impl HttpOptions {
    /// Allows the pages of these origins, with the headers that a wallet sends and these others.
    ///
    /// # Errors
    /// When a text is not an origin, or not the name of a header.
    pub fn with_origins(self, origins: &[String], headers: &[String]) -> Result<Self, CorsError> {
        let own = CORS_HEADERS.map(str::to_owned).into_iter();
        let cors = Cors::new(origins.to_vec(), own.chain(headers.iter().cloned()).collect())?;
        Ok(Self { cors, ..self })
    }
}

/// All that is served, for those alone who may ask. Beside a rollup node's paths it has no fallback but under `/v1`.
pub fn router(engine: Handle, options: HttpOptions) -> Router {
    let HttpOptions { is_alone, any_host, behind_proxy, cors } = options;
    let streams = if is_alone { STREAMS } else { STREAMS_BESIDE };
    let shared = Arc::new(HttpState::new(engine, streams));
    let mut router = Router::new();
    for endpoint in documented(endpoints(is_alone)) {
        let (path, takes_body) = (endpoint.path, endpoint.body.is_some());
        let (state, endpoint) = (Arc::clone(&shared), Arc::new(endpoint));
        let handler = move |parameters, request| {
            serve(Arc::clone(&state), Arc::clone(&endpoint), behind_proxy, parameters, request)
        };
        let (methods, allowed) =
            if takes_body { (post(handler), "POST") } else { (get(handler), "GET, HEAD") };
        let other = move |uri: Uri| async move { not_allowed(&uri, allowed) };
        router = router.route(path, methods.fallback(other));
    }
    router = match is_alone {
        true => router.fallback(nothing),
        false => router.route("/v1/{*rest}", any(nothing)),
    };
    let access = Access { any_host, cors, cors_hint: CORS_HINT };
    let counted = map_response(move |response: Response| {
        shared.count(response.status());
        std::future::ready(response)
    });
    with_form(guarded(router, access), Refusal::coded_form, "batcher").layer(counted)
}

async fn serve(
    state: Arc<HttpState>,
    endpoint: Arc<Endpoint>,
    behind_proxy: bool,
    parameters: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
) -> Result<Response, Failure> {
    let client = Client::of(request.extensions(), request.headers(), behind_proxy);
    state.take_request(client)?;
    let parameters = parameters.map_err(|_| Failure::malformed("the path is not text"))?;
    let query = request.uri().query().unwrap_or_default();
    let query: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    if let Some((name, _)) = query.iter().find(|(name, _)| !endpoint.takes_query(name)) {
        let message = format!("the query {} is not known here", quoted(name));
        return Err(Failure::malformed(message));
    }
    let last_event = request.headers().get(LAST_EVENT_ID).map(HeaderValue::as_bytes);
    let last_event = last_event.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let mut call = Call {
        parameter: parameters.iter().map(|(_, value)| value.to_owned()).next().unwrap_or_default(),
        query,
        last_event,
        body: axum::body::Bytes::new(),
        client,
        extensions: request.extensions().clone(),
    };
    let _share = match endpoint.body {
        Some(_) => {
            let (body, share) = read_body(request, &state.budgets).await?;
            call.body = body;
            share
        }
        None => None,
    };
    (endpoint.serve)(state, call).await
}

async fn nothing(uri: Uri) -> Refusal {
    let message =
        format!("nothing is served at {:?}; GET /openapi.json says what is", told_path(&uri));
    Refusal::new(StatusCode::NOT_FOUND, "not_found", message)
}
