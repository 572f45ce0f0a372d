//! What is counted, and what comes first of what is too much to be shown.

use encoding::Hash32;

use super::filled;
use crate::read::Page;
use crate::rows::BoundedCount;

#[test]
fn of_what_was_sent_again_and_again_what_was_applied_comes_first() {
    let (_folder, store) = filled();
    let (digest, hash) = (Hash32([0x11; 32]), Hash32([0x22; 32]));
    let file = &store.file;
    // Refused before it was applied, and sent again and again since.
    file.execute_batch(
        "PRAGMA foreign_keys = OFF; UPDATE messages SET id = 1000 WHERE id = 2;
         UPDATE transactions SET id = 1000, message = 1000 WHERE id = 1;
         UPDATE operations SET tx = 1000 WHERE tx = 1; PRAGMA foreign_keys = ON;",
    )
    .unwrap();
    for number in 10..40 {
        let result =
            if number % 2 == 0 { "'refused', 300, 2, 0, 2" } else { "'done', 102, 0, 3, 2" };
        file.execute_batch(&format!(
            "INSERT INTO messages VALUES ({number}, 2, {number}, 'v2', 't', x'{}', 60, 3, 0, {result});
             INSERT INTO transactions VALUES ({number}, {number}, 0, x'{}', 9);
             INSERT INTO operations VALUES ({number}, {number}, 0, 1, 0, NULL, 'rent', 1, 6, 1, 0, 2);",
            "11".repeat(32),
            "22".repeat(32),
        ))
        .unwrap();
    }
    let read = store.readers().read(|reader| {
        let count = BoundedCount { count: 31, more: false };
        assert_eq!(reader.count_transactions(&hash)?, count);
        assert_eq!(reader.decisive_batch(&digest)?.map(|one| one.row), Some(1_000));
        assert_eq!(reader.decisive_transaction(&hash)?.map(|one| one.row), Some(1_000));
        let oldest = reader.batches(&digest, Page::first(3))?.rows;
        assert_eq!(oldest.iter().map(|one| one.row).collect::<Vec<_>>(), [10, 11, 12]);
        Ok(())
    });
    read.unwrap();
}

#[test]
fn withdrawals_are_counted_and_those_to_be_executed_come_oldest_first() {
    let (_folder, store) = filled();
    let stages = ["executed", "executable", "unknown", "executable", "cementing", "lost"];
    for (row, stage) in (5..).zip(stages) {
        let add = "INSERT INTO moves SELECT ?1, level, message, operation, kind, sender, receiver, \
                   outside, entrypoint, pays, ticket, amount, state, settled FROM moves WHERE id = 3";
        store.file.execute(add, [row]).unwrap();
        let add = "INSERT INTO withdrawals VALUES (?1, ?1, NULL, 2, ?1, NULL, ?2, NULL, NULL)";
        store.file.execute(add, (row, stage)).unwrap();
    }
    let many = "INSERT INTO held SELECT value, 4, 'KT1', 'tz1', NULL, NULL, 201, 0, 0, 2, \
                CASE value % 2 WHEN 0 THEN 2 END, NULL FROM (WITH RECURSIVE n(value) AS \
                (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 999) SELECT value FROM n)";
    store.file.execute_batch(many).unwrap();
    let rows = |all: Vec<crate::rows::WithdrawalRow>| {
        all.iter().map(|one| one.moved.row).collect::<Vec<_>>()
    };
    let read = store.readers().read(|reader| {
        assert_eq!((reader.count_open_withdrawals()?, reader.count_executable()?), (4, 2));
        assert_eq!(rows(reader.executable(9)?), [6, 8]);
        assert_eq!(rows(reader.executable(1)?), [6]);
        assert_eq!(
            (rows(reader.unknown_withdrawals(9)?), reader.count_unknown_withdrawals()?),
            (vec![7], 1)
        );
        // More than a page has.
        assert_eq!(reader.count_held()?, 501);
        Ok(())
    });
    read.unwrap();
}
