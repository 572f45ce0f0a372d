//! Moves: of an account, of a ticket, of a message, of all.

use encoding::{Amount, Level};
use rusqlite::Params;

use super::columns::Columns;
use super::{Filter, Page, Paged, Reader};
use crate::error::HistoryError;
use crate::limits::MOVES_LOOKED;
use crate::numbers::whole;
use crate::rows::{BoundedCount, MoveRow};
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
/// What a filter takes, in parameters from ?3 on: ?5 is the first row.
const FILTER: &str = "(?3 IS NULL OR v.ticket = ?3) AND (?4 IS NULL OR v.kind = ?4) \
    AND v.id >= ?5 AND (?6 = 0 OR v.state = 1)";

impl Filter {
    /// Whether it passes over moves between those that it takes.
    const fn passes_over(self) -> bool {
        self.ticket.is_some() || self.kind.is_some() || self.applied
    }
}

impl Reader<'_> {
    /// All moves, newest first.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn moves(&self, filter: Filter, page: Page) -> Result<Paged<MoveRow>, HistoryError> {
        let after = page.after.unwrap_or(i64::MAX);
        let Filter { ticket, applied, .. } = filter;
        let (kind, first) = (filter.kind.map(MoveKind::word), self.first_move(filter.since)?);
        // The ticket's own index, where there is one to follow.
        let of_ticket = if ticket.is_some() { "v.ticket = ?3 AND" } else { "" };
        let sql = format!(
            "SELECT {MOVE} FROM {FROM} WHERE {of_ticket} v.id < ?1 AND {FILTER} \
             ORDER BY v.id DESC LIMIT ?2"
        );
        Self::paged(
            page,
            |one: &MoveRow| one.row,
            |limit| self.moves_by(&sql, (after, limit, ticket, kind, first, applied)),
        )
    }

    /// The first row of the moves of a level and of those after it. Moves have rows in the order of their messages,
    /// and messages in that of their levels.
    fn first_move(&self, since: Option<Level>) -> Result<i64, HistoryError> {
        let Some(Level(since)) = since else { return Ok(0) };
        let sql = "SELECT min(id) FROM moves WHERE message = (SELECT min(message) FROM moves \
                   WHERE message >= (SELECT id FROM messages WHERE level >= ?1 \
                   ORDER BY level, place LIMIT 1))";
        let first = self.one(sql, [since], |row| Columns::new(row).get::<Option<i64>>())?;
        Ok(first.flatten().unwrap_or(i64::MAX))
    }

    /// The row down to which a page of an account looks, where there are more moves than it looks through.
    fn last_looked(&self, account: i64, after: i64) -> Result<Option<i64>, HistoryError> {
        let of = |side: &str| {
            let sql = format!(
                "SELECT id FROM moves WHERE {side} = ?1 AND id < ?2 ORDER BY id DESC \
                 LIMIT 1 OFFSET ?3"
            );
            let parameters = (account, after, whole(MOVES_LOOKED - 1));
            self.one(&sql, parameters, |row| Columns::new(row).get::<i64>())
        };
        Ok(of("sender")?.max(of("receiver")?))
    }

    /// The moves of an account by its row, newest first. A filter is held against [`MOVES_LOOKED`] of what it sent and
    /// as many of what it got at most: a page can have fewer rows than it was asked for, or none, and a next one.
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
        let Filter { ticket, applied, .. } = filter;
        let (kind, first) = (filter.kind.map(MoveKind::word), self.first_move(filter.since)?);
        let looked = match filter.passes_over() {
            true => self.last_looked(account, after)?.filter(|last| *last > first),
            false => None,
        };
        let lowest = looked.unwrap_or(first);
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
        let mut found = Self::paged(
            page,
            |one: &MoveRow| one.row,
            |limit| self.moves_by(&sql, (after, limit, ticket, kind, lowest, applied, account)),
        )?;
        found.next = found.next.or(looked);
        Ok(found)
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
    pub fn count_of_account(&self, account: i64) -> Result<BoundedCount, HistoryError> {
        let sql = "SELECT 1 FROM moves WHERE sender = ?2 \
                   UNION ALL SELECT 1 FROM moves WHERE receiver = ?2 LIMIT ?1";
        self.counted(sql, &[&account])
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
