//! A thousand open pages, and requests that mean nothing.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

use axum::http::StatusCode;
use explorer::{SITE, router};

use crate::common::World;
use crate::filling::{Filled, account, hash, ticket};
use crate::live::options;
use crate::visitor::{explorer, get};

/// Pages that are open at once.
const READERS: usize = 1_000;

#[test]
fn a_thousand_open_pages_hear_of_each_level_and_others_are_served_meanwhile() {
    let world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let pages = router(options(&world, &world.octez.endpoint));
    let running = web::Running::start(listener, pages, SITE).unwrap();
    let ask = |path: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        BufReader::new(stream)
    };
    let mut open: Vec<_> = (0..READERS).map(|_| ask("/events")).collect();
    let mut line = String::new();
    for reader in &mut open {
        line.clear();
        reader.read_line(&mut line).unwrap();
        assert_eq!(line, "HTTP/1.1 200 OK\r\n");
    }
    for _ in 0..2 {
        world.bake();
        for reader in &mut open {
            while line != "event: changed\n" {
                line.clear();
                assert!(reader.read_line(&mut line).unwrap() > 0, "a stream has ended");
            }
            line.clear();
        }
        let mut page = ask("/");
        page.read_line(&mut line).unwrap();
        assert_eq!(line, "HTTP/1.1 200 OK\r\n");
        line.clear();
    }
    drop(open);
    running.end().unwrap();
}

#[test]
fn no_request_is_a_fault_of_ours() {
    let filled = Filled::new();
    let router = explorer(&filled.store);
    let (tx, of, at) = (hash(201), account(1).to_string(), ticket(1).hash().0.to_string());
    let long = "9".repeat(5_000);
    let names = [
        "0",
        "1",
        "-1",
        "70",
        "2147483647",
        "2147483648",
        "9223372036854775807",
        "99999999999999999999",
        &long,
        &tx,
        &of,
        &at,
        "%00",
        "%ff%fe",
        "%2e%2e%2f",
        "..",
        "%20",
        "a b",
        "%3Cscript%3E",
        "null",
        "NaN",
        "1e9",
        "0x10",
        "%E2%80%AE",
        "BL",
        "KT1",
        "tz4",
    ];
    let queries = [
        "",
        "?",
        "?after=",
        "?after=0",
        "?after=-1",
        "?after=9223372036854775807",
        "?after=9223372036854775808",
        "?after=%ff",
        "?after=1&after=2",
        "?ticket=0",
        "?kind=all",
        "?since=2147483648",
        "?q=%ff",
        "?all=1",
        "?&&&",
        "?=",
        "?%00=%00",
        "?q=%00",
    ];
    let expected =
        [StatusCode::OK, StatusCode::SEE_OTHER, StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND];
    let mut asked = 0;
    let mut check = |path: String| {
        // What is no address at all never gets here.
        if path.parse::<axum::http::Uri>().is_err() {
            return;
        }
        let status = get(&router, &path).status;
        assert!(expected.contains(&status), "{path}: {status}");
        asked += 1;
    };
    for query in queries {
        for page in [
            "/",
            "/levels",
            "/accounts",
            "/tickets",
            "/withdrawals",
            "/held",
            "/kernel",
            "/search",
            "/batcher",
        ] {
            check(format!("{page}{query}"));
        }
        for name in &names {
            for page in [
                "/level/",
                "/tx/",
                "/batch/",
                "/account/",
                "/ticket/",
                "/assets/",
                "/level/1/message/",
                "/",
            ] {
                check(format!("{page}{name}{query}"));
            }
            check(format!("/level/{name}/message/2{query}"));
            check(format!("/account/{name}/history.csv{query}"));
        }
    }
    assert!(asked > 3_000, "{asked}");
}

#[test]
fn what_is_sent_again_and_again_makes_no_page_without_end() {
    let filled = Filled::new();
    let (router, body) = (explorer(&filled.store), hex::encode(crate::filling::body()));
    // The batch of level 20 is applied in message 20,000, and was sent 3,000 times more since.
    filled
        .file
        .execute_batch(&format!(
            "BEGIN;
             INSERT INTO messages SELECT v, 60, v, 'v2', 'v2 batch', x'{}', 200, 3, 0, 'done', 102, 0, 3, 60
                FROM (WITH RECURSIVE n(v) AS (SELECT 50000 UNION ALL SELECT v + 1 FROM n WHERE v < 52999) SELECT v FROM n);
             INSERT INTO bodies SELECT id, x'{body}' FROM messages WHERE id >= 50000;
             INSERT INTO transactions SELECT id, id, 0, x'{}', NULL FROM messages WHERE id >= 50000;
             INSERT INTO operations SELECT id, id, 0, 1, 0, NULL, NULL, 0, 6, 1, 0, 60 FROM messages WHERE id >= 50000;
             COMMIT;",
            crate::filling::digest(20),
            hash(200),
        ))
        .unwrap();
    let page = get(&router, &format!("/tx/{}", hash(200))).body;
    assert!(page.contains("is in 3,001 messages"), "{page}");
    assert!(page.find("/level/20/message/7") < page.find("/level/60/message/50000"));
    assert!(page.len() < 200_000, "{}", page.len());
    let page = get(&router, &format!("/batch/{}", crate::filling::digest(20))).body;
    assert!(
        page.contains("And more, which are not listed.") && page.contains(&hash(201)),
        "{page}"
    );
    assert!(page.len() < 100_000, "{}", page.len());
    // All of them wait: what waits is counted, and some of it shown.
    filled.file.execute("UPDATE messages SET settled = NULL WHERE id >= 50000", []).unwrap();
    let page = get(&router, "/").body;
    assert!(page.contains("And 2,991 more") && page.len() < 100_000, "{}", page.len());
}
