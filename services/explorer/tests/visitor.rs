//! Asks for pages as a browser does, in the same process.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use explorer::{ExplorerOptions, router};
use history::{Change, Store};
use tokio::sync::watch;
use tower::ServiceExt;
use wallet::rpc::Node;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// The explorer's options over an index, with a node that is not there.
pub fn options(store: &Store) -> ExplorerOptions {
    ExplorerOptions {
        readers: store.readers(),
        // Nobody listens at the port that stands for none.
        node: Node::new("127.0.0.1:9").unwrap(),
        layer1: None,
        changes: watch::channel(Change::default()).1,
        pins: None,
        names: Vec::new(),
        sandbox: false,
        batcher: None,
        control: None,
        is_alone: true,
        any_host: false,
    }
}

/// The explorer over an index.
pub fn explorer(store: &Store) -> Router {
    router(options(store))
}

/// Asks for a path as a browser on this machine does.
pub fn get(router: &Router, path: &str) -> Answer {
    get_with(router, "GET", path, &[])
}

/// Sends a body.
pub fn post(router: &Router, path: &str, more: &[(&str, &str)], body: &str) -> Answer {
    ask(router, "POST", path, more, body.to_owned().into())
}

/// The same with a method and more headers.
pub fn get_with(router: &Router, method: &str, path: &str, more: &[(&str, &str)]) -> Answer {
    ask(router, method, path, more, Body::empty())
}

fn ask(router: &Router, method: &str, path: &str, more: &[(&str, &str)], body: Body) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header("host", "localhost");
    for (name, value) in more {
        request = request.header(*name, *value);
    }
    let request = request.body(body).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let response = router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    })
}
