//! Why a request is not answered, and in which form that is told: Octez's, unless a service has its own.

use api_error::ApiError;
use axum::Router;
use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// The media type of every answer.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Seconds: when a busy server may be asked again.
const BUSY_SECONDS: HeaderValue = HeaderValue::from_static("1");
/// How much of a path is told.
const MAX_TOLD_CHARS: usize = 200;

/// How a refusal is told: the body of its answer. The text is the service's name.
pub type RefusalForm = fn(&Refusal, &str) -> String;

/// A refusal: a status of HTTP, a word that programs can go by, and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    word: &'static str,
    message: String,
}

impl Refusal {
    /// A refusal. The word gets the service's name before it when it is answered.
    pub fn new(status: StatusCode, word: &'static str, message: impl Into<String>) -> Self {
        Self { status, word, message: message.into() }
    }

    /// The status of HTTP.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.word
    }

    /// The sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Octez's form: a list of errors, here of one. A request whose error is temporary may be answered when
    /// it is sent again as it is.
    #[must_use]
    pub fn octez_form(&self, service: &str) -> String {
        let temporary = self.status.is_server_error()
            || matches!(self.status, StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT);
        let kind = if temporary { "temporary" } else { "permanent" };
        let id = format!("{service}.{}", self.word);
        format!("{}\n", json!([{"kind": kind, "id": id, "msg": self.message}]))
    }

    /// The form of services with codes: `{"error": {"code", "message", "values"}}`, by a code for the status.
    #[must_use]
    pub fn coded_form(&self, _: &str) -> String {
        let code = match self.status.as_u16() {
            403 => "FORBIDDEN",
            404 => "UNKNOWN_PATH",
            405 => "METHOD_NOT_ALLOWED",
            408 => "TOO_SLOW",
            411 => "LENGTH_REQUIRED",
            413 => "REQUEST_TOO_LARGE",
            415 => "NOT_JSON",
            431 => "HEAD_TOO_LARGE",
            503 => "BUSY",
            400..500 => "MALFORMED",
            _ => "INTERNAL",
        };
        ApiError::named(code, &self.message).into_line()
    }

    /// The whole answer as bytes, for a connection that hyper has given up.
    pub(crate) fn to_bytes(&self, form: RefusalForm, service: &str) -> Vec<u8> {
        let body = form(self, service);
        let reason = self.status.canonical_reason().unwrap_or_default();
        let retry =
            if self.status == StatusCode::SERVICE_UNAVAILABLE { "Retry-After: 1\r\n" } else { "" };
        format!(
            "HTTP/1.1 {} {reason}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             {retry}Connection: close\r\n\r\n{body}",
            self.status.as_u16(),
            body.len(),
        )
        .into_bytes()
    }
}

impl IntoResponse for Refusal {
    /// The body is written later, by [`told`].
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, JSON);
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, BUSY_SECONDS);
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// The answer of an error with a code, and in how many seconds to come back.
pub fn coded_error(status: u16, error: ApiError, seconds: Option<u64>) -> Response {
    let mut response = Response::new(Body::from(error.into_line()));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, JSON);
    headers.extend(seconds.map(|seconds| (RETRY_AFTER, HeaderValue::from(seconds))));
    response
}

/// Writes the body of an answer that is a refusal, if nobody has.
pub(crate) fn told(mut response: Response, form: RefusalForm, service: &str) -> Response {
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        *response.body_mut() = Body::from(form(&refusal, service));
        // That of the empty body.
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    response
}

/// A router whose refusals have a form of their own, wherever it is served.
pub fn with_form(router: Router, form: RefusalForm, service: &'static str) -> Router {
    router.layer(map_response(move |response| async move { told(response, form, service) }))
}

/// The answer to a method that is not served at a path.
pub fn not_allowed(uri: &Uri, allowed: &'static str) -> Response {
    let message = format!("{:?} takes {allowed} only", told_path(uri));
    let mut response =
        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method", message).into_response();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

/// A path as it is told to who has asked for it: its beginning.
#[must_use]
pub fn told_path(uri: &Uri) -> String {
    uri.path().chars().take(MAX_TOLD_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_answered_later_is_temporary() {
        for (status, kind) in [
            (StatusCode::BAD_REQUEST, "permanent"),
            (StatusCode::NOT_FOUND, "permanent"),
            (StatusCode::REQUEST_TIMEOUT, "temporary"),
            (StatusCode::CONFLICT, "temporary"),
            (StatusCode::SERVICE_UNAVAILABLE, "temporary"),
        ] {
            let refusal = Refusal::new(status, "word", "why");
            let text = String::from_utf8(refusal.to_bytes(Refusal::octez_form, "sandbox")).unwrap();
            let body = format!("[{{\"id\":\"sandbox.word\",\"kind\":\"{kind}\",\"msg\":\"why\"}}]");
            assert!(text.starts_with(&format!("HTTP/1.1 {} ", status.as_u16())), "{text}");
            assert!(text.contains(&body), "{text}");
        }
    }

    #[test]
    fn a_long_path_is_told_by_its_beginning() {
        let uri: Uri = format!("/{}", "a".repeat(1_000)).parse().unwrap();
        assert_eq!(told_path(&uri).len(), MAX_TOLD_CHARS);
        assert_eq!(not_allowed(&uri, "GET").headers()[ALLOW], "GET");
    }
}
