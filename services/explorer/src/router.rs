//! The axum router over the table of pages.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request};
use axum::http::header::{HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::routing::{get, post};
use web::{Access, Site as WebSite, guarded, not_allowed};

use crate::answer::{page, refusal, with_headers};
use crate::assets::asset;
use crate::control::post::{done, names_its_page, read};
use crate::events::stream;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::limits::WEB;
use crate::options::ExplorerOptions;
use crate::pages::failure::failure_page;
use crate::routes::{PAGES, Route};
use crate::site::{Permit, Site};
use crate::visit::Visit;

/// What browsers say of where a request comes from, what it is for, and what becomes of the answer.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// The explorer where it is served by itself.
pub const SITE: WebSite = WebSite { name: "explorer", limits: WEB, form: web::Refusal::octez_form };

/// All that is served, for those alone who may ask. Beside a node's paths it has no fallback.
pub fn router(options: ExplorerOptions) -> Router {
    let access = Access { any_host: options.any_host, ..Access::default() };
    let is_alone = options.is_alone;
    let site = Arc::new(Site::new(options));
    let mut router = Router::new();
    for route in PAGES {
        let shared = Arc::clone(&site);
        let handler = move |named, request| serve(Arc::clone(&shared), route, named, request);
        let other = |uri: Uri| async move { not_allowed(&uri, "GET, HEAD") };
        router = router.route(route.path, get(handler).fallback(other));
    }
    if site.panel.is_some() {
        let shared = Arc::clone(&site);
        let handler = move |named, request| do_form(Arc::clone(&shared), named, request);
        let other = |uri: Uri| async move { not_allowed(&uri, "POST") };
        router = router.route("/control/{action}", post(handler).fallback(other));
    }
    let shared = Arc::clone(&site);
    let events = move |request: Request| async move {
        stream(&shared, &request).unwrap_or_else(|failure| told(&failure))
    };
    let other = |uri: Uri| async move { not_allowed(&uri, "GET, HEAD") };
    router = router.route("/events", get(events).fallback(other));
    let shared = Arc::clone(&site);
    let file = move |named, request| serve_asset(Arc::clone(&shared), named, request);
    router = router.route("/assets/{name}", get(file));
    if is_alone {
        let shared = Arc::clone(&site);
        let nothing = move |request: Request| async move {
            failed(shared, Failure::no_page(), request.uri()).await
        };
        router = router.fallback(nothing);
    }
    guarded(router, access).layer(from_fn_with_state(site, finished)).layer(from_fn(navigated))
}

async fn serve(
    site: Arc<Site>,
    route: Route,
    named: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
) -> Response<Body> {
    let (uri, extensions) = (request.uri().clone(), request.extensions().clone());
    let Ok(named) = named else {
        return failed(site, Failure::malformed("The path is not text."), &uri).await;
    };
    let named: Vec<String> = named.iter().map(|(_, value)| value.to_owned()).collect();
    let permit = match site.pages.take().await {
        Ok(permit) => permit,
        Err(failure) => return told(&failure),
    };
    let made = made(site, permit, &uri, named, move |visit| match (route.serve)(visit) {
        Ok(answer) => answer.response(&extensions),
        // Its frame needs the index too.
        Err(failure) => told_in(visit, &failure),
    });
    made.await.unwrap_or_else(|failure| told(&failure))
}

/// Does what a form of the control panel says.
async fn do_form(
    site: Arc<Site>,
    named: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
) -> Response<Body> {
    let uri = request.uri().clone();
    let named = named.map(|named| named.iter().map(|(_, value)| value.to_owned()).collect());
    let Ok(named) = named else {
        return failed(site, Failure::malformed("The path is not text."), &uri).await;
    };
    if !names_its_page(request.headers()) {
        let message = "Only a browser that shows the control panel sends its forms.";
        return failed(site, Failure::forbidden(message), &uri).await;
    }
    let form = match read(request).await {
        Ok(form) => form,
        Err(failure) => return failed(site, failure, &uri).await,
    };
    let permit = match site.actions.take().await {
        Ok(permit) => permit,
        Err(failure) => return told(&failure),
    };
    let made = made(site, permit, &uri, named, move |visit| match done(visit, &form) {
        Ok(response) => response,
        Err(failure) => told_in(visit, &failure),
    });
    made.await.unwrap_or_else(|failure| told(&failure))
}

/// Makes an answer on a thread that may block.
async fn made(
    site: Arc<Site>,
    permit: Permit,
    uri: &Uri,
    named: Vec<String>,
    make: impl FnOnce(&Visit<'_>) -> Response<Body> + Send + 'static,
) -> Result<Response<Body>, Failure> {
    let (path, query) = (uri.path().to_owned(), uri.query().unwrap_or_default().to_owned());
    let made = tokio::task::spawn_blocking(move || {
        // What comes while the page is made is told of once it is there.
        let seen = site.seen();
        let look = site.look();
        let (pins, pins_problem) = site.pins(&look);
        let (path, query) = (&path, &query);
        let visit = Visit { site: &site, seen, look, pins, pins_problem, path, named, query };
        let response = make(&visit);
        drop(permit);
        response
    });
    made.await.map_err(|_| Failure::internal("The page could not be made."))
}

async fn serve_asset(
    site: Arc<Site>,
    named: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
) -> Response<Body> {
    let found = named.ok().and_then(|named| {
        let name = named.iter().next().map(|(_, value)| value.to_owned());
        name.and_then(|name| asset(&name))
    });
    match found {
        Some(response) => response,
        None => failed(site, Failure::no_page(), request.uri()).await,
    }
}

/// The page of a failure.
async fn failed(site: Arc<Site>, failure: Failure, uri: &Uri) -> Response<Body> {
    let permit = match site.pages.take().await {
        Ok(permit) => permit,
        Err(busy) => return told(&busy),
    };
    let made = made(site, permit, uri, Vec::new(), move |visit| told_in(visit, &failure));
    made.await.unwrap_or_else(|failure| told(&failure))
}

/// The page of a failure, in its frame.
fn told_in(visit: &Visit<'_>, failure: &Failure) -> Response<Body> {
    let frame = Frame::new(visit, &failure.status.to_string());
    // A page that is not there may be there with the next level.
    let frame = if failure.status == StatusCode::NOT_FOUND { frame } else { frame.still() };
    match failure_page(frame, failure) {
        Ok(html) => page(failure.status, html),
        Err(_) => told(failure),
    }
}

/// The same without a frame, where nothing more can be done.
fn told(failure: &Failure) -> Response<Body> {
    let html = format!(
        "<!doctype html><html lang=\"en\"><title>{}</title><p>{}</p></html>",
        failure.status,
        crate::text::Text::of(&failure.message)
    );
    page(failure.status, html)
}

/// What the server refuses is a page too, and every answer has its headers.
async fn finished(
    axum::extract::State(site): axum::extract::State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let uri = request.uri().clone();
    let mut response = next.run(request).await;
    if let Some(failure) = refusal(&mut response) {
        let allowed = response.headers_mut().remove(axum::http::header::ALLOW);
        // Who may not ask is told nothing of the index.
        response = match failure.status {
            StatusCode::FORBIDDEN => told(&failure),
            _ => failed(site, failure, &uri).await,
        };
        let allowed = allowed.map(|allowed| (axum::http::header::ALLOW, allowed));
        response.headers_mut().extend(allowed);
    }
    with_headers(response)
}

/// Somebody who follows a link of another site's page comes from elsewhere, and sees a page of ours: the other site
/// sees nothing of it. What a page of elsewhere loads or frames is not of this kind.
async fn navigated(mut request: Request, next: Next) -> Response<Body> {
    let is = |headers: &HeaderMap, name: &HeaderName, value: &'static str| {
        headers.get(name) == Some(&HeaderValue::from_static(value))
    };
    let headers = request.headers();
    let follows = request.method() == Method::GET
        && is(headers, &FETCH_MODE, "navigate")
        && is(headers, &FETCH_DEST, "document");
    if follows {
        request.headers_mut().remove(&FETCH_SITE);
    }
    next.run(request).await
}
