//! Moves: of an account, of a ticket, of a message, of all.

use encoding::{Amount, Level};
use rusqlite::Params;

use super::columns::Columns;
use super::{Filter, Page, Paged, Reader};
use crate::error::HistoryError;
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

/// Where moves are looked for: a column that has the account, if they are of one, and the kinds that it can have there.
type Side = (Option<&'static str>, &'static [MoveKind]);

const OF_ALL: &[Side] = &[(None, &MoveKind::ALL)];
const OF_ACCOUNT: &[Side] = &[
    (Some("sender"), &[MoveKind::Transfer, MoveKind::Withdrawal]),
    (Some("receiver"), &[MoveKind::Deposit, MoveKind::Transfer]),
];

/// Moves that fit, newest first. Each part of the question follows an index that has the moves of one kind, applied or
/// not, of one account or of all, of one ticket or of all: so no part looks at one that does not fit. Parameters are
/// ?1 the row before which the page begins, ?2 its rows, ?3 the first row, ?4 the ticket and ?5 the account.
fn fitting(sides: &[Side], filter: Filter) -> String {
    let mut parts = Vec::new();
    for (side, kinds) in sides {
        let of_account = side.map_or_else(String::new, |side| format!("v.{side} = ?5 AND "));
        let of_ticket = match filter.ticket {
            Some(_) => "v.ticket = ?4 AND ",
            None => "?4 IS NULL AND ",
        };
        // Named, as SQLite may prefer to walk through the rows themselves: they are in the order that is wanted.
        let index = match (side, filter.ticket) {
            (None, None) => "kind".to_owned(),
            (None, Some(_)) => "ticket".to_owned(),
            (Some(side), None) => (*side).to_owned(),
            (Some(side), Some(_)) => format!("{side}_ticket"),
        };
        for kind in kinds.iter().filter(|kind| filter.kind.is_none_or(|wanted| wanted == **kind)) {
            let kind = kind.word();
            for applied in if filter.applied { 1..=1 } else { 0..=1 } {
                parts.push(format!(
                    "SELECT * FROM (SELECT v.id FROM moves v INDEXED BY moves_by_{index} \
                     WHERE {of_account}{of_ticket}v.kind = '{kind}' AND v.applied = {applied} \
                     AND v.id < ?1 AND v.id >= ?3 ORDER BY v.id DESC LIMIT ?2)"
                ));
            }
        }
    }
    let parts = parts.join(" UNION ALL ");
    format!("SELECT {MOVE} FROM {FROM} WHERE v.id IN ({parts}) ORDER BY v.id DESC LIMIT ?2")
}

impl Reader<'_> {
    /// All moves, newest first.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn moves(&self, filter: Filter, page: Page) -> Result<Paged<MoveRow>, HistoryError> {
        let sql = match filter {
            Filter { ticket: None, kind: None, applied: false, .. } => format!(
                "SELECT {MOVE} FROM {FROM} WHERE v.id < ?1 AND v.id >= ?3 AND ?4 IS NULL \
                 ORDER BY v.id DESC LIMIT ?2"
            ),
            filter => fitting(OF_ALL, filter),
        };
        let after = page.after.unwrap_or(i64::MAX);
        let first = self.first_move(filter.since)?;
        Self::paged(
            page,
            |one: &MoveRow| one.row,
            |limit| self.moves_by(&sql, (after, limit, first, filter.ticket)),
        )
    }

    /// The moves of an account by its row, newest first. Nobody pays themselves, so that none is found twice.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn moves_of_account(
        &self,
        account: i64,
        filter: Filter,
        page: Page,
    ) -> Result<Paged<MoveRow>, HistoryError> {
        let sql = fitting(OF_ACCOUNT, filter);
        let after = page.after.unwrap_or(i64::MAX);
        let first = self.first_move(filter.since)?;
        Self::paged(
            page,
            |one: &MoveRow| one.row,
            |limit| self.moves_by(&sql, (after, limit, first, filter.ticket, account)),
        )
    }

    /// The first row of moves that are of a level or a later one; beyond all rows if there is none. Moves have rows in
    /// the order of their messages, and messages in that of their levels.
    fn first_move(&self, since: Option<Level>) -> Result<i64, HistoryError> {
        let Some(Level(level)) = since else { return Ok(i64::MIN) };
        let sql = "SELECT min(id) FROM moves WHERE message = (SELECT min(message) FROM moves \
                   WHERE message >= (SELECT id FROM messages WHERE level >= ?1 \
                   ORDER BY level, place LIMIT 1))";
        let row: Option<Option<i64>> = self.one(sql, [level], |row| Columns::new(row).get())?;
        Ok(row.flatten().unwrap_or(i64::MAX))
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
