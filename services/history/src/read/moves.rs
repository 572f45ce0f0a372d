//! Moves: of an account, of a ticket, of a message, of all.

use encoding::{Amount, Level};
use rusqlite::Params;

use super::columns::Columns;
use super::{Filter, Page, Paged, Reader};
use crate::error::HistoryError;
use crate::rows::MoveRow;
use crate::words::{MoveKind, MoveState};

/// The columns of a move and all that is told of it; `v` is the move.
pub(super) const MOVE: &str = "v.id, m.level, m.place, coalesce(o.hash, t.hash), v.kind, s.address, \
    r.address, v.outside, v.entrypoint, v.pays, k.id, k.hash, k.record, k.since, k.number, v.amount, \
    o.memo, v.state, coalesce(o.code, m.code), coalesce(o.first, m.first), \
    coalesce(o.second, m.second), v.settled, l.time";
/// Where they are. The moves come first, whatever SQLite would think better.
pub(super) const FROM: &str = "moves v CROSS JOIN messages m ON m.id = v.message \
    CROSS JOIN levels l ON l.level = v.level CROSS JOIN tickets k ON k.id = v.ticket \
    LEFT JOIN operations o ON o.id = v.operation LEFT JOIN transactions t ON t.id = o.tx \
    LEFT JOIN accounts s ON s.id = v.sender LEFT JOIN accounts r ON r.id = v.receiver";
/// What a filter takes, in parameters from ?3 on. Moves have rows in the order of their messages, and messages in
/// that of their levels: none is looked at that is older than the first message of the first level.
const FILTER: &str = "(?3 IS NULL OR v.ticket = ?3) AND (?4 IS NULL OR v.kind = ?4) \
    AND (?6 = 0 OR v.state = 1) AND v.id >= iif(?5 IS NULL, 0, coalesce((SELECT min(id) FROM moves \
    WHERE message = (SELECT min(message) FROM moves WHERE message >= (SELECT id FROM messages \
    WHERE level >= ?5 ORDER BY level, place LIMIT 1))), 9223372036854775807))";

type Filtered = (Option<i64>, Option<&'static str>, Option<i32>, bool);

impl Filter {
    fn parameters(self) -> Filtered {
        let since = self.since.map(|Level(level)| level);
        (self.ticket, self.kind.map(MoveKind::word), since, self.applied)
    }
}

impl Reader<'_> {
    /// All moves, newest first.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn moves(&self, filter: Filter, page: Page) -> Result<Paged<MoveRow>, HistoryError> {
        let after = page.after.unwrap_or(i64::MAX);
        let (ticket, kind, since, applied) = filter.parameters();
        // The ticket's own index, where there is one to follow.
        let of_ticket = if ticket.is_some() { "v.ticket = ?3 AND" } else { "" };
        let sql = format!(
            "SELECT {MOVE} FROM {FROM} WHERE {of_ticket} v.id < ?1 AND {FILTER} \
             ORDER BY v.id DESC LIMIT ?2"
        );
        Self::paged(
            page,
            |one: &MoveRow| one.row,
            |limit| self.moves_by(&sql, (after, limit, ticket, kind, since, applied)),
        )
    }

    /// The moves of an account by its row, newest first.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn moves_of_account(
        &self,
        account: i64,
        filter: Filter,
        page: Page,
    ) -> Result<Paged<MoveRow>, HistoryError> {
        let after = page.after.unwrap_or(i64::MAX);
        let (ticket, kind, since, applied) = filter.parameters();
        // Each half follows an index of its own. Nobody sends to oneself, so no move is in both.
        let half = |side: &str| {
            format!(
                "SELECT * FROM (SELECT v.id FROM moves v WHERE v.{side} = ?7 AND v.id < ?1 \
                 AND {FILTER} ORDER BY v.id DESC LIMIT ?2)"
            )
        };
        let sql = format!(
            "SELECT {MOVE} FROM {FROM} WHERE v.id IN ({} UNION {}) ORDER BY v.id DESC LIMIT ?2",
            half("sender"),
            half("receiver")
        );
        Self::paged(
            page,
            |one: &MoveRow| one.row,
            |limit| self.moves_by(&sql, (after, limit, ticket, kind, since, applied, account)),
        )
    }

    /// The moves of a message by its row that belong to no operation: those of a deposit.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn moves_of_message(&self, message: i64) -> Result<Vec<MoveRow>, HistoryError> {
        let sql = format!(
            "SELECT {MOVE} FROM {FROM} WHERE v.message = ?1 AND v.operation IS NULL ORDER BY v.id"
        );
        self.moves_by(&sql, [message])
    }

    /// How many moves an account has, by its row.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn count_of_account(&self, account: i64) -> Result<u64, HistoryError> {
        let sql = "SELECT (SELECT count(*) FROM moves WHERE sender = ?1) + \
                   (SELECT count(*) FROM moves WHERE receiver = ?1)";
        Ok(self.one(sql, [account], |row| Columns::new(row).count())?.unwrap_or(0))
    }

    pub(super) fn moves_of_operation(&self, row: i64) -> Result<Vec<MoveRow>, HistoryError> {
        let sql = format!("SELECT {MOVE} FROM {FROM} WHERE v.operation = ?1 ORDER BY v.id");
        self.moves_by(&sql, [row])
    }

    fn moves_by(&self, sql: &str, of: impl Params) -> Result<Vec<MoveRow>, HistoryError> {
        self.all(sql, of, |row| move_at(&mut Columns::new(row)))
    }
}

/// A move whose columns are [`MOVE`].
pub(super) fn move_at(row: &mut Columns<'_, '_>) -> Result<MoveRow, HistoryError> {
    Ok(MoveRow {
        row: row.get()?,
        message: row.message()?,
        hash: row.hash_or_none()?,
        kind: row.read("moves.kind", |word: String| MoveKind::of_word(&word))?,
        sender: row.address_or_none()?,
        receiver: row.address_or_none()?,
        outside: row.get()?,
        entrypoint: row.get()?,
        pays: row.get()?,
        ticket: row.ticket()?,
        amount: Amount::new(row.wide()?),
        memo: row.get()?,
        state: row.read("moves.state", MoveState::of_number)?,
        result: row.settlement()?,
        time: row.get()?,
    })
}
