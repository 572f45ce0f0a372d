//! What every answer says of itself, whatever it is, and who may ask.

use axum::http::StatusCode;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};

use crate::filling::Filled;
use crate::panel::FakeCommands;
use crate::visitor::{explorer, get, get_with, options};

#[test]
fn every_answer_has_a_strict_policy() {
    let filled = Filled::new();
    let router = explorer(&filled.store);
    for path in ["/", "/level/5", "/level/x", "/nothing", "/assets/nothing.js"] {
        let answer = get(&router, path);
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(answer.headers["referrer-policy"], "same-origin", "{path}");
        assert_eq!(answer.headers[CACHE_CONTROL], "no-store", "{path}");
        assert_eq!(answer.headers[CONTENT_TYPE], "text/html; charset=utf-8", "{path}");
        // Nothing in it needs more than the policy lets through.
        for never in ["style=", "<style", "onclick", "onload", "javascript:", "http://", "https://"]
        {
            assert!(!answer.body.contains(never), "{path} has {never}");
        }
        let scripts = answer.body.matches("<script").count();
        assert_eq!(scripts, answer.body.matches("<script src=\"/assets/").count(), "{path}");
    }
}

#[test]
fn files_are_kept_and_pages_name_them_by_their_hash() {
    let filled = Filled::empty();
    let router = explorer(&filled.store);
    let page = get(&router, "/").body;
    let mut files = 0;
    for part in page.split('"').filter(|part| part.starts_with("/assets/")) {
        let answer = get(&router, part);
        assert_eq!(answer.status, StatusCode::OK, "{part}");
        assert!(answer.headers[CACHE_CONTROL].to_str().unwrap().contains("immutable"), "{part}");
        assert!(!answer.body.is_empty(), "{part}");
        files += 1;
    }
    assert_eq!(files, 5);
    // htmx needs neither evaluation nor a style of its own.
    assert!(
        page.contains("\"allowEval\": false") && page.contains("\"includeIndicatorStyles\": false")
    );
}

#[test]
fn only_those_who_may_ask_are_answered() {
    let filled = Filled::empty();
    let router = explorer(&filled.store);
    let foreign = get_with(&router, "GET", "/", &[("origin", "http://evil.example")]);
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let loaded = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")];
    assert_eq!(get_with(&router, "GET", "/", &loaded).status, StatusCode::FORBIDDEN);
    // A link on another site's page may lead here.
    let followed = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    assert_eq!(get_with(&router, "GET", "/", &followed).status, StatusCode::OK);
    let framed = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "iframe"),
    ];
    assert_eq!(get_with(&router, "GET", "/", &framed).status, StatusCode::FORBIDDEN);
    let named = get_with(&router, "GET", "http://evil.example/", &[]);
    assert_eq!(named.status, StatusCode::FORBIDDEN);
    let posted = get_with(&router, "POST", "/", &[]);
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(posted.headers[ALLOW], "GET, HEAD");
    assert!(posted.body.contains("<h1>405"), "{}", posted.body);
}

#[test]
fn pages_that_are_not_there_are_not_in_the_navigation() {
    let filled = Filled::empty();
    let ways = |batcher, control: Option<std::sync::Arc<dyn explorer::Commands>>| {
        let options = explorer::ExplorerOptions { batcher, control, ..options(&filled.store) };
        let page = get(&explorer::router(options), "/").body;
        (page.contains("href=\"/batcher\""), page.contains("href=\"/control\""))
    };
    let node = || Some(wallet::rpc::Node::new("127.0.0.1:9").unwrap());
    let all = ways(node(), Some(std::sync::Arc::new(FakeCommands::default())));
    assert_eq!((ways(None, None), all), ((false, false), (true, true)));
}
