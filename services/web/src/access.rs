//! Who may ask: by the host that a request names, and by the web page that sends it.
//!
//! A page of another origin is refused unless that origin is allowed. A page could also have its own name
//! point to this machine, so that names other than `localhost` are refused.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use axum::http::{Method, StatusCode, Uri, Version};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use thiserror::Error;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use crate::Refusal;

/// What browsers say about the page that a request comes from.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Any origin, or any header.
const ANY: &str = "*";

/// Why the pages of an origin cannot be allowed, or a header.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CorsError {
    /// Not the form in which browsers name an origin.
    #[error("{0:?} is not an origin: write http://HOST:PORT as browsers do, without a path, or *")]
    Origin(String),
    /// Not the name of a header.
    #[error("{0:?} is not the name of an HTTP header, or *")]
    Header(String),
}

/// The origins whose web pages may ask, and the headers that these may send.
#[derive(Clone, Debug, Default)]
pub struct Cors {
    origins: Vec<String>,
    headers: Vec<String>,
}

impl Cors {
    /// Allows the pages of these origins to send these headers beside those that need no leave; `*` is any.
    ///
    /// # Errors
    /// When a text is not an origin, or not the name of a header.
    pub fn new(origins: Vec<String>, headers: Vec<String>) -> Result<Self, CorsError> {
        if let Some(wrong) = origins.iter().find(|origin| *origin != ANY && !is_origin(origin)) {
            return Err(CorsError::Origin(wrong.clone()));
        }
        let is_name = |name: &str| HeaderName::from_bytes(name.as_bytes()).is_ok();
        if let Some(wrong) = headers.iter().find(|name| *name != ANY && !is_name(name)) {
            return Err(CorsError::Header(wrong.clone()));
        }
        Ok(Self { origins, headers })
    }

    /// The origins that are allowed, as they were given.
    #[must_use]
    pub fn origins(&self) -> &[String] {
        &self.origins
    }

    /// The headers that are allowed, as they were given.
    #[must_use]
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    fn any_origin(&self) -> bool {
        self.origins.iter().any(|origin| origin == ANY)
    }

    fn allows(&self, origin: &[u8]) -> bool {
        let same = |allowed: &String| allowed.as_bytes().eq_ignore_ascii_case(origin);
        self.any_origin() || self.origins.iter().any(same)
    }

    /// The layer that tells browsers so; `None` if no origin is allowed.
    fn layer(&self) -> Option<CorsLayer> {
        if self.origins.is_empty() {
            return None;
        }
        let list = self.clone();
        let origins = match self.any_origin() {
            true => AllowOrigin::any(),
            false => AllowOrigin::predicate(move |origin, _| list.allows(origin.as_bytes())),
        };
        let headers = match self.headers.iter().any(|name| name == ANY) {
            true => AllowHeaders::any(),
            // They were read before.
            false => AllowHeaders::list(self.headers.iter().filter_map(|name| name.parse().ok())),
        };
        let methods = [Method::GET, Method::HEAD, Method::POST];
        Some(CorsLayer::new().allow_origin(origins).allow_headers(headers).allow_methods(methods))
    }
}

/// `scheme://host`, with a port or without, as browsers write it.
fn is_origin(text: &str) -> bool {
    let parsed = text.parse::<Uri>().ok();
    // A parsed target has the path `/` where there is none.
    let no_path = text.matches('/').count() == 2;
    no_path
        && parsed.is_some_and(|uri| {
            uri.query().is_none() && uri.host().is_some_and(|host| !host.is_empty())
        })
}

/// Who may ask.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Whether clients may call this host by any name.
    pub any_host: bool,
    /// Whose web pages may ask beside the server's own.
    pub cors: Cors,
    /// How the origin of a web page is allowed, for those who are refused for it; empty if it cannot be.
    pub cors_hint: &'static str,
}

/// A router for those alone who may ask it.
pub fn guarded(router: Router, access: Access) -> Router {
    let router = match access.cors.layer() {
        Some(layer) => router.layer(layer),
        None => router,
    };
    router.layer(from_fn_with_state(Arc::new(access), guard))
}

async fn guard(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    match access.check(&request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

impl Access {
    fn check(&self, request: &Request) -> Result<(), Refusal> {
        let (uri, headers) = (request.uri(), request.headers());
        let hosts: Vec<&[u8]> = all(headers, &HOST).collect();
        // The host of an absolute target counts, and a client that names another one beside it means no good.
        let target = uri.authority().map(|authority| authority.as_str().as_bytes());
        let good_target = target.is_none_or(|host| self.any_host || is_local_name(host));
        let good_host = match hosts.as_slice() {
            [host] => self.any_host || is_local_name(host),
            [] => request.version() < Version::HTTP_11,
            _ => false,
        };
        if !(good_target && good_host) {
            let message =
                "the Host header must be localhost or an address, so that no web page gets here";
            return Err(Refusal::new(StatusCode::FORBIDDEN, "host", message));
        }
        let own =
            |origin: &[u8]| hosts.iter().chain(&target).any(|host| is_origin_of(origin, host));
        let mut origins = all(headers, &ORIGIN);
        let foreign = |origin: &[u8]| !own(origin) && !self.cors.allows(origin);
        // A page that names its origin is judged by that alone, where others are allowed.
        let named = headers.contains_key(ORIGIN) && !self.cors.origins.is_empty();
        let elsewhere =
            !named && !self.cors.any_origin() && all(headers, &SEC_FETCH_SITE).any(is_elsewhere);
        if origins.any(foreign) || elsewhere {
            let message = match self.cors_hint {
                "" => "a web page of another origin asks".to_owned(),
                hint => format!("a web page of another origin asks: {hint}"),
            };
            return Err(Refusal::new(StatusCode::FORBIDDEN, "origin", message));
        }
        Ok(())
    }
}

fn all<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a [u8]> {
    headers.get_all(name).into_iter().map(HeaderValue::as_bytes)
}

/// A name that no resolver of an attacker can point here.
fn is_local_name(host: &[u8]) -> bool {
    let Ok(host) = std::str::from_utf8(host) else { return false };
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

/// Whether a page of this origin is one that this host has served: `http://HOST`, to the port.
fn is_origin_of(origin: &[u8], host: &[u8]) -> bool {
    let own = |scheme: &[u8]| {
        let rest = origin.get(scheme.len()..).unwrap_or_default();
        origin.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && !host.is_empty()
            && rest.eq_ignore_ascii_case(host)
    };
    own(b"http://") || own(b"https://")
}

/// Whether a browser says that it asks for a page of elsewhere. It says nothing else of such a page where
/// it loads something into it, as an image or a script.
fn is_elsewhere(site: &[u8]) -> bool {
    !(site.eq_ignore_ascii_case(b"same-origin") || site.eq_ignore_ascii_case(b"none"))
}

#[cfg(test)]
mod tests;
