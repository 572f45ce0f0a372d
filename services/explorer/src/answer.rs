//! What a request is answered with, and the headers that every answer has.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
    LOCATION, REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Extensions, HeaderValue, Response, StatusCode};
use tokio::sync::mpsc::Receiver;
use web::{Piece, Refusal, pieces};

use crate::failure::Failure;

/// What a page is answered with.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A page.
    Page(String),
    /// A file of a table, by its name, as it is made.
    Table(String, Receiver<Piece>),
    /// Where it is instead.
    Elsewhere(String),
}

/// Nothing but what this server has: no script in a page, no other origin, no frame around it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
const NO_SNIFFING: HeaderValue = HeaderValue::from_static("nosniff");
const OWN_REFERRER: HeaderValue = HeaderValue::from_static("same-origin");
/// Pages of other origins may not load anything from here.
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const CSV: HeaderValue = HeaderValue::from_static("text/csv; charset=utf-8");

impl Answer {
    /// As it is sent to a request with these extensions.
    pub(crate) fn response(self, request: &Extensions) -> Response<Body> {
        match self {
            Answer::Page(html) => page(StatusCode::OK, html),
            Answer::Table(name, made) => {
                let mut response = pieces(made, CSV, request);
                let headers = response.headers_mut();
                let name = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
                headers.extend(name.ok().map(|name| (CONTENT_DISPOSITION, name)));
                response
            }
            Answer::Elsewhere(path) => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::SEE_OTHER;
                let path = HeaderValue::from_str(&path);
                response.headers_mut().extend(path.ok().map(|path| (LOCATION, path)));
                response
            }
        }
    }
}

/// A page with a status.
pub(crate) fn page(status: StatusCode, html: String) -> Response<Body> {
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HTML);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// The answer with the headers that every answer has.
pub(crate) fn with_headers(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(X_CONTENT_TYPE_OPTIONS, NO_SNIFFING);
    headers.insert(REFERRER_POLICY, OWN_REFERRER);
    headers.insert(RESOURCE_POLICY, SAME_ORIGIN);
    headers.insert(OPENER_POLICY, SAME_ORIGIN);
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// What the server has refused before any page was asked, if it has.
pub(crate) fn refusal(response: &mut Response<Body>) -> Option<Failure> {
    let refusal = response.extensions_mut().remove::<Refusal>()?;
    Some(Failure::refused(refusal.status(), refusal.message()))
}
