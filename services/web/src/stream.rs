//! Answers that go on: a line of JSON for each value, as long as values come and the client reads them.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::header::{CONNECTION, CONTENT_TYPE};
use axum::http::{Extensions, HeaderValue};
use axum::response::Response;
use hyper::body::{Body as HttpBody, Frame};
use tokio::sync::mpsc::Receiver;

use super::refusal::JSON;
use super::socket::{Deadlines, Peer};

/// A stream of values, each of which a client has the time of an answer to read. The connection ends with it.
/// The extensions are those of its request.
#[must_use]
pub fn lines(values: Receiver<Arc<str>>, extensions: &Extensions) -> Response {
    let (deadlines, client) = (extensions.get().cloned(), extensions.get().cloned());
    let lines = LineBody { values, deadlines, client };
    let mut response = Response::new(Body::new(lines));
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

struct LineBody {
    values: Receiver<Arc<str>>,
    deadlines: Option<Deadlines>,
    client: Option<Peer>,
}

impl HttpBody for LineBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = match self.values.poll_recv(cx) {
            Poll::Ready(next) => next,
            Poll::Pending => {
                let gone =
                    self.client.as_ref().map_or(Poll::Pending, |client| client.poll_gone(cx));
                return gone.map(|()| None);
            }
        };
        if let Some(deadlines) = &self.deadlines {
            deadlines.answer_begins();
        }
        let line = next.map(|value| Bytes::from([value.as_bytes(), b"\n"].concat()));
        Poll::Ready(line.map(|line| Ok(Frame::data(line))))
    }
}
