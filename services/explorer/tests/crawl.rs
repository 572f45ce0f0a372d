//! Every link of every page leads to a page.

use std::collections::BTreeSet;

use crate::filling::Filled;
use crate::visitor::{explorer, get, options};

/// The values of an attribute, as a browser reads them.
fn values<'p>(page: &'p str, attribute: &'p str) -> impl Iterator<Item = String> + 'p {
    let starts = page.split(attribute).skip(1);
    starts.filter_map(|rest| {
        let value = rest.strip_prefix("=\"")?.split('"').next()?;
        Some(value.replace("&#38;", "&").replace("&amp;", "&"))
    })
}

#[test]
fn every_link_leads_to_a_page() {
    let filled = Filled::new();
    let router = explorer(&filled.store);
    let (mut seen, mut open) = (BTreeSet::new(), vec!["/".to_owned()]);
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let answer = get(&router, &path);
        // What is looked for is found: nothing that a page names is a mistake of its own.
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
        if !answer.headers["content-type"].to_str().unwrap().starts_with("text/html") {
            continue;
        }
        // Each level of the index has a time, and stands with it.
        for when in answer.body.split("<span class=\"when\">").skip(1) {
            let when = when.split("</span>").next().unwrap();
            assert!(when.contains("<time datetime="), "{path}: {when}");
        }
        for attribute in ["href", "src", "hx-get", "action"] {
            for link in values(&answer.body, attribute) {
                let here = link.split('#').next().unwrap().to_owned();
                // What a form is sent to without a field leads elsewhere.
                if here.is_empty() || here == "/search" {
                    continue;
                }
                assert!(here.starts_with('/'), "{path} leads to {link}");
                open.push(here);
            }
        }
        let ids: Vec<String> = values(&answer.body, " id").collect();
        let different: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(ids.len(), different.len(), "{path} has an id twice: {ids:?}");
        for anchor in values(&answer.body, "href")
            .filter_map(|link| link.strip_prefix('#').map(str::to_owned))
        {
            assert!(ids.contains(&anchor), "{path} has no {anchor}");
        }
    }
    for expected in
        ["/levels?after=21", "/accounts", "/kernel", "/held?all=1", "/withdrawals?all=1"]
    {
        assert!(seen.contains(expected), "{expected} was never seen: {seen:?}");
    }
    assert!(seen.len() > 250, "{}", seen.len());
}

#[test]
fn no_path_of_a_node_or_of_a_batcher_is_taken() {
    let filled = Filled::empty();
    let options = explorer::ExplorerOptions { is_alone: false, ..options(&filled.store) };
    let node = axum::Router::new()
        .route("/global/{*rest}", axum::routing::get(|| async { "node" }))
        .route("/local/{*rest}", axum::routing::get(|| async { "node" }))
        .route("/chains/{*rest}", axum::routing::get(|| async { "node" }))
        .route("/dev/{*rest}", axum::routing::get(|| async { "node" }))
        .route("/v1/{*rest}", axum::routing::get(|| async { "batcher" }))
        .fallback(|| async { "fallback" });
    // Two routes or fallbacks at one place would be refused here.
    let both = node.merge(explorer::router(options));
    assert_eq!(get(&both, "/global/block/head").body, "node");
    assert_eq!(get(&both, "/nothing").body, "fallback");
    assert!(get(&both, "/").body.contains("toru"));
}
