//! What somebody else can make without end: a page reads a part of it, says that there is more, and leads to it.

use axum::Router;
use encoding::{Kt1Address, Ticket, TicketContent};
use wallet::pins::{Pin, PinKind, PinStore, PinsError};

use crate::filling::{Filled, ROLLUP, account, digest, hash, ticket};
use crate::visitor::{explorer, get, options};

/// The parts of a list: what `rows` finds on each, in their order.
fn parts<T>(router: &Router, path: &str, rows: impl Fn(&str) -> Vec<T>) -> Vec<Vec<T>> {
    let (mut path, mut all) = (path.to_owned(), Vec::new());
    loop {
        let page = get(router, &path);
        assert!(page.status.is_success(), "{path}: {}", page.body);
        all.push(rows(&page.body));
        let Some((_, next)) = page.body.split_once("rel=\"next\" href=\"") else { return all };
        path = next.split('"').next().unwrap().replace("&#38;", "&");
        assert!(all.len() < 1_000, "{path} leads on and on");
    }
}

/// What stands after each of some words, up to a quote or a tag.
fn after<'p>(page: &'p str, words: &'p str) -> Vec<&'p str> {
    page.split(words).skip(1).map(|rest| rest.split(['"', '<']).next().unwrap()).collect()
}

/// The ticket of a stranger by number.
fn worthless(number: u32) -> Ticket {
    let content = TicketContent::String(format!("worthless{number}").into_bytes());
    Ticket { ticketer: Kt1Address([9; 20]), content }
}

/// Gives an account tickets that a stranger has made.
fn gives(filled: &Filled, to: u16, tickets: std::ops::Range<u32>) {
    let file = &filled.file;
    file.execute_batch("BEGIN").unwrap();
    for number in tickets {
        let ticket = worthless(number);
        let add = "INSERT INTO tickets VALUES (?1, ?2, ?3, ?4, 9, ?1 - 1, 9, 9)";
        let row = (number, ticket.hash().0.0, ticket.ticketer.to_string(), ticket.to_record());
        file.execute(add, row).unwrap();
        let add = "INSERT INTO balances VALUES (?1, ?2, 7, 9, NULL)";
        file.execute(add, (to, number)).unwrap();
    }
    file.execute_batch("COMMIT").unwrap();
}

#[test]
fn thousands_of_tickets_of_strangers_do_not_hide_an_accounts_own() {
    let filled = Filled::new();
    gives(&filled, 1, 100..3_100);
    let folder = tempfile::tempdir().unwrap();
    let rollup = encoding::RollupAddress::from_base58(ROLLUP).unwrap();
    let store = PinStore::new(folder.path(), &rollup);
    // The one that is pinned came last.
    let (name, ticket) = ("mine".to_owned(), worthless(3_099));
    let pin = Pin { name, ticket, decimals: 0, kind: PinKind::Other, helper: None };
    store
        .change(|pins| {
            pins.add(pin).unwrap();
            Ok::<_, PinsError>(())
        })
        .unwrap();
    let options = explorer::ExplorerOptions { pins: Some(store), ..options(&filled.store) };
    let (readers, router) = (options.readers.clone(), explorer::router(options));
    let path = format!("/account/{}", account(1));
    for page in [&path, "/accounts?after=12"] {
        let before = readers.steps();
        let body = get(&router, page).body;
        assert!(body.contains("<bdi>mine</bdi>") && body.matches("worthless").count() < 100);
        let more = ["It has more tickets than are shown here", "and more"];
        assert!(more.iter().any(|words| body.contains(words)), "{page}: {body}");
        assert!(readers.steps() - before < 100_000, "{page}: {}", readers.steps() - before);
    }
    let all = parts(&router, &format!("{path}/tickets"), |page| {
        after(page, "<a class=\"ticket").iter().map(|_| ()).collect()
    });
    assert_eq!(all.concat().len(), 3_003);
    // A filter keeps the ticket that it names, whether it is among those that are shown or not.
    let hash = worthless(2_000).hash();
    let body = get(&router, &format!("{path}?ticket={hash}")).body;
    assert!(body.contains(&format!("<option value=\"{hash}\" selected>")), "{body}");
}

#[test]
fn what_waits_is_counted_and_some_of_it_is_shown() {
    let filled = Filled::new();
    let add = "INSERT INTO messages VALUES (?1, 70, ?1, 'v2', 'waits', NULL, 9, 1, 0, NULL, NULL, NULL, NULL, NULL)";
    for place in 100..600 {
        filled.file.execute(add, [place]).unwrap();
    }
    let body = get(&explorer(&filled.store), "/").body;
    assert!(body.contains("And 491 more."), "{body}");
    assert!(body.matches("<td class=\"words\"><bdi>waits</bdi>").count() < 10);
}

/// A transaction and its batch, in so many messages of the levels from 41 on; the last of them has applied it.
fn sent_again(filled: &Filled, times: i32) {
    for number in 0..times {
        let (row, last) = (1_000_000 + number, number == times - 1);
        let result = if last { "'done', 102, 1, 0, 45" } else { "'refused', 300, 0, 0, 45" };
        let code = if last { "0, 0, 0, 45" } else { "1, 2, 3, 45" };
        filled
            .file
            .execute_batch(&format!(
                "INSERT INTO messages VALUES ({row}, 45, {row}, 'v2', 'again', x'{}', 9, 1, 0, {result});
                 INSERT INTO transactions VALUES ({row}, {row}, 0, x'{}', NULL);
                 INSERT INTO operations VALUES ({row}, {row}, 0, 1, 9, NULL, NULL, 1, {code});",
                digest(777),
                hash(7_777)
            ))
            .unwrap();
    }
}

#[test]
fn a_transaction_that_was_sent_again_and_again_shows_where_it_was_applied() {
    let filled = Filled::new();
    sent_again(&filled, 300);
    let options = options(&filled.store);
    let (readers, router) = (options.readers.clone(), explorer::router(options));
    let path = format!("/tx/{}", hash(7_777));
    let before = readers.steps();
    let first = get(&router, &path).body;
    assert!(readers.steps() - before < 100_000, "{}", readers.steps() - before);
    assert!(first.contains("is in 300 messages"), "{first}");
    let places = |page: &str| -> Vec<u32> {
        after(page, "/level/45/message/").iter().map(|place| place.parse().unwrap()).collect()
    };
    let all = parts(&router, &path, places);
    assert_eq!(all[0][0], 1_000_299, "the one that was applied comes first");
    let mut all = all.concat();
    all.sort_unstable();
    assert_eq!(all, (1_000_000..1_000_300).collect::<Vec<_>>());
    let batch = get(&router, &format!("/batch/{}", digest(777))).body;
    assert!(batch.contains("Sent again") && batch.contains("And more, which are not listed."));
    assert!(batch.contains("<dt>Place in the inbox</dt><dd>1000299</dd>"), "{batch}");
    assert_eq!(places(&batch).len(), 10);
}

#[test]
fn holders_come_in_parts_that_are_all_of_them() {
    let filled = Filled::new();
    filled.people_from(100, 400);
    for number in 100..400 {
        // Many have as much as others, and some as much as there can be.
        let amount = match number % 3 {
            0 => "'18446744073709551615'".to_owned(),
            _ => (number / 10).to_string(),
        };
        let add = format!("INSERT INTO balances VALUES ({number}, 1, {amount}, 9, NULL)");
        filled.file.execute_batch(&add).unwrap();
    }
    let router = explorer(&filled.store);
    let path = format!("/ticket/{}", ticket(1).hash().0);
    let holders = parts(&router, &path, |page| {
        let list = page.split_once("<h2>Holders</h2>").unwrap().1;
        let list = list.split("</table>").next().unwrap();
        after(list, "href=\"/account/").iter().map(|one| (*one).to_owned()).collect()
    });
    assert!(holders.len() > 5 && holders.iter().all(|part| part.len() <= 50));
    let mut all = holders.concat();
    assert_eq!(all.len(), 302);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 302);
    for bad in ["?after=1", "?below=1", "?after=x&below=1", "?after=1&below=-1"] {
        assert_eq!(get(&router, &format!("{path}{bad}")).status.as_u16(), 400, "{bad}");
    }
}

#[test]
fn a_search_that_has_not_seen_all_tickets_says_so() {
    let filled = Filled::new();
    gives(&filled, 1, 100..2_300);
    let router = explorer(&filled.store);
    let nothing = get(&router, "/search?q=worthless2299");
    assert_eq!(nothing.status.as_u16(), 404);
    assert!(nothing.body.contains("Only the first 2,000 tickets were looked through."));
    // One of that name is found, and another may be among those that were not.
    let one = get(&router, "/search?q=worthless150");
    assert_eq!(one.status.as_u16(), 200, "{}", one.body);
    // By its index it is found, wherever it is.
    assert_eq!(get(&router, "/search?q=%232298").status.as_u16(), 303);
}
