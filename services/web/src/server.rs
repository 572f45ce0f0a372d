//! Takes connections up to a limit, and serves requests on each until it or the server ends.

use std::convert::Infallible;
use std::net::Shutdown;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, HeaderMap, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower_http::normalize_path::NormalizePath;

use super::socket::{Deadlines, Peer, Socket, linger};
use super::{Limits, Refusal};

/// How long to wait when the system has no connection to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

const KEEP: HeaderValue = HeaderValue::from_static("keep-alive");
const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// What is served at an address, and how much of it one may take.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// The service's name, which is the first word of the ids of its errors.
    pub name: &'static str,
    /// What clients may take.
    pub limits: Limits,
}

/// What all connections share.
#[derive(Clone)]
struct Server {
    service: TowerToHyperService<NormalizePath<Router>>,
    name: &'static str,
    limits: Limits,
    /// A permit for each connection.
    permits: Arc<Semaphore>,
    ending: watch::Receiver<bool>,
}

/// Serves a router until `ending` is set, and then for a moment what is on its way.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    site: Site,
    ending: watch::Receiver<bool>,
) {
    let Site { name, limits } = site;
    let service = TowerToHyperService::new(NormalizePath::trim_trailing_slash(router));
    let permits = Arc::new(Semaphore::new(limits.connections));
    let server = Server { service, name, limits, permits, ending };
    let mut ending = server.ending.clone();
    loop {
        let accepted = tokio::select! {
            () = ended(&mut ending) => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        match Arc::clone(&server.permits).try_acquire_owned() {
            Ok(permit) => {
                let server = server.clone();
                tokio::spawn(async move {
                    server.serve_connection(stream).await;
                    drop(permit);
                });
            }
            Err(_) => refuse(&stream, name),
        }
    }
    drop(listener);
    let all = u32::try_from(limits.connections).unwrap_or(u32::MAX);
    // What has not been read by then is cut off.
    let _ = tokio::time::timeout(limits.last_answers_time, server.permits.acquire_many(all)).await;
}

/// Waits for the end.
async fn ended(ending: &mut watch::Receiver<bool>) {
    // It fails when whoever would say so has gone.
    let _ = ending.wait_for(|ending| *ending).await;
}

/// Says that there are too many, without waiting for anything: the answer fits a socket's buffer.
fn refuse(stream: &TcpStream, name: &str) {
    let message = "too many connections at once";
    let refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message);
    write_refusal(stream, &refusal, name);
}

fn write_refusal(stream: &TcpStream, refusal: &Refusal, name: &str) {
    // Who has gone needs no answer.
    let _ = stream.try_write(&refusal.to_bytes(name));
}

impl Server {
    async fn serve_connection(&self, stream: TcpStream) {
        // Answers are written at once, so there is nothing to wait for; where it cannot be said, they are
        // only slower.
        let _ = stream.set_nodelay(true);
        let stream = Arc::new(stream);
        let deadlines = Deadlines::new(self.limits);
        let socket = Socket::new(Arc::clone(&stream), deadlines.clone());
        let client = Peer::new(Arc::clone(&stream));
        let service = service_fn(|request| self.answer(request, &deadlines, &client));
        let connection = http1::Builder::new()
            // A client may close its end once it has asked.
            .half_close(true)
            .max_buf_size(self.limits.head_bytes)
            .max_headers(self.limits.headers)
            .title_case_headers(true)
            .serve_connection(TokioIo::new(socket), service);
        let mut connection = std::pin::pin!(connection);
        let mut ending = self.ending.clone();
        let served = tokio::select! {
            served = connection.as_mut() => served,
            () = ended(&mut ending) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = served
            && let Some(refusal) = self.refusal(&error, &deadlines)
        {
            write_refusal(&stream, &refusal, self.name);
        }
        if SockRef::from(&*stream).shutdown(Shutdown::Write).is_ok() {
            linger(&stream, self.limits.linger_time).await;
        }
    }

    /// Answers a request, and says whether the connection is kept: only for who asks for it, and as long
    /// as others do not wait for a permit.
    async fn answer(
        &self,
        mut request: Request<Incoming>,
        deadlines: &Deadlines,
        client: &Peer,
    ) -> Result<Response<Body>, Infallible> {
        deadlines.request_begins();
        request.extensions_mut().insert(deadlines.clone());
        request.extensions_mut().insert(client.clone());
        let wants_more = request.version() == Version::HTTP_11 && asks_to_keep(request.headers());
        let mut response = self.service.call(request).await?;
        deadlines.answer_begins();
        if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
            *response.body_mut() = Body::from(refusal.body(self.name));
            // That of the empty body.
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let open = self.limits.connections.saturating_sub(self.permits.available_permits());
        let keeps = wants_more
            && open <= self.limits.kept_connections
            && !*self.ending.borrow()
            && !headers.contains_key(CONNECTION);
        headers.insert(CONNECTION, if keeps { KEEP } else { CLOSE });
        if keeps {
            deadlines.another_is_expected();
        }
        Ok(response)
    }

    /// What a client is told whose request hyper could not read.
    fn refusal(&self, error: &hyper::Error, deadlines: &Deadlines) -> Option<Refusal> {
        let refusal = |status, word, message: String| Some(Refusal::new(status, word, message));
        if deadlines.head_was_late() {
            let message = "the request did not arrive in time";
            return refusal(StatusCode::REQUEST_TIMEOUT, "too_slow", message.to_owned());
        }
        // Later ones hyper has answered itself, without a body.
        if deadlines.was_requested() || !error.is_parse() {
            return None;
        }
        if error.is_parse_too_large() {
            let Limits { head_bytes, headers, .. } = self.limits;
            let message = format!("the head has more than {head_bytes} bytes or {headers} headers");
            return refusal(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "too_much", message);
        }
        refusal(StatusCode::BAD_REQUEST, "malformed", "not a request of HTTP/1.1".to_owned())
    }
}

/// Whether a client says that it wants to send more requests.
fn asks_to_keep(headers: &HeaderMap) -> bool {
    let is_keep = |word: &[u8]| word.trim_ascii().eq_ignore_ascii_case(b"keep-alive");
    let has_it = |value: &HeaderValue| value.as_bytes().split(|byte| *byte == b',').any(is_keep);
    headers.get_all(CONNECTION).iter().any(has_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_kept_for_those_who_ask() {
        let keeps = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONNECTION, HeaderValue::from_static(value));
            asks_to_keep(&headers)
        };
        assert!(keeps("keep-alive") && keeps("TE, Keep-Alive"));
        assert!(!keeps("close") && !keeps("keep") && !asks_to_keep(&HeaderMap::new()));
    }
}
