//! Why a request is not answered, in the form that Octez gives errors.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// The media type of every answer.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A refusal: a status of HTTP, a word that programs can go by, and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub(crate) status: StatusCode,
    word: &'static str,
    message: String,
}

impl Refusal {
    /// A refusal. The word gets the service's name before it when it is answered.
    pub fn new(status: StatusCode, word: &'static str, message: impl Into<String>) -> Self {
        Self { status, word, message: message.into() }
    }

    /// Octez's form: a list of errors, here of one. A request whose error is temporary may be answered when
    /// it is sent again as it is.
    pub(crate) fn body(&self, service: &str) -> String {
        let temporary = self.status.is_server_error()
            || matches!(self.status, StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT);
        let kind = if temporary { "temporary" } else { "permanent" };
        let id = format!("{service}.{}", self.word);
        format!("{}\n", json!([{"kind": kind, "id": id, "msg": self.message}]))
    }

    /// The whole answer as bytes, for a connection that hyper has given up.
    pub(crate) fn to_bytes(&self, service: &str) -> Vec<u8> {
        let body = self.body(service);
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
    /// The server writes the body, as it knows the name of the service.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, JSON);
        response.extensions_mut().insert(self);
        response
    }
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
            let text =
                String::from_utf8(Refusal::new(status, "word", "why").to_bytes("sandbox")).unwrap();
            let body = format!("[{{\"id\":\"sandbox.word\",\"kind\":\"{kind}\",\"msg\":\"why\"}}]");
            assert!(text.starts_with(&format!("HTTP/1.1 {} ", status.as_u16())), "{text}");
            assert!(text.contains(&body), "{text}");
        }
    }
}
