//! What a question costs, and what it finds, where somebody has made more of something than a page has.

use encoding::{Hash32, Level, Tz4Address};
use tx_kernel::results::ResultCode;

use super::{STEPS, filled};
use crate::read::{Filter, Page};
use crate::rows::BoundedCount;
use crate::store::Store;
use crate::words::MoveKind;

/// An index with so many moves between two of 1,000 accounts, in batches of 2,000 levels.
fn many(moves: u32) -> (tempfile::TempDir, Store) {
    let (folder, store) = filled();
    let numbers = |from: u32, to: u32| {
        format!(
            "FROM (WITH RECURSIVE n(value) AS (SELECT {from} UNION ALL SELECT value + 1 FROM n \
             WHERE value < {to}) SELECT value FROM n)"
        )
    };
    let (levels, all) = (numbers(1, 2_000), numbers(1, moves));
    let at = format!("1 + value * 2000 / ({moves} + 1)");
    let file = &store.file;
    file.execute_batch(&format!(
        "BEGIN;
         DELETE FROM levels; DELETE FROM balances;
         INSERT INTO levels SELECT value, 'BL' || value, NULL, 1, 1, 9, 0, 1, 1, 1, 0, 1 {levels};
         INSERT INTO messages SELECT value, value, 2, 'v2', 't', NULL, 9, 1, 0, 'done', 102, 1, 0, \
            value {levels};
         INSERT INTO transactions SELECT value, {at}, value, randomblob(32), NULL {all};
         INSERT INTO operations SELECT value, value, 0, 1, value, NULL, NULL, 0, 0, 0, 0, 1 {all};
         INSERT INTO moves SELECT value, {at}, {at}, value, 'transfer', 1, 2, NULL, NULL, NULL, 1, 5, \
            1, 1 {all};
         COMMIT;"
    ))
    .unwrap();
    let (copies, tickets) = (numbers(1, 10_500), numbers(2, 10_000));
    // Somebody sends one transaction and one batch again and again, and makes tickets without end.
    file.execute_batch(&format!(
        "BEGIN;
         INSERT INTO messages SELECT 1000000 + value, 2000, 10 + value, 'v2', 't', x'{hash}', 9, 1, 0, NULL, \
            NULL, NULL, NULL, NULL {copies};
         INSERT INTO transactions SELECT 1000000 + value, 1000000 + value, 0, x'{hash}', NULL {copies};
         INSERT INTO tickets SELECT value, randomblob(32), 'KT1', (SELECT record FROM tickets), 1, value, 1 {tickets};
         INSERT INTO balances SELECT 1, value, 1, 1, NULL {tickets};
         COMMIT;",
        hash = "44".repeat(32)
    ))
    .unwrap();
    for number in 3..=1_000_u32 {
        let mut bytes = [9; 20];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        let insert = "INSERT INTO accounts VALUES (?1, ?2, 1, ?1, 1, 1)";
        file.execute(insert, (number, Tz4Address(bytes).to_string())).unwrap();
        let insert = "INSERT INTO balances VALUES (?1, 1, ?2, 1, NULL)";
        file.execute(insert, (number, number * 7_919 % 10_007)).unwrap();
    }
    (folder, store)
}

#[test]
fn a_page_costs_what_is_on_it() {
    const ROWS: usize = 50;
    /// Steps of SQLite's machine for each row of a page.
    const STEPS_PER_ROW: i64 = 1_000;
    let (_folder, store) = many(200_000);
    let page = Page::first(ROWS);
    store
        .readers()
        .read(|reader| {
            let (mut before, begin) = (0, std::time::Instant::now());
            let mut check = |what: &str, rows: usize| {
                let steps = STEPS.get() - before;
                before = STEPS.get();
                println!("{what}: {rows} rows, {steps} steps, {:?}", begin.elapsed());
                assert!(rows <= ROWS && steps <= 50 * STEPS_PER_ROW, "{what}: {steps}");
            };
            let recent = Filter { since: Some(Level(1_999)), ..Filter::default() };
            let later = Filter { since: Some(Level(3_000)), ..Filter::default() };
            let ticket = Filter { ticket: Some(1), ..Filter::default() };
            for filter in [Filter::default(), recent, later, ticket] {
                check("all moves", reader.moves(filter, page)?.rows.len());
                check("of a payee", reader.moves_of_account(2, filter, page)?.rows.len());
                check("of somebody", reader.moves_of_account(77, filter, page)?.rows.len());
            }
            let holders = reader.holders(1, None, ROWS)?;
            check("holders", holders.rows.len());
            check("more holders", reader.holders(1, holders.next, ROWS)?.rows.len());
            check("transactions", reader.transactions_of(7, page)?.rows.len());
            check("a transaction", reader.operations(77)?.len());
            check("levels", reader.levels(page)?.rows.len());
            check("accounts", reader.accounts(page)?.rows.len());
            check("withdrawals", reader.withdrawals(true, page)?.rows.len());
            check("what waits", reader.waiting(page)?.rows.len());
            check("refused", reader.refused(page)?.rows.len());
            check("a hash", reader.hashes("01234567")?.len());
            check("tickets of an account", reader.balances(1, page)?.rows.len());
            let hash = Hash32([0x44; 32]);
            check("copies of a transaction", reader.transactions(&hash, page)?.rows.len());
            check("copies of a batch", reader.batches(&hash, page)?.rows.len());
            // What is counted, or looked through for one row, is so as far as its limit.
            let before = STEPS.get();
            let counts =
                [reader.count_of_account(2)?, reader.count_of_account(1)?, reader.count_waiting()?];
            for count in counts {
                assert_eq!(count, BoundedCount { count: 10_000, more: true });
            }
            let copies = reader.count_transactions(&hash)?;
            assert_eq!(copies, BoundedCount { count: 5_000, more: true });
            assert!(reader.decisive_transaction(&hash)?.is_some());
            assert!(reader.decisive_batch(&hash)?.is_some());
            let steps = STEPS.get() - before;
            println!("counts: {steps} steps, {:?}", begin.elapsed());
            assert!(steps < 1_000_000, "{steps}");
            Ok(())
        })
        .unwrap();
}

#[test]
fn of_all_places_of_a_transaction_the_one_that_counts_is_found() {
    let (_folder, store) = filled();
    let hash = "44".repeat(32);
    // 300 copies that the kernel puts off; of the 250th it has said that it is too late, and of the 280th that it is
    // applied.
    let copies = "FROM (WITH RECURSIVE n(value) AS (SELECT 101 UNION ALL SELECT value + 1 FROM n \
                  WHERE value < 400) SELECT value FROM n)";
    store
        .file
        .execute_batch(&format!(
            "INSERT INTO messages SELECT value, 2, value, 'v2', 't', x'{hash}', 9, 1, 0, NULL, NULL, NULL, \
                NULL, NULL {copies};
             INSERT INTO transactions SELECT value, value, 0, x'{hash}', NULL {copies};
             INSERT INTO operations SELECT value, value, 0, 1, 0, NULL, NULL, 1, NULL, NULL, NULL, NULL {copies};"
        ))
        .unwrap();
    let found = || {
        let hash = Hash32([0x44; 32]);
        store
            .readers()
            .read(|reader| {
                let mut page = Page::first(70);
                let mut rows = Vec::new();
                loop {
                    let found = reader.transactions(&hash, page)?;
                    rows.extend(found.rows.iter().map(|one| one.row));
                    match found.next {
                        Some(next) => page.after = Some(next),
                        None => break,
                    }
                }
                assert_eq!(rows, (101..=400).collect::<Vec<_>>());
                let count = reader.count_transactions(&hash)?;
                assert_eq!(count, BoundedCount { count: 300, more: false });
                let transaction = reader.decisive_transaction(&hash)?.map(|one| one.row);
                Ok((transaction, reader.decisive_batch(&hash)?.map(|one| one.row)))
            })
            .unwrap()
    };
    assert_eq!(found(), (Some(101), Some(101)));
    let set = |code: u16, row: i64, result: &str| {
        let of_operation = "UPDATE operations SET code = ?1, settled = 2 WHERE id = ?2";
        store.file.execute(of_operation, (code, row)).unwrap();
        let of_message = "UPDATE messages SET result = ?1, code = 300, settled = 2 WHERE id = ?2";
        store.file.execute(of_message, (result, row)).unwrap();
    };
    // What can still come to another result counts no more than what waits.
    set(ResultCode::CounterMismatch.number(), 240, "refused");
    assert_eq!(found(), (Some(101), Some(240)));
    set(ResultCode::BalanceTooLow.number(), 250, "refused");
    assert_eq!(found(), (Some(250), Some(240)));
    set(ResultCode::Applied.number(), 280, "done");
    assert_eq!(found(), (Some(280), Some(280)));
}

#[test]
fn a_filter_is_held_against_so_many_moves_at_a_time() {
    const EACH: i64 = 50_000;
    let (_folder, store) = filled();
    let numbers = format!(
        "FROM (WITH RECURSIVE n(value) AS (SELECT 101 UNION ALL SELECT value + 1 FROM n \
         WHERE value < {EACH} + 100) SELECT value FROM n)"
    );
    store
        .file
        .execute_batch(&format!(
            "INSERT INTO moves SELECT value, 2, 2, 1, 'transfer', 1, 2, NULL, NULL, NULL, 1, 5, 1, 2 {numbers};"
        ))
        .unwrap();
    let steps = |filter: Filter| {
        let readers = store.readers();
        let (mut page, mut pages, mut rows) = (Page::first(50), 0, Vec::new());
        loop {
            let before = readers.steps();
            let found = readers.read(|reader| reader.moves_of_account(1, filter, page)).unwrap();
            assert!(readers.steps() - before < 300_000, "{}", readers.steps() - before);
            pages += 1;
            rows.extend(found.rows.iter().map(|one| one.row));
            match found.next {
                Some(next) => page.after = Some(next),
                None => return (pages, rows),
            }
        }
    };
    let deposits = Filter { kind: Some(MoveKind::Deposit), ..Filter::default() };
    // The one deposit comes after all the transfers: it is found in the last page.
    assert_eq!(steps(deposits), (6, vec![1]));
    assert_eq!(steps(Filter { since: Some(Level(2)), ..deposits }).1, Vec::<i64>::new());
    assert_eq!(steps(Filter { ticket: Some(9), ..Filter::default() }), (6, vec![]));
    let all = steps(Filter { kind: Some(MoveKind::Transfer), ..Filter::default() });
    assert_eq!(all.1.len(), usize::try_from(EACH).unwrap() + 2);
}
