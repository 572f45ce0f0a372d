//! Every question, asked of an index that has one of everything.

mod counted;

use encoding::{Hash32, Level, MessageId, Ticket, TicketHash, Tz4Address};
use encoding::{Kt1Address, TicketContent};
use tx_kernel::results::ResultCode;

use super::{Filter, Page};
use crate::rows::BoundedCount;
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
         INSERT INTO accounts VALUES (1, '{alice}', 1, 0, 1, 1, 1), (2, '{bob}', 2, 1, 2, NULL, 2);
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
    let insert = "INSERT INTO tickets VALUES (1, ?1, 'KT1', ?2, 1, 0, 1, 2)";
    file.execute(insert, (ticket.hash().0.0, ticket.to_record())).unwrap();
    file.execute_batch(
        "INSERT INTO moves VALUES \
            (1, 1, 1, NULL, 'deposit', NULL, 1, 'KT1', NULL, NULL, 1, 9, 1, 1), \
            (2, 2, 2, 1, 'transfer', 1, 2, NULL, NULL, NULL, 1, 4, 1, 2), \
            (3, 2, 2, 1, 'withdrawal', 1, NULL, 'KT1', 'pay', 'tz1', 1, 2, 1, 2), \
            (4, 2, 2, 2, 'transfer', 1, 2, NULL, NULL, NULL, 1, '18446744073709551615', 2, 2);
         INSERT INTO balances VALUES (1, 1, 3, 2, 2), (2, 1, '18446744073709551615', 2, NULL);
         INSERT INTO supplies VALUES (1, 1, 9, '9', '0'), (1, 2, 7, '9', '2');
         INSERT INTO withdrawals VALUES (3, 3, NULL, 2, 0, NULL, 'outbox', NULL, NULL);
         INSERT INTO held VALUES (0, 4, 'KT1', 'tz1', NULL, NULL, 201, 0, 0, 2, NULL, NULL);
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
            assert_eq!(reader.waiting(page)?.rows.len(), 1);
            assert!(reader.refused(page)?.rows.is_empty());
            let id = MessageId { level: Level(2), index: 2 };
            let batch = reader.message(id)?.expect("the batch");
            let digest = Hash32([0x11; 32]);
            assert_eq!(reader.batches(&digest, page)?.rows, std::slice::from_ref(&batch));
            assert_eq!(reader.decisive_batch(&digest)?.as_ref(), Some(&batch));
            assert_eq!(reader.decisive_batch(&Hash32([0; 32]))?, None);
            assert_eq!(reader.body(1)?, Some(vec![0, 1]));
            let all = reader.transactions_of(batch.row, page)?.rows;
            assert_eq!(reader.transactions(&Hash32([0x22; 32]), page)?.rows, all[..1]);
            assert_eq!(reader.transactions(&Hash32([0x33; 32]), page)?.rows, all[1..]);
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
            let count = |count| BoundedCount { count, more: false };
            assert_eq!(reader.count_accounts()?, count(2));
            assert_eq!(reader.count_of_account(alice.row)?, count(4));
            assert_eq!(reader.count_waiting()?, count(1));
            let balances = reader.balances(alice.row, page)?.rows;
            assert_eq!(balances.len(), 1);
            assert_eq!(reader.balance(alice.row, 1)?.as_ref(), balances.first());
            assert_eq!(reader.balance(alice.row, 2)?, None);
            let times = reader.times([2, 1, 1, 9].map(Level))?;
            assert_eq!(times.into_iter().collect::<Vec<_>>(), [(Level(1), 100)]);
            let row = reader.ticket(&ticket().hash())?.expect("the ticket");
            assert_eq!(reader.tickets(page)?.rows, std::slice::from_ref(&row));
            assert!(reader.tickets(Page { after: Some(row.row), rows: 1 })?.rows.is_empty());
            assert_eq!(reader.rollup()?, "sr1");
            assert_eq!(reader.ticket(&TicketHash(Hash32([0; 32])))?, None);
            let holders = reader.holders(row.row, None, 1)?;
            assert_eq!(holders.rows[0].amount.get(), u64::MAX);
            let rest = reader.holders(row.row, holders.next, 1)?;
            assert_eq!((rest.rows[0].amount.get(), rest.next), (3, None));
            assert_eq!(reader.count_holders(row.row)?, count(2));
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
