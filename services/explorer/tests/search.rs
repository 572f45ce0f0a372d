//! What is searched for, and where that leads.

use axum::http::StatusCode;
use axum::http::header::LOCATION;

use crate::filling::{Filled, account, block, digest, hash, ticket};
use crate::visitor::{explorer, get, options};

#[test]
fn one_thing_that_is_found_is_shown_at_once() {
    let filled = Filled::new();
    let names = vec![(account(7), "dev6".to_owned())];
    let options = explorer::ExplorerOptions { names, ..options(&filled.store) };
    let router = explorer::router(options);
    for (wanted, at) in [
        ("20".to_owned(), "/level/20".to_owned()),
        (" 20 ".to_owned(), "/level/20".to_owned()),
        (block(20), format!("/level/{}", block(20))),
        (account(3).to_string(), format!("/account/{}", account(3))),
        ("dev6".to_owned(), format!("/account/{}", account(7))),
        ("DEV6".to_owned(), format!("/account/{}", account(7))),
        (hash(201), format!("/tx/{}", hash(201))),
        (hash(201)[..10].to_owned(), format!("/tx/{}", hash(201))),
        (hash(201)[..8].to_uppercase(), format!("/tx/{}", hash(201))),
        (format!("0x{}", &hash(201)[..12]), format!("/tx/{}", hash(201))),
        (digest(20)[..10].to_owned(), format!("/batch/{}", digest(20))),
        (ticket(1).hash().0.to_string(), format!("/ticket/{}", ticket(1).hash().0)),
        ("gold".to_owned(), format!("/ticket/{}", ticket(1).hash().0)),
        ("#2".to_owned(), format!("/ticket/{}", ticket(3).hash().0)),
        (ticket(2).ticketer.to_string(), format!("/ticket/{}", ticket(2).hash().0)),
        (crate::filling::ROLLUP.to_owned(), "/".to_owned()),
        (String::new(), "/".to_owned()),
    ] {
        let query: String = form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
        let answer = get(&router, &format!("/search?q={query}"));
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{wanted}: {}", answer.body);
        assert_eq!(answer.headers[LOCATION], at.as_str(), "{wanted}");
    }
}

#[test]
fn several_are_listed_and_nothing_is_said_so() {
    let filled = Filled::new();
    let router = explorer(&filled.store);
    filled.file.execute("UPDATE transactions SET hash = CAST(x'000000c85b' || zeroblob(27) AS BLOB) WHERE id = 30000", []).unwrap();
    let several = get(&router, "/search?q=000000c8");
    assert_eq!(several.status, StatusCode::OK, "{}", several.body);
    assert_eq!(several.body.matches("/tx/000000c8").count(), 2, "{}", several.body);
    for (query, status) in [
        ("?q=nobody", StatusCode::NOT_FOUND),
        ("?q=0000", StatusCode::NOT_FOUND),
        ("?q=tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb", StatusCode::NOT_FOUND),
        ("?q=%23x", StatusCode::NOT_FOUND),
        ("?q=%ff%00", StatusCode::NOT_FOUND),
        ("?q=-1", StatusCode::NOT_FOUND),
        ("?q=1&q=2", StatusCode::BAD_REQUEST),
        ("?x=1", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(get(&router, &format!("/search{query}")).status, status, "{query}");
    }
    let long = get(&router, &format!("/search?q={}", "a".repeat(201)));
    assert_eq!(long.status, StatusCode::BAD_REQUEST);
}
