//! Bodies: those of requests, read within bounds of size, time and memory, and those of answers.

use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, HeaderMap, TRANSFER_ENCODING};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use super::budget::{Budget, Share};
use super::refusal::JSON;
use super::{Limits, Refusal};

/// The memory that the bodies of all requests and answers share.
#[derive(Debug)]
pub struct Budgets {
    limits: Limits,
    bodies: Arc<Budget>,
    answers: Arc<Budget>,
}

impl Budgets {
    /// All of it, as the limits say.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let bodies = Arc::new(Budget::new(limits.bodies_bytes));
        Self { limits, bodies, answers: Arc::new(Budget::new(limits.answers_bytes)) }
    }
}

/// Reads the body of a request, which must be JSON. Its share of memory is taken as long as what is returned
/// with it is there.
///
/// # Errors
/// When it is of another type, too long, too slow, or there is no memory for it.
pub async fn read_body(
    request: Request,
    budgets: &Budgets,
) -> Result<(Bytes, Option<Share>), Refusal> {
    let limits = &budgets.limits;
    let too_long = || {
        let message = format!("the body is longer than {} bytes", limits.body_bytes);
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too_much", message)
    };
    // A web page can send other types anywhere, but JSON only to who allows it.
    if !is_json(request.headers()) {
        let message = "the body has to be application/json";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_type", message));
    }
    // Without a length it is not known what share of memory it will take.
    if request.headers().contains_key(TRANSFER_ENCODING) {
        let message = "a body needs a Content-Length";
        return Err(Refusal::new(StatusCode::LENGTH_REQUIRED, "malformed", message));
    }
    let body = request.into_body();
    let length = body.size_hint().exact().and_then(|length| usize::try_from(length).ok());
    let length = length.filter(|length| *length <= limits.body_bytes).ok_or_else(too_long)?;
    let share = if length > limits.small_bytes {
        Some(
            Budget::take(&budgets.bodies, length)
                .ok_or_else(|| busy("too many large bodies at once"))?,
        )
    } else {
        None
    };
    let Ok(read) = timeout(limits.body_time, to_bytes(body, length)).await else {
        let message = "the request did not arrive in time";
        return Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "too_slow", message));
    };
    let message = "the body was cut off";
    let cut_off = |_| Refusal::new(StatusCode::BAD_REQUEST, "malformed", message);
    Ok((read.map_err(cut_off)?, share))
}

/// An answer of JSON, a line. A long one takes its share of memory until it is written.
pub fn json(mut text: Vec<u8>, budgets: &Budgets) -> Response {
    text.push(b'\n');
    let bytes = if text.len() <= budgets.limits.small_bytes {
        Bytes::from(text)
    } else {
        match Budget::take(&budgets.answers, text.len()) {
            Some(share) => Bytes::from_owner(Held { text, _share: share }),
            None => return busy("too many large answers at once").into_response(),
        }
    };
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// A text that has a share of memory as long as it is there.
struct Held {
    text: Vec<u8>,
    _share: Share,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.text
    }
}

fn busy(message: &str) -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message)
}

fn is_json(headers: &HeaderMap) -> bool {
    let json = |value: &HeaderValue| {
        let kind = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
        kind.trim_ascii().eq_ignore_ascii_case(b"application/json")
    };
    headers.get_all(CONTENT_TYPE).iter().any(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_bodies() {
        let status = |kind: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            is_json(&headers)
        };
        assert!(status("application/json") && status("Application/JSON; charset=utf-8"));
        assert!(
            !status("text/plain") && !status("application/jsonp") && !is_json(&HeaderMap::new())
        );
    }
}
