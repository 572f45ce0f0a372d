//! Answers that go on, as long as values come, the client reads them, and the server is there: lines of JSON,
//! server-sent events, and what is too long to be made at once.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONNECTION, CONTENT_TYPE};
use axum::http::{Extensions, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::poll_fn;
use hyper::body::{Body as HttpBody, Frame};
use tokio::sync::mpsc::Receiver;

use super::ending::Ending;
use super::refusal::JSON;
use super::socket::{Deadlines, Peer};

const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// A stream of values, each of which a client has the time of an answer to read. The connection ends with it.
/// The extensions are those of its request.
#[must_use]
pub fn lines(mut values: Receiver<Arc<str>>, extensions: &Extensions) -> Response {
    let lines = poll_fn(move |cx| {
        let line =
            |value: Arc<str>| Ok::<_, Infallible>(Bytes::from([value.as_bytes(), b"\n"].concat()));
        values.poll_recv(cx).map(|next| next.map(line))
    });
    let mut response = streamed(Body::from_stream(lines), extensions, false);
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// A part of an answer that is worth something only if it is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Some of it.
    Bytes(Bytes),
    /// There is no more.
    End,
}

/// The answer ends before it is whole.
#[derive(Debug, thiserror::Error)]
#[error("the answer is cut off")]
struct CutOff;

/// A long answer, piece by piece, each of which a client has the time of an answer to read. A client can tell whether it
/// has all of it: unless the pieces come to [`Piece::End`], the connection breaks off. The extensions are those of its
/// request.
#[must_use]
pub fn pieces(
    mut pieces: Receiver<Piece>,
    media_type: HeaderValue,
    extensions: &Extensions,
) -> Response {
    let bytes = poll_fn(move |cx| {
        pieces.poll_recv(cx).map(|next| match next {
            Some(Piece::Bytes(bytes)) => Some(Ok(bytes)),
            Some(Piece::End) => None,
            None => Some(Err(CutOff)),
        })
    });
    let mut response = streamed(Body::from_stream(bytes), extensions, true);
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

/// A value of a stream of server-sent events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerEvent {
    /// Its id, which a client that comes back names.
    pub id: u64,
    /// Its name: one of a few words.
    pub name: &'static str,
    /// What it tells. It may not have a carriage return in it: JSON of one line has none.
    pub data: Arc<str>,
}

/// A stream of server-sent events, each of which a client has the time of an answer to read, with a comment after
/// each silence of that length, so that neither side takes the other for gone. The connection ends with it. What
/// is given with it is kept as long as it goes on. The extensions are those of its request.
pub fn events<E: Send + 'static>(
    mut events: Receiver<E>,
    event_of: fn(E) -> ServerEvent,
    silence: Duration,
    kept: impl Send + 'static,
    extensions: &Extensions,
) -> Response {
    let events = poll_fn(move |cx| {
        let _ = &kept;
        let event = |event: E| {
            let ServerEvent { id, name, data } = event_of(event);
            Ok::<_, Infallible>(Event::default().id(id.to_string()).event(name).data(data))
        };
        events.poll_recv(cx).map(|next| next.map(event))
    });
    let keep_alive = KeepAlive::new().interval(silence);
    let response = Sse::new(events).keep_alive(keep_alive).into_response();
    let (parts, body) = response.into_parts();
    let mut response = streamed(body, extensions, false);
    let media_type = parts.headers.get(CONTENT_TYPE).cloned();
    response.headers_mut().extend(media_type.map(|value| (CONTENT_TYPE, value)));
    response
}

/// An answer that goes on, by the rules of the server that its request has come to. One that has to be whole breaks off
/// where the server ends before it.
fn streamed(body: Body, extensions: &Extensions, is_whole: bool) -> Response {
    let (deadlines, client) = (extensions.get().cloned(), extensions.get().cloned());
    let end = extensions.get().cloned().map(|ending: Ending| {
        let end: EndFuture = Box::pin(ending.ended());
        end
    });
    let mut response =
        Response::new(Body::new(StreamBody { body, deadlines, client, end, is_whole }));
    response.headers_mut().insert(CONNECTION, CLOSE);
    response
}

type EndFuture = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// A body that ends when the client or the server does, and renews the deadline with each of its frames.
struct StreamBody {
    body: Body,
    deadlines: Option<Deadlines>,
    client: Option<Peer>,
    end: Option<EndFuture>,
    is_whole: bool,
}

impl StreamBody {
    /// The end that the client or the server has made.
    fn end(&self) -> Option<Result<Frame<Bytes>, axum::Error>> {
        self.is_whole.then(|| Err(axum::Error::new(CutOff)))
    }
}

impl HttpBody for StreamBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.end.as_mut().is_some_and(|end| end.as_mut().poll(cx).is_ready()) {
            return Poll::Ready(self.end());
        }
        let Poll::Ready(next) = Pin::new(&mut self.body).poll_frame(cx) else {
            let gone = self.client.as_ref().map_or(Poll::Pending, |client| client.poll_gone(cx));
            return gone.map(|()| self.end());
        };
        if let Some(deadlines) = &self.deadlines {
            deadlines.answer_begins();
        }
        Poll::Ready(next)
    }
}

#[cfg(test)]
mod tests;
