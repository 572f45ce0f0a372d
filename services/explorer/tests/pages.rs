//! What the pages say.

use axum::http::StatusCode;

use crate::filling::{Filled, HOSTILE, LAST, account, block, digest, hash, ticket};
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
fn a_transaction_says_who_pays_whom_and_shows_its_bytes() {
    let filled = Filled::new();
    let router = explorer(&filled.store);
    let page = get(&router, &format!("/tx/{}", hash(201))).body;
    for part in [
        "aria-current=\"step\"",
        "20,001",
        &format!("/account/{}", account(4)),
        &format!("/account/{}", account(5)),
        "toru receipt",
        "other transactions",
        "account 2: 0 beyond the one before",
        &format!("/batch/{}", digest(20)),
    ] {
        assert!(page.contains(part), "no {part}: {page}");
    }
    let failed = get(&router, &format!("/tx/{}", hash(202))).body;
    assert!(failed.contains("balance too low: 3 available, 500 requested (BALANCE_TOO_LOW)"));
    assert!(!failed.contains("toru receipt"));
    for (bad, status) in [
        (format!("/tx/{}", hash(7)), StatusCode::NOT_FOUND),
        ("/tx/ab".to_owned(), StatusCode::BAD_REQUEST),
        (format!("/tx/{}?x", hash(201)), StatusCode::BAD_REQUEST),
        // The digest of a batch is one of its page.
        (format!("/tx/{}", digest(20)), StatusCode::SEE_OTHER),
    ] {
        assert_eq!(get(&router, &bad).status, status, "{bad}");
    }
}

#[test]
fn a_batch_has_its_transactions_and_a_deposit_what_it_moves() {
    let filled = Filled::new();
    let router = explorer(&filled.store);
    let page = get(&router, &format!("/batch/{}", digest(20))).body;
    assert!((200..203).all(|number| page.contains(&format!("/tx/{}", hash(number)))), "{page}");
    assert!(page.contains("96") || page.contains("the sum of all signatures"));
    let deposit = get(&router, "/level/1/message/2").body;
    assert!(deposit.contains("What it moves") && deposit.contains(&account(1).to_string()));
    for bad in
        ["/level/1/message/x", "/level/x/message/2", "/batch/x", "/level/1/message/4294967296"]
    {
        assert_eq!(get(&router, bad).status, StatusCode::BAD_REQUEST, "{bad}");
    }
    assert_eq!(get(&router, "/level/1/message/9").status, StatusCode::NOT_FOUND);
}

#[test]
fn an_account_has_a_history_with_filters_and_a_table_of_it() {
    let filled = Filled::new();
    let router = explorer(&filled.store);
    let path = format!("/account/{}", account(1));
    let page = get(&router, &path).body;
    assert!(page.contains("12.5") && page.contains("As the index knows it"), "{page}");
    let gold = ticket(1).hash().0;
    for (query, found, not) in [
        ("?kind=deposit", "/level/1/message/2", "/tx/"),
        ("?since=30", "/level/3", "href=\"/level/1/message/2\""),
        (&format!("?ticket={gold}"), "/tx/", "href=\"/level/1/message/2\""),
        ("?kind=&ticket=&since=&applied=1", "/tx/", "not applied"),
    ] {
        let page = get(&router, &format!("{path}{query}"));
        assert_eq!(page.status, StatusCode::OK, "{query}");
        assert!(page.body.contains(found) && !page.body.contains(not), "{query}: {}", page.body);
    }
    let csv = get(&router, &format!("{path}/history.csv?kind=deposit"));
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(csv.body.lines().count(), 2, "{}", csv.body);
    for bad in [
        "?kind=x",
        "?since=-1",
        "?ticket=x",
        "?applied=2",
        "?after=x",
        "?kind=deposit&kind=deposit",
        "?x=1",
    ] {
        assert_eq!(get(&router, &format!("{path}{bad}")).status, StatusCode::BAD_REQUEST, "{bad}");
        let csv = get(&router, &format!("{path}/history.csv{bad}"));
        assert_eq!(csv.status, StatusCode::BAD_REQUEST, "{bad}");
    }
    // An address that nobody has named is a good one all the same.
    let new = get(&router, &format!("/account/{}", account(999)));
    assert!(new.status == StatusCode::OK && new.body.contains("has never had anything"));
    assert_eq!(
        get(&router, "/account/tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb").status,
        StatusCode::BAD_REQUEST
    );
}

#[test]
fn a_history_comes_in_parts_that_are_all_of_it() {
    let filled = Filled::new();
    let router = explorer(&filled.store);
    let add = "INSERT INTO moves VALUES (?1, 5, 1, NULL, 'deposit', NULL, 60, 'KT1', NULL, NULL, 1, ?1, 1, 5)";
    for row in 0..120 {
        filled.file.execute(add, [1_000_000 + row]).unwrap();
    }
    let mut path = format!("/account/{}?kind=deposit", account(60));
    let mut amounts = Vec::new();
    loop {
        let page = get(&router, &path).body;
        let cells = page.split("<td class=\"num\">1,000,").skip(1);
        amounts.extend(cells.map(|rest| rest[..3].parse::<u32>().unwrap()));
        let Some((_, next)) = page.split_once("rel=\"next\" href=\"") else { break };
        path = next.split('"').next().unwrap().replace("&#38;", "&");
    }
    assert_eq!(amounts, (0..120).rev().collect::<Vec<_>>());
}

#[test]
fn names_of_strangers_do_not_look_like_names_of_the_user() {
    let filled = Filled::new();
    let folder = tempfile::tempdir().unwrap();
    let rollup = encoding::RollupAddress::from_base58(crate::filling::ROLLUP).unwrap();
    let store = wallet::pins::PinStore::new(folder.path(), &rollup);
    let pin = wallet::pins::Pin {
        name: "GOLD".to_owned(),
        ticket: ticket(3),
        decimals: 2,
        kind: wallet::pins::PinKind::Other,
        helper: None,
    };
    let added = store.change(|pins| {
        pins.add(pin).unwrap();
        Ok::<_, wallet::pins::PinsError>(())
    });
    added.unwrap();
    let options =
        explorer::ExplorerOptions { pins: Some(store), ..crate::visitor::options(&filled.store) };
    let router = explorer::router(options);
    let page = get(&router, "/tickets").body;
    // The one that is pinned has its name as it is; the other says what it calls itself, and what it is not.
    assert!(page.contains("<bdi>GOLD</bdi>"), "{page}");
    assert!(page.contains("<bdi>&#34;gold&#34; #0, not the pinned GOLD</bdi>"), "{page}");
    let own = get(&router, &format!("/ticket/{}", ticket(3).hash().0)).body;
    assert!(own.contains("pinned here") && own.contains("its content says 6"));
    let other = get(&router, &format!("/ticket/{}", ticket(1).hash().0)).body;
    assert!(other.contains("This is not <bdi>GOLD</bdi>, which is pinned here"), "{other}");
}

#[test]
fn a_ticket_has_supply_and_holders() {
    let filled = Filled::new();
    let router = explorer(&filled.store);
    let page = get(&router, &format!("/ticket/{}", ticket(1).hash().0)).body;
    assert!(page.contains("18,446,744,073,709,551,615") && page.contains("<path class=\"line\""));
    assert!(page.contains("&#34;gold&#34; #0") && page.contains("not pinned"));
    assert_eq!(get(&router, &format!("/ticket/{}", hash(1))).status, StatusCode::NOT_FOUND);
    assert_eq!(get(&router, "/ticket/x").status, StatusCode::BAD_REQUEST);
}

#[test]
fn withdrawals_say_when_and_how() {
    let filled = Filled::new();
    let router = explorer(&filled.store);
    let open = get(&router, "/withdrawals").body;
    assert!(
        open.contains("toru execute --level 14 --index 0") && !open.contains(">lost<"),
        "{open}"
    );
    let all = get(&router, "/withdrawals?all=1").body;
    assert!(all.contains(">lost<") && all.contains("executed in level 60"));
    assert_eq!(get(&router, "/withdrawals?all=2").status, StatusCode::BAD_REQUEST);
}

#[test]
fn a_held_deposit_says_why() {
    let filled = Filled::new();
    let router = explorer(&filled.store);
    let page = get(&router, "/held").body;
    assert!(page.contains("the receiver is not a tz4 address (RECEIVER_NOT_TZ4)"), "{page}");
    assert!(
        !page.contains("Deposit 1<") && get(&router, "/held?all=1").body.contains("Deposit 1<")
    );
}

#[test]
fn no_hostile_text_acts() {
    let filled = Filled::new();
    let router = explorer(&filled.store);
    let one = |path: &str, of: String| format!("{path}{of}");
    for path in [
        "/".to_owned(),
        "/level/1".to_owned(),
        "/level/2".to_owned(),
        "/level/69".to_owned(),
        "/level/1/message/2".to_owned(),
        "/level/69/message/4".to_owned(),
        "/tickets".to_owned(),
        "/withdrawals?all=1".to_owned(),
        "/held?all=1".to_owned(),
        one("/tx/", hash(201)),
        one("/batch/", digest(20)),
        one("/account/", account(1).to_string()),
        one("/ticket/", ticket(3).hash().0.to_string()),
        "/search?q=%3Cimg%20src=x%20onerror=alert(1)%3E".to_owned(),
        "/level/%3Cimg%20src=x%20onerror=alert(1)%3E".to_owned(),
    ] {
        let page = get(&router, &path).body;
        // What is long in a ticket's content is told by its hash.
        let shown = page.contains("&#60;img src=x onerror=alert(1)&#62;");
        assert!(shown || path == "/tickets", "{path}: {page}");
        assert!(!page.contains(HOSTILE) && !page.contains("<img"), "{path}");
        let unseen = page.chars().filter(|c| !matches!(c, '\n') && !layer1::plain::is_shown(*c));
        assert_eq!(unseen.count(), 0, "{path}");
    }
}
