//! What a page costs does not grow with the history.

use std::time::Instant;

use history::Store;
use rusqlite::Connection;

use crate::filling::{Filled, account, ticket};
use crate::visitor::{get, options};

/// Steps of SQLite's machine that a page may take: on a slow core some ten milliseconds.
const STEPS: u64 = 600_000;
/// Transactions of the level that has most, and the messages that they are in.
const BUSY: u32 = 10_000;
const MESSAGES: u32 = 100;
/// Transfers of a batch, about as many as a message holds.
const EACH: u32 = 390;

/// Fills an index with so many transfers between the first accounts, in batches of [`EACH`], ten to a level.
fn fill(file: &Connection, transfers: u32) {
    let batches = transfers.div_ceil(EACH);
    let numbers = |to: u32| {
        format!(
            "WITH RECURSIVE n(v) AS (SELECT 0 UNION ALL SELECT v + 1 FROM n WHERE v < {to} - 1)"
        )
    };
    let levels = numbers(batches.div_ceil(10));
    let batches = numbers(batches);
    let all = numbers(transfers);
    file.execute_batch(&format!(
        "BEGIN;
         INSERT INTO levels SELECT v + 1, printf('BL%049d', v + 1), 1790000000 + v * 6, 1, 10, 40960, 0, 1, {EACH} * 10, {EACH} * 10, 0, 0
            FROM ({levels} SELECT v FROM n);
         INSERT INTO messages SELECT v + 1, v / 10 + 1, v % 10 + 2, 'v2', 'v2 batch', CAST(printf('%032d', v) AS BLOB), 4096, {EACH}, 0, 'done', 102, {EACH}, 0, v / 10 + 1
            FROM ({batches} SELECT v FROM n);
         INSERT INTO transactions SELECT v + 1, v / {EACH} + 1, v % {EACH}, CAST(printf('%032d', v) AS BLOB), NULL
            FROM ({all} SELECT v FROM n);
         INSERT INTO operations SELECT v + 1, v + 1, 0, v % 59 + 1, v, NULL, NULL, 0, 0, 0, 0, v / {EACH} / 10 + 1
            FROM ({all} SELECT v FROM n);
         INSERT INTO moves SELECT v + 1, v / {EACH} / 10 + 1, v / {EACH} + 1, v + 1, 'transfer', v % 59 + 1, v % 58 + 2, NULL, NULL, NULL, 1, v % 1000 + 1, 1, v / {EACH} / 10 + 1
            FROM ({all} SELECT v FROM n);
         INSERT INTO balances SELECT v, 1, v, 1, NULL FROM ({} SELECT v + 1 AS v FROM n);
         COMMIT;",
        numbers(60)
    ))
    .unwrap();
}

/// Adds a level after all others with so many transactions of one message, each with an operation and a transfer.
fn one_level(file: &Connection, transactions: u32) -> (i32, i64) {
    let (level, message): (i32, i64) = file
        .query_row("SELECT max(m.level) + 1, max(m.id) + 1 FROM messages m", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    let each = transactions.div_ceil(MESSAGES);
    let messages = format!(
        "WITH RECURSIVE n(v) AS (SELECT 0 UNION ALL SELECT v + 1 FROM n WHERE v < {MESSAGES} - 1)"
    );
    let all = format!(
        "WITH RECURSIVE n(v) AS (SELECT 0 UNION ALL SELECT v + 1 FROM n WHERE v < {transactions} - 1)"
    );
    let first: i64 =
        file.query_row("SELECT max(id) + 1 FROM transactions", [], |row| row.get(0)).unwrap();
    file.execute_batch(&format!(
        "BEGIN;
         INSERT INTO levels VALUES ({level}, printf('BL%049d', {level}), 1790000000 + {level} * 6, 1, {MESSAGES}, 4096, 0, 1,
            {transactions}, {transactions}, 0, 0);
         INSERT INTO messages SELECT {message} + v, {level}, v + 2, 'v2', 'v2 batch', CAST(printf('%032d', {message} + v) AS BLOB),
            4096, {each}, 0, 'done', 102, {each}, 0, {level} FROM ({messages} SELECT v FROM n);
         INSERT INTO transactions SELECT {first} + v, {message} + v / {each}, v % {each}, randomblob(32), NULL FROM ({all} SELECT v FROM n);
         INSERT INTO operations SELECT {first} + v, {first} + v, 0, v % 59 + 1, v, NULL, 'rent', 1, 0, 0, 0, {level}
            FROM ({all} SELECT v FROM n);
         INSERT INTO moves SELECT {first} + v, {level}, {message} + v / {each}, {first} + v, 'transfer', v % 59 + 1, v % 58 + 2, NULL,
            NULL, NULL, 1, v % 1000 + 1, 1, {level} FROM ({all} SELECT v FROM n);
         COMMIT;"
    ))
    .unwrap();
    (level, message)
}

/// Asks for every kind of page, and fails for one that takes more than it may.
fn costs(store: &Store, transfers: u32, (busy, message): (i32, i64)) {
    let batcher = Some(wallet::rpc::Node::new("127.0.0.1:9").unwrap());
    let options = explorer::ExplorerOptions { batcher, ..options(store) };
    let readers = options.readers.clone();
    let router = explorer::router(options);
    let middle = transfers / 2;
    let hash = |number: u32| hex::encode(format!("{number:032}"));
    let of_account = format!("/account/{}", account(5));
    let gold = ticket(1).hash().0;
    let batch = |row: i64| hex::encode(format!("{row:032}"));
    for path in [
        "/".to_owned(),
        "/levels".to_owned(),
        format!("/levels?after={}", busy / 2),
        "/level/9".to_owned(),
        format!("/level/{busy}"),
        format!("/level/{busy}?after=60"),
        format!("/level/BL{busy:049}"),
        format!("/level/{busy}/message/50"),
        format!("/level/{busy}/message/50?after=49"),
        format!("/batch/{}", batch(message + 7)),
        "/accounts".to_owned(),
        "/accounts?after=30".to_owned(),
        "/tickets?after=1".to_owned(),
        "/withdrawals?all=1".to_owned(),
        "/held?all=1".to_owned(),
        "/kernel".to_owned(),
        "/batcher".to_owned(),
        format!("{of_account}?kind=withdrawal"),
        format!("{of_account}?kind=deposit&applied=1&since={}", busy / 2),
        format!("{of_account}?since={busy}"),
        format!("{of_account}/tickets"),
        format!("{of_account}/history.csv?since={busy}"),
        format!("/ticket/{gold}?after=30&below=30"),
        format!("/search?q={}", account(9)),
        "/search?q=gold".to_owned(),
        "/search?q=%230".to_owned(),
        format!("/search?q={}", ticket(1).ticketer),
        format!("/search?q={busy}"),
        "/tickets".to_owned(),
        "/withdrawals".to_owned(),
        "/held".to_owned(),
        of_account.clone(),
        format!("{of_account}?after={middle}"),
        format!("{of_account}?ticket={gold}&since=1&applied=1"),
        format!("/ticket/{gold}"),
        format!("/tx/{}", hash(middle)),
        format!("/batch/{}", hash(20)),
        format!("/batch/{}?after=200", hash(20)),
        format!("/search?q={}", &hash(middle)[..60]),
    ] {
        let (before, start) = (readers.steps(), Instant::now());
        let answer = get(&router, &path);
        let took = start.elapsed();
        let steps = readers.steps() - before;
        println!("{path}: {steps} steps, {} ms", took.as_millis());
        assert!(
            answer.status.is_success() || answer.status.is_redirection(),
            "{path}: {}",
            answer.status
        );
        assert!(steps < STEPS, "{path}: {steps} steps");
    }
}

fn of(transfers: u32) {
    let filled = Filled::empty();
    filled.people(60);
    filled.tickets();
    fill(&filled.file, transfers);
    let busy = one_level(&filled.file, BUSY);
    costs(&filled.store, transfers, busy);
}

#[test]
fn pages_of_many_transfers() {
    of(40_000);
}

#[test]
#[ignore = "fills an index with a million transfers, and prints the milliseconds of each page"]
fn pages_of_a_million_transfers() {
    of(1_000_000);
}
