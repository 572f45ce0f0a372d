//! All that an index has, with the names of things in the place of the numbers of rows.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};

const ACCOUNT: &str = "(SELECT address FROM accounts WHERE id =";
const TICKET: &str = "(SELECT hex(hash) FROM tickets WHERE id =";
const MESSAGE: &str = "(SELECT level || '/' || place FROM messages WHERE id =";
const TX: &str = "(SELECT m.level || '/' || m.place || '/' || t.number FROM transactions t \
                  JOIN messages m ON m.id = t.message WHERE t.id =";
/// A move: its message, and which of the message's moves it is.
const MOVE: &str = "(SELECT m.level || '/' || m.place || '/' || (SELECT count(*) FROM moves w \
                    WHERE w.message = v.message AND w.id < v.id) FROM moves v \
                    JOIN messages m ON m.id = v.message WHERE v.id =";

/// Every row of every table in an order that does not depend on rows' numbers. `time` is left out: nodes tell it of
/// their head alone, or as of their head. So is what says when the index has looked at something, as that depends on
/// when it was there: `ended` of withdrawals, `checked` of tickets and held deposits.
pub fn all(file: &Path) -> Vec<(&'static str, Vec<Vec<Value>>)> {
    let index = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let tables = [
        ("meta", "SELECT * FROM meta".to_owned()),
        (
            "levels",
            "SELECT level, block, shown, messages, bytes, others, ticks, transfers, applied, \
             failed, cosigned FROM levels"
                .to_owned(),
        ),
        (
            "accounts",
            "SELECT address, since, number, numbered, registered, holdings FROM accounts"
                .to_owned(),
        ),
        (
            "tickets",
            "SELECT hash, ticketer, record, since, number, numbered FROM tickets".to_owned(),
        ),
        (
            "messages",
            "SELECT level, place, kind, text, digest, length, transactions, registrations, \
             result, code, first, second, settled FROM messages"
                .to_owned(),
        ),
        ("bodies", format!("SELECT {MESSAGE} message), bytes FROM bodies")),
        ("transactions", format!("SELECT {TX} transactions.id), hash, expires FROM transactions")),
        (
            "operations",
            format!(
                "SELECT {TX} tx), number, {ACCOUNT} signer), counter, hash, memo, individual, \
                 code, first, second, settled FROM operations"
            ),
        ),
        (
            "moves",
            format!(
                "SELECT level, {MOVE} moves.id), (SELECT number FROM operations \
                 WHERE id = operation), kind, {ACCOUNT} sender), {ACCOUNT} receiver), outside, \
                 entrypoint, pays, {TICKET} ticket), amount, state, settled FROM moves"
            ),
        ),
        (
            "balances",
            format!(
                "SELECT {ACCOUNT} account), {TICKET} ticket), amount, level, checked FROM balances"
            ),
        ),
        (
            "supplies",
            format!(
                "SELECT {TICKET} ticket), level, on_rollup, deposited, withdrawn FROM supplies"
            ),
        ),
        (
            "held",
            format!(
                "SELECT number, {MESSAGE} message), sender, source, record, amount, code, first, \
                 second, settled, paid FROM held"
            ),
        ),
        (
            "withdrawals",
            format!(
                "SELECT {MOVE} withdrawals.id), {MOVE} first_row), calls, outbox_level, \
                 outbox_index, executed, stage, expires FROM withdrawals"
            ),
        ),
        ("alarms", "SELECT level, text, stated, derived FROM alarms".to_owned()),
        (
            "undo_balances",
            format!(
                "SELECT level, {ACCOUNT} account), {TICKET} ticket), amount, changed, checked \
                 FROM undo_balances"
            ),
        ),
    ];
    let rows = |sql: &str| {
        let mut ask = index.prepare(sql).unwrap();
        let columns = ask.column_count();
        let rows = ask.query_map([], |row| (0..columns).map(|at| row.get(at)).collect()).unwrap();
        let mut rows: Vec<Vec<Value>> = rows.map(Result::unwrap).collect();
        rows.sort_by_key(|row| format!("{row:?}"));
        rows
    };
    let found: Vec<_> = tables.iter().map(|(name, sql)| (*name, rows(sql))).collect();
    let sql = "SELECT count(*) FROM sqlite_master WHERE type = 'table'";
    let count: i64 = index.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(usize::try_from(count), Ok(found.len()), "a table is not compared");
    found
}

/// Two indexes have the same.
pub fn assert_same(one: &Path, other: &Path) {
    for ((name, one), (_, other)) in all(one).into_iter().zip(all(other)) {
        assert_eq!(one, other, "the table {name}");
    }
}
