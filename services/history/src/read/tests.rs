//! Every question, asked of an index that has one of everything.

mod counted;

use std::cell::Cell;

use encoding::{Hash32, Level, MessageId, Ticket, TicketHash, Tz4Address};
use encoding::{Kt1Address, TicketContent};
use rusqlite::{CachedStatement, StatementStatus};

use super::{Filter, Page};
use crate::store::Store;
use crate::words::{MoveKind, MoveState, WithdrawalWord};

pub(crate) fn ticket() -> Ticket {
    Ticket { ticketer: Kt1Address([7; 20]), content: TicketContent::String(b"demo".to_vec()) }
}

/// Two levels: a deposit, and a batch of a transfer, a withdrawal and a transfer that failed.
pub(crate) fn filled() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("index.sqlite"), "sr1").unwrap();
    let [alice, bob] = [1, 2].map(|byte| Tz4Address([byte; 20]).to_string());
    let file = &store.file;
    file.execute_batch(&format!(
        "INSERT INTO levels VALUES (1, 'BL1', 100, 1, 1, 50, 0, 5, 0, 0, 0, 0), \
                                   (2, 'BL2', NULL, 1, 2, 70, 3, NULL, 1, 2, 1, 2);
         INSERT INTO accounts VALUES (1, '{alice}', 1, 0, 1, 1), (2, '{bob}', 2, 1, 2, NULL);
         INSERT INTO messages VALUES \
            (1, 1, 2, 'deposit', 'a deposit', NULL, 50, 0, 0, 'done', 100, 0, 9, 1), \
            (2, 2, 2, 'v2', 'a batch', x'{}', 60, 3, 0, 'done', 102, 2, 1, 2), \
            (3, 2, 3, 'v2', 'waits', NULL, 10, 1, 0, NULL, NULL, NULL, NULL, NULL), \
            (4, 2, 4, 'deposit', 'held', NULL, 10, 0, 0, 'held', 201, 0, 0, 2);
         INSERT INTO bodies VALUES (1, x'0001');
         INSERT INTO transactions VALUES (1, 2, 0, x'{}', 9), (2, 2, 1, NULL, NULL);
         INSERT INTO operations VALUES \
            (1, 1, 0, 1, 0, NULL, 'rent', 1, 0, 0, 0, 2), \
            (2, 2, 0, 1, 1, x'{}', NULL, 0, 7, 3, '18446744073709551615', 2);",
        "11".repeat(32),
        "22".repeat(32),
        "33".repeat(32),
    ))
    .unwrap();
    let ticket = ticket();
    let insert = "INSERT INTO tickets VALUES (1, ?1, 'KT1', ?2, 1, 0, 1)";
    file.execute(insert, (ticket.hash().0.0, ticket.to_record())).unwrap();
    file.execute_batch(
        "INSERT INTO moves VALUES \
            (1, 1, 1, NULL, 'deposit', NULL, 1, 'KT1', NULL, NULL, 1, 9, 1, 1), \
            (2, 2, 2, 1, 'transfer', 1, 2, NULL, NULL, NULL, 1, 4, 1, 2), \
            (3, 2, 2, 1, 'withdrawal', 1, NULL, 'KT1', 'pay', 'tz1', 1, 2, 1, 2), \
            (4, 2, 2, 2, 'transfer', 1, 2, NULL, NULL, NULL, 1, '18446744073709551615', 2, 2);
         INSERT INTO balances VALUES (1, 1, 3, 2, 2), (2, 1, '18446744073709551615', 2, NULL);
         INSERT INTO supplies VALUES (1, 1, 9, '9', '0'), (1, 2, 7, '9', '2');
         INSERT INTO withdrawals VALUES (3, 2, 0, NULL, 'outbox', NULL);
         INSERT INTO held VALUES (0, 4, 'KT1', 'tz1', NULL, NULL, 201, 0, 0, 2, NULL);
         INSERT INTO alarms VALUES (1, 2, 'the balance differs', '3', '4');",
    )
    .unwrap();
    (folder, store)
}

#[test]
fn every_question_is_answered() {
    let (_folder, store) = filled();
    let page = Page::first(10);
    store
        .readers()
        .read(|reader| {
            let status = reader.status()?;
            assert_eq!((status.rollup.as_str(), status.first), ("sr1", Some(Level(1))));
            assert_eq!(status.last.map(|level| level.block), Some("BL2".to_owned()));
            assert_eq!((status.unseen, status.alarms), (0, 1));
            assert_eq!(reader.alarms(page)?.rows.len(), 1);
            assert_eq!(reader.level(Level(1))?, reader.block("BL1")?);
            assert_eq!(reader.messages(Level(2), Page::first(2))?.next, Some(3));
            assert_eq!(reader.waiting()?.len(), 1);
            assert!(reader.refused(page)?.rows.is_empty());
            let id = MessageId { level: Level(2), index: 2 };
            let batch = reader.message(id)?.expect("the batch");
            assert_eq!(reader.batches(&Hash32([0x11; 32]))?, std::slice::from_ref(&batch));
            assert_eq!(reader.body(1)?, Some(vec![0, 1]));
            assert_eq!(reader.some_batches(&Hash32([0x11; 32]), 9)?, std::slice::from_ref(&batch));
            assert_eq!(reader.count_batches(&Hash32([0x11; 32]))?, 1);
            assert_eq!((reader.count_waiting()?, reader.some_waiting(9)?), (1, reader.waiting()?));
            assert_eq!(reader.some_transactions(&Hash32([0x22; 32]), 0)?, []);
            assert_eq!(reader.count_transactions(&Hash32([0x33; 32]))?, 1);
            let all = reader.transactions_of(batch.row, page)?.rows;
            assert_eq!(reader.some_transactions(&Hash32([0x22; 32]), 9)?, all[..1]);
            assert_eq!(reader.some_transactions(&Hash32([0x33; 32]), 9)?, all[1..]);
            assert_eq!(reader.transactions(&Hash32([0x22; 32]))?, all[..1]);
            assert_eq!(reader.transactions(&Hash32([0x33; 32]))?, all[1..]);
            let operations = reader.operations(1)?;
            assert_eq!(operations[0].moves.len(), 2);
            assert_eq!(operations[0].memo.as_deref(), Some("rent"));
            for (digits, found) in
                [("11111111", 1), ("2222222222", 1), ("333333333", 1), ("44444444", 0)]
            {
                assert_eq!(reader.hashes(digits)?.len(), found, "{digits}");
            }
            let alice = reader.account(&Tz4Address([1; 20]))?.expect("alice");
            assert_eq!(reader.accounts(page)?.rows.len(), 2);
            assert_eq!(reader.count_accounts()?, 2);
            assert_eq!(reader.count_of_account(alice.row)?, 4);
            assert_eq!(reader.balances(alice.row)?.len(), 1);
            let row = reader.ticket(&ticket().hash())?.expect("the ticket");
            assert_eq!(reader.tickets()?, std::slice::from_ref(&row));
            assert_eq!(reader.some_tickets(page)?.rows, std::slice::from_ref(&row));
            assert!(reader.some_tickets(Page { after: Some(row.row), rows: 1 })?.rows.is_empty());
            assert_eq!(reader.rollup()?, "sr1");
            assert_eq!(reader.ticket(&TicketHash(Hash32([0; 32])))?, None);
            let holders = reader.holders(row.row, Page::first(1))?;
            assert_eq!((holders.rows[0].amount.get(), holders.next), (u64::MAX, Some(1)));
            assert_eq!(reader.count_holders(row.row)?, 2);
            assert_eq!(reader.supplies(row.row, 5)?.len(), 2);
            let open = reader.withdrawals(true, page)?.rows;
            assert_eq!(open[0].stage, WithdrawalWord::Outbox);
            assert_eq!(reader.withdrawal(open[0].moved.row)?, Some(open[0].clone()));
            assert_eq!(reader.held(true, page)?.rows.len(), 1);
            assert_eq!((reader.count_held()?, reader.count_open_withdrawals()?), (1, 1));
            assert_eq!((reader.count_executable()?, reader.executable(9)?), (0, vec![]));
            assert_eq!(reader.dated_levels(2)?, Some([(Level(1), 100), (Level(1), 100)]));
            assert_eq!(reader.dated_levels(1)?, None);
            assert_eq!(reader.moves_of_message(1)?.len(), 1);
            Ok(())
        })
        .unwrap();
}

#[test]
fn moves_of_an_account_come_in_pages() {
    let (_folder, store) = filled();
    store
        .readers()
        .read(|reader| {
            let alice = reader.account(&Tz4Address([1; 20]))?.expect("alice").row;
            let first = reader.moves_of_account(alice, Filter::default(), Page::first(3))?;
            let rows: Vec<i64> = first.rows.iter().map(|one| one.row).collect();
            assert_eq!((rows, first.next), (vec![4, 3, 2], Some(2)));
            assert_eq!(first.rows[0].state, MoveState::NotApplied);
            let page = Page { after: first.next, rows: 3 };
            let rest = reader.moves_of_account(alice, Filter::default(), page)?;
            assert_eq!((rest.rows.len(), rest.next), (1, None));
            let all = Page::first(0);
            for (filter, found) in [
                (Filter { applied: true, ..Filter::default() }, 3),
                (Filter { kind: Some(MoveKind::Transfer), ..Filter::default() }, 2),
                (Filter { since: Some(Level(2)), ..Filter::default() }, 3),
                (Filter { ticket: Some(1), ..Filter::default() }, 4),
                (Filter { ticket: Some(2), ..Filter::default() }, 0),
            ] {
                assert_eq!(reader.moves_of_account(alice, filter, all)?.rows.len(), found);
                assert_eq!(reader.moves(filter, all)?.rows.len(), found);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_index_is_of_one_rollup() {
    let (folder, store) = filled();
    drop(store);
    let path = folder.path().join("index.sqlite");
    assert!(Store::open(&path, "sr1").is_ok());
    assert!(Store::open(&path, "sr2").is_err());
}

thread_local! {
    static STEPS: Cell<i64> = const { Cell::new(0) };
}

/// Adds what SQLite has executed for a question.
pub(super) fn count_steps(asked: &CachedStatement<'_>) {
    STEPS.set(STEPS.get() + i64::from(asked.get_status(StatementStatus::VmStep)));
}

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
            check("holders", reader.holders(1, page)?.rows.len());
            check("transactions", reader.transactions_of(7, page)?.rows.len());
            check("a transaction", reader.operations(77)?.len());
            check("levels", reader.levels(page)?.rows.len());
            check("accounts", reader.accounts(page)?.rows.len());
            check("withdrawals", reader.withdrawals(true, page)?.rows.len());
            let counts = (reader.count_open_withdrawals()?, reader.count_held()?);
            assert_eq!(counts, (0, 0));
            check("counts", 1);
            check("executable", reader.executable(ROWS)?.len());
            check("not known", reader.unknown_withdrawals(1_000)?.len());
            assert_eq!(reader.dated_levels(1_000)?, None);
            check("times", 1);
            check("what waits", reader.waiting()?.len());
            check("refused", reader.refused(page)?.rows.len());
            check("a hash", reader.hashes("01234567")?.len());
            Ok(())
        })
        .unwrap();
}
