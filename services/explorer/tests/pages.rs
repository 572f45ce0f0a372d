//! What the pages say.

use axum::http::StatusCode;

use crate::filling::{Filled, HOSTILE, LAST, block};
use crate::visitor::{explorer, get};

#[test]
fn an_empty_index_and_a_node_that_is_away_make_a_page() {
    let filled = Filled::empty();
    let answer = get(&explorer(&filled.store), "/");
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer.body.contains("No level yet") && answer.body.contains("The node does not answer")
    );
}

#[test]
fn what_waits_and_what_failed_comes_first() {
    let filled = Filled::new();
    let page = get(&explorer(&filled.store), "/").body;
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text}: {page}"));
    assert!(at("What waits") < at("What failed") && at("What failed") < at("Recent levels"));
    assert!(at("/level/70/message/5") < at("/level/69/message/4"));
    assert!(page.contains("malformed at byte 2"));
    assert_eq!(page.matches("<svg").count(), 3);
}

#[test]
fn a_level_is_found_by_number_and_by_block() {
    let filled = Filled::new();
    let router = explorer(&filled.store);
    for path in ["/level/2".to_owned(), format!("/level/{}", block(2))] {
        let answer = get(&router, &path);
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.body.contains("<h1>Level 2</h1>") && answer.body.contains(&block(2)));
        assert!(answer.body.contains("the receiver is not a tz4 address"), "{}", answer.body);
        assert!(answer.body.contains("datetime=\"2026-09-21T"), "{}", answer.body);
    }
    assert!(get(&router, "/level/4").body.contains("does not show what was sent"));
    let missing = get(&router, &format!("/level/{}", LAST + 1));
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    for bad in [
        "/level/x",
        "/level/-1",
        "/level/99999999999",
        "/level/%ff",
        "/level/1?x=1",
        "/level/1?after=x",
    ] {
        assert_eq!(get(&router, bad).status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[test]
fn levels_come_in_parts() {
    let filled = Filled::new();
    let router = explorer(&filled.store);
    let first = get(&router, "/levels").body;
    assert!(first.contains("href=\"/levels?after=21\"") && first.contains("hx-get=\"/levels\""));
    let second = get(&router, "/levels?after=21").body;
    assert!(second.contains("href=\"/level/20\"") && !second.contains("rel=\"next\""));
    // Later parts do not change under who reads them.
    assert!(!second.contains("hx-get"));
}

#[test]
fn no_hostile_text_acts() {
    let filled = Filled::new();
    let router = explorer(&filled.store);
    for path in ["/", "/level/1", "/level/2", "/level/69"] {
        let page = get(&router, path).body;
        assert!(page.contains("&#60;img src=x onerror=alert(1)&#62;"), "{path}: {page}");
        assert!(!page.contains(HOSTILE) && !page.contains("<img"), "{path}");
        let unseen = page.chars().filter(|c| !matches!(c, '\n') && !layer1::plain::is_shown(*c));
        assert_eq!(unseen.count(), 0, "{path}");
    }
}
