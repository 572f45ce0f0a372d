//! Taking levels back: what they brought goes, and what they said of earlier ones is as it was before.

use encoding::Level;
use rusqlite::Connection;

/// Takes back all levels after one, in one transaction.
pub(super) fn take_back(file: &mut Connection, kept: Level) -> rusqlite::Result<()> {
    let change = file.transaction()?;
    for sql in STATEMENTS {
        change.prepare_cached(sql)?.execute([kept.0])?;
    }
    change.commit()
}

/// In this order. Messages, transactions, operations, moves, supplies and alarms go with their levels.
const STATEMENTS: [&str; 21] = [
    "DELETE FROM levels WHERE level > ?1",
    "DELETE FROM withdrawals WHERE id IN (SELECT id FROM moves WHERE settled > ?1)",
    "UPDATE moves SET state = 0, settled = NULL WHERE settled > ?1",
    "UPDATE operations SET code = NULL, first = NULL, second = NULL, settled = NULL \
     WHERE settled > ?1",
    "UPDATE messages SET result = NULL, code = NULL, first = NULL, second = NULL, settled = NULL \
     WHERE settled > ?1",
    "DELETE FROM held WHERE settled > ?1",
    "UPDATE held SET paid = NULL WHERE paid > ?1",
    "UPDATE held SET checked = NULL WHERE checked > ?1",
    "UPDATE withdrawals SET outbox_level = NULL, outbox_index = NULL, stage = 'queued', \
     executed = NULL, expires = NULL, ended = NULL WHERE outbox_level > ?1",
    // What was seen at the end in a level that is taken back is to be looked at again. The ends of before stay: of old
    // ones the node may not tell any more.
    "UPDATE withdrawals SET executed = NULL, ended = NULL, \
     stage = CASE WHEN outbox_level IS NULL THEN 'queued' ELSE 'outbox' END WHERE ended > ?1",
    "DELETE FROM balances WHERE (account, ticket) IN \
     (SELECT account, ticket FROM undo_balances WHERE level > ?1)",
    // Of each the first level that is taken back has what was before all of them.
    "INSERT INTO balances SELECT account, ticket, amount, changed, checked FROM \
     (SELECT account, ticket, amount, changed, checked, min(level) FROM undo_balances \
      WHERE level > ?1 GROUP BY account, ticket) WHERE amount IS NOT NULL",
    "DELETE FROM undo_balances WHERE level > ?1",
    "UPDATE accounts SET number = NULL, numbered = NULL WHERE numbered > ?1",
    "UPDATE accounts SET registered = NULL WHERE registered > ?1",
    "UPDATE accounts SET holdings = NULL WHERE holdings > ?1",
    "DELETE FROM accounts WHERE since > ?1",
    "UPDATE tickets SET number = NULL, numbered = NULL WHERE numbered > ?1",
    "UPDATE tickets SET checked = NULL WHERE checked > ?1",
    "DELETE FROM tickets WHERE since > ?1",
    // What is open has the stage of a later head until the node is asked again.
    "UPDATE withdrawals SET stage = 'outbox', expires = NULL \
     WHERE stage NOT IN ('executed', 'lost', 'unknown') \
     AND stage IN ('committed', 'cementing', 'executable') AND outbox_level <= ?1",
];
