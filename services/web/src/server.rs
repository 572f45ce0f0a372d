//! Takes connections up to a limit, and serves requests on each until it or the server ends.

use std::convert::Infallible;
use std::net::{IpAddr, Shutdown};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONNECTION, HeaderMap, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower_http::normalize_path::NormalizePath;

use super::ending::Ending;
use super::refusal::{RefusalForm, told};
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
    /// The form of its refusals, where a router has none of its own.
    pub form: RefusalForm,
}

/// The address that a request has come from, among its extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// What all connections share.
#[derive(Clone)]
struct Server {
    service: TowerToHyperService<NormalizePath<Router>>,
    site: Site,
    limits: Limits,
    /// A permit for each connection.
    permits: Arc<Semaphore>,
    ending: Ending,
}

/// Serves a router until `ending` is set, and then for a moment what is on its way.
pub(crate) async fn serve(listener: TcpListener, router: Router, site: Site, ending: Ending) {
    let limits = site.limits;
    let service = TowerToHyperService::new(NormalizePath::trim_trailing_slash(router));
    let permits = Arc::new(Semaphore::new(limits.connections));
    let server = Server { service, site, limits, permits, ending };
    let mut ended = std::pin::pin!(server.ending.clone().ended());
    loop {
        let accepted = tokio::select! {
            () = ended.as_mut() => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, address)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        match Arc::clone(&server.permits).try_acquire_owned() {
            Ok(permit) => {
                let server = server.clone();
                tokio::spawn(async move {
                    server
                        .serve_connection(stream, ClientAddress(address.ip().to_canonical()))
                        .await;
                    drop(permit);
                });
            }
            Err(_) => refuse(&stream, &site),
        }
    }
    drop(listener);
    let all = u32::try_from(limits.connections).unwrap_or(u32::MAX);
    // What has not been read by then is cut off.
    let _ = tokio::time::timeout(limits.last_answers_time, server.permits.acquire_many(all)).await;
}

/// Says that there are too many, without waiting for anything: the answer fits a socket's buffer.
fn refuse(stream: &TcpStream, site: &Site) {
    let message = "too many connections at once";
    let refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message);
    write_refusal(stream, &refusal, site);
}

fn write_refusal(stream: &TcpStream, refusal: &Refusal, site: &Site) {
    // Who has gone needs no answer.
    let _ = stream.try_write(&refusal.to_bytes(site.form, site.name));
}

impl Server {
    async fn serve_connection(&self, stream: TcpStream, address: ClientAddress) {
        // Answers are written at once, so there is nothing to wait for; where it cannot be said, they are
        // only slower.
        let _ = stream.set_nodelay(true);
        let stream = Arc::new(stream);
        let deadlines = Deadlines::new(self.limits);
        let socket = Socket::new(Arc::clone(&stream), deadlines.clone());
        let client = Peer::new(Arc::clone(&stream));
        let service = service_fn(|request| self.answer(request, address, &deadlines, &client));
        let connection = http1::Builder::new()
            // A client may close its end once it has asked.
            .half_close(true)
            .max_buf_size(self.limits.head_bytes)
            .max_headers(self.limits.headers)
            .title_case_headers(true)
            .serve_connection(TokioIo::new(socket), service);
        let mut connection = std::pin::pin!(connection);
        let served = tokio::select! {
            served = connection.as_mut() => served,
            () = self.ending.clone().ended() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = served
            && let Some(refusal) = self.refusal(&error, &deadlines)
        {
            write_refusal(&stream, &refusal, &self.site);
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
        address: ClientAddress,
        deadlines: &Deadlines,
        client: &Peer,
    ) -> Result<Response<Body>, Infallible> {
        deadlines.request_begins();
        request.extensions_mut().insert(deadlines.clone());
        request.extensions_mut().insert(client.clone());
        request.extensions_mut().insert(address);
        request.extensions_mut().insert(self.ending.clone());
        let wants_more = request.version() == Version::HTTP_11 && asks_to_keep(request.headers());
        let response = self.service.call(request).await?;
        deadlines.answer_begins();
        let mut response = told(response, self.site.form, self.site.name);
        let headers = response.headers_mut();
        // Nothing is kept unless who made the answer says so.
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let open = self.limits.connections.saturating_sub(self.permits.available_permits());
        let keeps = wants_more
            && open <= self.limits.kept_connections
            && !self.ending.has_come()
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
