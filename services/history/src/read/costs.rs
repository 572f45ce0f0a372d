//! What questions cost: in steps of SQLite's machine, and as SQLite plans to answer them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use encoding::{Hash32, Kt1Address, Level, Ticket, TicketIndex, Tz4Address};
use rusqlite::{CachedStatement, StatementStatus};

use super::tests::{filled, ticket};
use super::{Filter, Page};
use crate::rows::BoundedCount;
use crate::store::Store;
use crate::words::MoveKind;

thread_local! {
    static STEPS: Cell<i64> = const { Cell::new(0) };
    /// What was asked, in SQL.
    static QUESTIONS: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// Adds what SQLite has executed for a question.
pub(super) fn count_steps(asked: &CachedStatement<'_>) {
    STEPS.set(STEPS.get() + i64::from(asked.get_status(StatementStatus::VmStep)));
    QUESTIONS.with_borrow_mut(|all| all.extend(asked.expanded_sql()));
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
    let (copies, tickets) = (numbers(1, 10_001), numbers(101, 10_100));
    // Somebody sends one transaction and one batch again and again, and makes tickets without end.
    file.execute_batch(&format!(
        "BEGIN;
         INSERT INTO messages SELECT 1000000 + value, 2000, 10 + value, 'v2', 't', x'{hash}', 9, 1, 0, NULL, \
            NULL, NULL, NULL, NULL {copies};
         INSERT INTO transactions SELECT 1000000 + value, 1000000 + value, 0, x'{hash}', NULL {copies};
         INSERT INTO tickets SELECT value, randomblob(32), 'KT1', (SELECT record FROM tickets), 1, value, 1, NULL \
            {tickets};
         INSERT INTO balances SELECT 1, value, 1, 1, NULL {tickets};
         COMMIT;",
        hash = "44".repeat(32)
    ))
    .unwrap();
    for number in 3..=1_000_u32 {
        let mut bytes = [9; 20];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        let insert = "INSERT INTO accounts VALUES (?1, ?2, 1, ?1, 1, 1, 1)";
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
            for filter in [recent, later].into_iter().chain(filters()) {
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
            check("held", reader.held(true, page)?.rows.len());
            check("alarms", reader.alarms(page)?.rows.len());
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

/// Every way to ask for moves of a kind, of a ticket, or that were applied.
fn filters() -> Vec<Filter> {
    let mut all = Vec::new();
    for kind in MoveKind::ALL.map(Some).into_iter().chain([None]) {
        // The one that all have, one that few have, and one that nobody has.
        for ticket in [None, Some(1), Some(2), Some(3)] {
            all.extend([false, true].map(|applied| Filter { ticket, kind, since: None, applied }));
        }
    }
    all
}

/// Of 200,000 moves there are five of another ticket, of another kind, or that were applied: they are found at once, and
/// those are all.
#[test]
fn the_few_that_fit_are_found_among_many_that_do_not() {
    /// Steps of SQLite's machine.
    const STEPS: u64 = 50_000;
    let (_folder, store) = many(200_000);
    let other = Ticket { ticketer: Kt1Address([8; 20]), ..ticket() };
    let insert = "INSERT INTO tickets VALUES (2, ?1, 'KT1', ?2, 1, 1, 1, 1)";
    store.file.execute(insert, (other.hash().0.0, other.to_record())).unwrap();
    store
        .file
        .execute_batch(
            "UPDATE moves SET state = 2;
             UPDATE moves SET ticket = 2 WHERE id IN (5, 50, 500, 5000, 50000);
             UPDATE moves SET state = 1 WHERE id IN (6, 60, 600, 6000, 60000);
             UPDATE moves SET kind = 'withdrawal', receiver = NULL WHERE id IN (7, 70, 700, 7000, 70000);
             UPDATE moves SET kind = 'deposit', receiver = sender, sender = NULL
                WHERE id IN (8, 80, 800, 8000, 80000);",
        )
        .unwrap();
    let of = |digit: i64| [10_000, 1_000, 100, 10, 1].map(|times| digit * times).to_vec();
    let readers = store.readers();
    let rows = |filter: Filter, account: Option<i64>| {
        let before = readers.steps();
        let found = readers
            .read(|reader| match account {
                Some(account) => reader.moves_of_account(account, filter, Page::first(50)),
                None => reader.moves(filter, Page::first(50)),
            })
            .unwrap();
        let steps = readers.steps() - before;
        assert!(steps <= STEPS, "{filter:?} {account:?}: {steps}");
        found.rows.iter().map(|one| one.row).collect::<Vec<_>>()
    };
    let (withdrawn, deposited) = (Some(MoveKind::Withdrawal), Some(MoveKind::Deposit));
    for account in [Some(1), None] {
        let filter = Filter::default();
        assert_eq!(rows(Filter { ticket: Some(2), ..filter }, account), of(5));
        assert_eq!(rows(Filter { applied: true, ..filter }, account), of(6));
        assert_eq!(rows(Filter { kind: withdrawn, ..filter }, account), of(7));
        assert_eq!(rows(Filter { kind: deposited, ..filter }, account), of(8));
        let both = Filter { ticket: Some(2), kind: Some(MoveKind::Transfer), ..filter };
        assert_eq!(rows(both, account), of(5));
        let last = Filter { ticket: Some(2), since: Some(Level(400)), ..filter };
        assert_eq!(rows(last, account), of(5)[..1]);
        for none in [
            Filter { ticket: Some(2), kind: withdrawn, ..filter },
            Filter { ticket: Some(2), applied: true, ..filter },
            Filter { kind: deposited, applied: true, ..filter },
            Filter { ticket: Some(3), ..filter },
        ] {
            assert!(rows(none, account).is_empty(), "{none:?}");
        }
    }
}

/// What is asked follows an index, or walks what there is in its order, as far as the page goes.
#[test]
fn no_question_looks_through_a_table() {
    let (_folder, store) = filled();
    let page = Page::first(5);
    let readers = store.readers();
    readers
        .read(|reader| {
            for filter in filters() {
                reader.moves(filter, page)?;
                reader.moves_of_account(1, filter, page)?;
            }
            let since = Filter { since: Some(Level(2)), ..Filter::default() };
            reader.moves(since, page)?;
            reader.status()?;
            reader.alarms(page)?;
            reader.levels(page)?;
            reader.block("BL1")?;
            reader.messages(Level(2), page)?;
            reader.waiting(page)?;
            reader.count_waiting()?;
            reader.refused(page)?;
            reader.last_batches(page)?;
            reader.batches(&Hash32([0x11; 32]), page)?;
            reader.decisive_batch(&Hash32([0x11; 32]))?;
            reader.transactions(&Hash32([0x22; 32]), page)?;
            reader.decisive_transaction(&Hash32([0x22; 32]))?;
            reader.count_transactions(&Hash32([0x22; 32]))?;
            reader.transactions_of(2, page)?;
            reader.operations(1)?;
            reader.count_operations(2)?;
            reader.failures(2, 5)?;
            reader.moves_of_message(1)?;
            reader.hashes("11111111")?;
            reader.account(&Tz4Address([1; 20]))?;
            reader.accounts(page)?;
            reader.count_of_account(1)?;
            reader.balances(1, page)?;
            reader.balance(1, 1)?;
            reader.holders(1, None, 5)?;
            reader.count_holders(1)?;
            reader.ticket(&ticket().hash())?;
            reader.ticket_at(TicketIndex(0))?;
            reader.tickets(page)?;
            reader.supplies(1, 5)?;
            reader.level_since(50)?;
            reader.withdrawals(true, page)?;
            reader.withdrawals(false, page)?;
            reader.withdrawal(3)?;
            reader.count_open_withdrawals()?;
            reader.count_executable()?;
            reader.executable(5)?;
            reader.count_unknown_withdrawals()?;
            reader.unknown_withdrawals(5)?;
            reader.count_held()?;
            reader.held(true, page)?;
            reader.held(false, page)?;
            Ok(())
        })
        .unwrap();
    let asked = QUESTIONS.with_borrow(Clone::clone);
    assert!(asked.len() > 60, "{}", asked.len());
    for sql in asked {
        let mut plan = store.file.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = plan.query_map([], |row| row.get::<_, String>(3)).unwrap();
        for step in steps.map(Result::unwrap) {
            assert!(!step.starts_with("SCAN ") || is_bounded(&step, &sql), "{step}: {sql}");
        }
    }
}

/// Whether a walk ends with the page, or is over what is few: what is open, what waits, or what was found before.
fn is_bounded(step: &str, sql: &str) -> bool {
    const FEW: [&str; 8] = [
        "levels_unseen",
        "messages_waiting",
        "messages_refused",
        "withdrawals_open",
        "withdrawals_executable",
        "withdrawals_unknown",
        "held_unpaid",
        "held_unpaid_by_checked",
    ];
    let is_few = FEW.iter().any(|index| step.ends_with(&format!("INDEX {index}")));
    // A part of a question, by the name that it has there, or counted when all alarms are.
    let name = step.strip_prefix("SCAN ").unwrap_or_default();
    let is_part = name.starts_with('(') || sql.contains(&format!(") {name} "));
    let is_part = is_part || ["CONSTANT ROW", "alarms"].iter().any(|part| name.starts_with(part));
    let is_page = sql.contains(" LIMIT ") && step == "SCAN levels";
    is_few || is_part || is_page
}
