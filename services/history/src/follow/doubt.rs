//! What cannot be concluded from moves alone: where the index has not seen what was sent, the state is asked later.

use encoding::Level;
use rusqlite::Connection;

use super::problem::Problem;

/// What the hash of a block begins with that the node did not have any more when its level was to be indexed.
const UNKNOWN: &str = "unknown-";

/// What the index has in the place of the hash of such a block.
pub(super) fn unknown(level: Level) -> String {
    format!("{UNKNOWN}{level}")
}

/// Whether a block of the index is such a one.
pub(super) fn is_unknown(hash: &str) -> bool {
    hash.starts_with(UNKNOWN)
}

/// The last level of which it is not known what was sent to it. Of none of those before the first one it is known.
pub(super) fn last_unseen(file: &Connection) -> Result<Option<i32>, Problem> {
    let sql = "SELECT max(coalesce((SELECT max(level) FROM levels WHERE shown = 0), -1), \
               coalesce((SELECT min(level) FROM levels) - 1, -1))";
    let level: i32 = file.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    // Level 0 is the first that there is.
    Ok((level >= 0).then_some(level))
}

/// Whether anything is to be asked of a state, though nothing was sent to its level: what became of a message that waits,
/// what is in the outbox, or what was in doubt since levels that nobody has shown.
pub(super) fn is_open(file: &Connection) -> Result<bool, Problem> {
    let sql = "SELECT EXISTS (SELECT 1 FROM messages WHERE settled IS NULL) \
               OR EXISTS (SELECT 1 FROM withdrawals WHERE stage = 'queued') \
               OR EXISTS (SELECT 1 FROM accounts WHERE number IS NOT NULL AND holdings IS NULL)";
    let open: bool = file.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    match last_unseen(file)? {
        Some(unseen) if !open => is_doubtful(file, unseen),
        _ => Ok(open),
    }
}

/// Whether anything that may have changed in unseen levels was not asked for since. What has no index in the registry
/// cannot be asked for.
fn is_doubtful(file: &Connection, unseen: i32) -> Result<bool, Problem> {
    let sql = "SELECT EXISTS (SELECT 1 FROM tickets \
               WHERE number IS NOT NULL AND coalesce(checked, -1) < ?1) \
               OR EXISTS (SELECT 1 FROM held \
               WHERE paid IS NULL AND coalesce(checked, settled) < ?1) \
               OR EXISTS (SELECT 1 FROM balances b CROSS JOIN accounts a ON a.id = b.account \
               CROSS JOIN tickets k ON k.id = b.ticket WHERE coalesce(b.checked, -1) < ?1 \
               AND a.number IS NOT NULL AND k.number IS NOT NULL)";
    Ok(file.prepare_cached(sql)?.query_row([unseen], |row| row.get(0))?)
}
