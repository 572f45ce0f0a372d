//! Messages that the kernel had put off, and what became of them in a later level.

use encoding::limits::LEVELS_PER_GENERATION;
use encoding::{Amount, Counter, Level, MessageId, RollupAddress};
use rusqlite::params;
use tx_kernel::results::generations;
use tx_kernel::view::View;

use super::content::{Body, Content, Seen, seen};
use super::ended::{columns, ended};
use super::messages::Writing;
use super::problem::Problem;
use super::said::{Fate, Said, said};
use crate::error::HistoryError;
use crate::limits::WAITING_LOOKED;
use crate::numbers::Wide;
use crate::words::{MoveKind, MoveState, UNKNOWN};

struct OperationAt {
    row: i64,
    tx: i64,
    transaction: u32,
    number: u32,
    individual: bool,
    counter: Counter,
}

impl Writing<'_> {
    /// Looks again at what waits since earlier levels.
    pub(super) fn settle_late(&mut self, rollup: &RollupAddress) -> Result<(), Problem> {
        let mut waiting = self.waiting_after(i64::MIN)?;
        while let Some(last) = waiting.last().map(|(row, _)| *row) {
            for (row, id) in waiting {
                self.look_again(rollup, row, id)?;
            }
            waiting = self.waiting_after(last)?;
        }
        Ok(())
    }

    /// The next of those that wait, oldest first: so many at once.
    fn waiting_after(&self, row: i64) -> Result<Vec<(i64, MessageId)>, Problem> {
        let sql = "SELECT id, level, place FROM messages WHERE settled IS NULL AND level < ?1 \
                   AND id > ?2 ORDER BY id LIMIT ?3";
        let mut ask = self.file.prepare_cached(sql)?;
        let rows = ask.query_map((self.level.0, row, WAITING_LOOKED), |row| {
            let level = Level(row.get(1)?);
            Ok((row.get(0)?, MessageId { level, index: row.get(2)? }))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn look_again(
        &mut self,
        rollup: &RollupAddress,
        row: i64,
        id: MessageId,
    ) -> Result<(), Problem> {
        let Some(state) = self.state else { return Ok(()) };
        // Most wait for many levels: their bytes are not read in vain.
        if state.read(|host| View::new(host).message(id))?.is_none() {
            return match is_kept(id.level, self.level) {
                true => Ok(()),
                false => self.lose(row),
            };
        }
        let sql = "SELECT bytes FROM bodies WHERE message = ?1";
        let raw: Vec<u8> = self.file.prepare_cached(sql)?.query_row([row], |row| row.get(0))?;
        let Seen::Ours(content) = seen(&raw, rollup, true) else { return Ok(()) };
        match state.read(|host| said(&View::new(host), id, &content))? {
            Some(said) => self.settle(row, &content, &said),
            None => Ok(()),
        }
    }

    /// The state keeps no results of its level any more, and none was seen: nobody can tell what became of it.
    fn lose(&self, row: i64) -> Result<(), Problem> {
        let sql = "UPDATE messages SET result = ?2, settled = ?3 WHERE id = ?1";
        self.file.prepare_cached(sql)?.execute((row, UNKNOWN, self.level.0))?;
        let sql = "UPDATE moves SET state = ?2, settled = ?3 WHERE message = ?1 AND state = ?4";
        let (lost, waits) = (MoveState::Unknown.number(), MoveState::Waits.number());
        self.file.prepare_cached(sql)?.execute((row, lost, self.level.0, waits))?;
        Ok(())
    }

    fn settle(&mut self, row: i64, content: &Content, said: &Said) -> Result<(), Problem> {
        let level = self.level;
        let (code, first, second) = columns(Some(said.outcome));
        let sql = "UPDATE messages SET result = ?2, code = ?3, first = ?4, second = ?5, \
                   settled = ?6 WHERE id = ?1";
        let word = said.kind.word();
        self.file.prepare_cached(sql)?.execute((row, word, code, first, second, level.0))?;
        self.note(row, content, Some(said))?;
        match &content.body {
            Body::Batch(_) => {
                let repeats = self.is_repeated(row, content)?;
                for one in self.operations_of(row)? {
                    let mut fate = said.operation(one.transaction, one.number);
                    if repeats && self.was_settled(one.tx, one.number, Some(fate))? {
                        fate = Fate::Earlier;
                    }
                    let ended = ended(Some(fate), one.counter);
                    let (code, first, second) = columns(ended.outcome);
                    if let Some(outcome) = ended.outcome {
                        let sql = "UPDATE operations SET code = ?2, first = ?3, second = ?4, \
                                   settled = ?5 WHERE id = ?1";
                        let values = params![one.row, code, first, second, level.0];
                        self.file.prepare_cached(sql)?.execute(values)?;
                        self.tally.operation(outcome.code, one.individual);
                    }
                    self.settle_moves("operation", one.row, ended.state)?;
                }
            }
            Body::Deposit(_) => {
                let credited = said.is_credit();
                let state = if credited { MoveState::Applied } else { MoveState::NotApplied };
                self.settle_moves("message", row, state)?;
            }
            Body::Nothing => {}
        }
        Ok(())
    }

    fn operations_of(&self, message: i64) -> Result<Vec<OperationAt>, Problem> {
        let sql = "SELECT o.id, t.id, t.number, o.number, o.individual, o.counter \
                   FROM transactions t JOIN operations o ON o.tx = t.id WHERE t.message = ?1 \
                   ORDER BY t.number, o.number";
        let mut ask = self.file.prepare_cached(sql)?;
        let rows = ask.query_map([message], |row| {
            Ok(OperationAt {
                row: row.get(0)?,
                tx: row.get(1)?,
                transaction: row.get(2)?,
                number: row.get(3)?,
                individual: row.get(4)?,
                counter: Counter::new(row.get::<_, Wide>(5)?.0),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Settles the moves of an operation, or of a message that is a deposit.
    fn settle_moves(&mut self, column: &str, of: i64, state: MoveState) -> Result<(), Problem> {
        let sql = format!("UPDATE moves SET state = ?2, settled = ?3 WHERE {column} = ?1");
        self.file.prepare_cached(&sql)?.execute((of, state.number(), self.level.0))?;
        if state != MoveState::Applied {
            return Ok(());
        }
        let sql = format!(
            "SELECT id, kind, sender, receiver, ticket, amount FROM moves WHERE {column} = ?1 \
             ORDER BY id"
        );
        type Row = (i64, String, Option<i64>, Option<i64>, i64, Wide);
        let rows: Vec<Row> = {
            let mut ask = self.file.prepare_cached(&sql)?;
            let rows = ask.query_map([of], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
            })?;
            rows.collect::<Result<_, _>>()?
        };
        for (row, kind, sender, receiver, ticket, amount) in rows {
            let kind = MoveKind::of_word(&kind)
                .ok_or(HistoryError::Value { column: "moves.kind", value: kind })?;
            self.applied(row, kind, sender, receiver, ticket, Amount::new(amount.0))?;
        }
        Ok(())
    }
}

/// Whether the state at a level keeps the results of messages of an earlier one.
fn is_kept(of: Level, at: Level) -> bool {
    let generation = |level: Level| level.0.div_euclid(LEVELS_PER_GENERATION);
    generations(at).any(|kept| generation(kept) == generation(of))
}
