//! What titles and failures say.

use axum::http::StatusCode;

use crate::filling::{Filled, account, hash, ticket};
use crate::visitor::{explorer, get};

/// The title of a page, as a browser shows it.
fn title(page: &str) -> String {
    let title = page.split_once("<title>").unwrap().1.split("</title>").next().unwrap();
    title.replace("&#34;", "\"").replace("&#60;", "<").replace("&#62;", ">").replace("&#39;", "'")
}

#[test]
fn a_title_calls_a_ticket_as_the_page_does() {
    let filled = Filled::new();
    let nowhere = encoding::Ticket { ticketer: encoding::Kt1Address([8; 20]), ..ticket(2) };
    let add = "INSERT INTO tickets VALUES (8, ?1, 'KT1', ?2, 1, NULL, NULL, NULL)";
    filled.file.execute(add, (nowhere.hash().0.0, nowhere.to_record())).unwrap();
    let router = explorer(&filled.store);
    for (of, start) in [
        // What a stranger calls it is in quotes, with what tells it from others.
        (ticket(1), "Ticket \"gold\" #0 · "),
        (ticket(2), "Ticket #1 · "),
        (ticket(3), "Ticket \"USDt\" #2 · "),
        (nowhere, "Ticket KT1"),
    ] {
        let page = get(&router, &format!("/ticket/{}", of.hash())).body;
        let title = title(&page);
        assert!(title.starts_with(start), "{title}");
        assert!(title.chars().all(layer1::plain::is_shown), "{title:?}");
    }
}

#[test]
fn a_hint_fits_what_is_wrong() {
    let filled = Filled::new();
    let router = explorer(&filled.store);
    let hint = "The search finds what you have only a part of.";
    for (path, hinted) in [
        ("/tx/ab", true),
        ("/ticket/x", true),
        ("/batch/x", true),
        ("/account/tz4", true),
        ("/level/x", true),
        ("/levels?after=x", false),
        ("/levels?x=1", false),
        ("/held?all=2", false),
    ] {
        let answer = get(&router, path);
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(answer.body.contains(hint), hinted, "{path}: {}", answer.body);
    }
    let unknown = hash(1);
    let page = get(&router, &format!("/account/{}?ticket={unknown}", account(1)));
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.body.contains(&format!("The index has no ticket {unknown}.")), "{}", page.body);
}
