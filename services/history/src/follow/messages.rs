//! The rows of a message: itself, its bytes, its transactions.

use encoding::{Level, MessageId};
use rusqlite::{Connection, OptionalExtension, params};
use tx_kernel::results::ResultCode;
use wallet::state::RollupState;

use super::content::{Body, Content};
use super::ended::columns;
use super::names::Names;
use super::problem::Problem;
use super::said::{Fate, Said};
use super::tally::{HeldDeposit, Tally};
use crate::numbers::whole;
use crate::words::ResultKind;

/// The level that is being written.
pub(super) struct Writing<'a> {
    pub(super) file: &'a Connection,
    /// The state at its block, if there is one of this kernel.
    pub(super) state: Option<&'a RollupState<'a>>,
    pub(super) names: &'a mut Names,
    pub(super) level: Level,
    pub(super) tally: Tally,
}

impl Writing<'_> {
    /// Writes a message of this level, and what became of it.
    pub(super) fn message(
        &mut self,
        id: MessageId,
        raw: &[u8],
        content: &Content,
        said: Option<&Said>,
    ) -> Result<(), Problem> {
        let settled = said.map(|_| self.level.0);
        let (code, first, second) = columns(said.map(|said| said.outcome));
        let sql = "INSERT INTO messages (level, place, kind, text, digest, length, transactions, \
                   registrations, result, code, first, second, settled) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
        let row = self.file.prepare_cached(sql)?.insert(params![
            id.level.0,
            id.index,
            content.kind,
            content.line(),
            content.digest.map(|digest| digest.0),
            whole(raw.len()),
            whole(content.transactions()),
            whole(content.registrations.len()),
            said.map(|said| said.kind.word()),
            code,
            first,
            second,
            settled,
        ])?;
        self.file.prepare_cached("INSERT INTO bodies VALUES (?1, ?2)")?.execute((row, raw))?;
        self.tally.messages += 1;
        self.tally.bytes += u64::try_from(raw.len()).unwrap_or(u64::MAX);
        self.note(row, content, said)?;
        match &content.body {
            Body::Batch(transactions) => {
                let repeats = self.is_repeated(row, content)?;
                for (transaction, number) in transactions.iter().zip(0_u32..) {
                    let sql = "INSERT INTO transactions (message, number, hash, expires) \
                               VALUES (?1, ?2, ?3, ?4)";
                    let tx = self.file.prepare_cached(sql)?.insert((
                        row,
                        number,
                        transaction.hash.map(|hash| hash.0),
                        transaction.expires.map(|level| level.0),
                    ))?;
                    for (operation, at) in transaction.operations.iter().zip(0_u32..) {
                        let mut fate = said.map(|said| said.operation(number, at));
                        if repeats && self.was_settled(tx, at, fate)? {
                            fate = Some(Fate::Earlier);
                        }
                        self.operation(row, tx, at, operation, fate)?;
                    }
                }
            }
            Body::Deposit(deposit) => self.deposit(row, deposit, said)?,
            Body::Nothing => {}
        }
        Ok(())
    }

    /// Notes what a message's result says of others than its operations.
    pub(super) fn note(
        &mut self,
        row: i64,
        content: &Content,
        said: Option<&Said>,
    ) -> Result<(), Problem> {
        let level = self.level;
        for address in &content.registrations {
            let account = self.names.of_address(self.file, level, address)?;
            if said.is_some_and(|said| said.kind == ResultKind::Done) {
                let sql = "UPDATE accounts SET registered = ?2 \
                           WHERE id = ?1 AND registered IS NULL";
                self.file.prepare_cached(sql)?.execute((account, level.0))?;
            }
        }
        let Some(said) = said else { return Ok(()) };
        self.tally.paid.extend(said.reclaimed());
        if let (Body::Deposit(deposit), ResultKind::Held) = (&content.body, said.kind) {
            let ticket = deposit.ticket.as_ref();
            self.tally.held.push(HeldDeposit {
                message: row,
                sender: deposit.sender.clone(),
                source: deposit.source.clone(),
                record: ticket.map(|(ticket, _)| ticket.to_record()),
                amount: ticket.map(|(_, amount)| amount.to_string()),
                outcome: said.outcome,
            });
        }
        Ok(())
    }

    /// Whether an earlier message has carried the same batch: its result has what that one settled, too.
    pub(super) fn is_repeated(&self, row: i64, content: &Content) -> Result<bool, Problem> {
        let Some(digest) = content.digest else { return Ok(false) };
        let sql = "SELECT 1 FROM messages WHERE digest = ?1 AND id < ?2 LIMIT 1";
        let found = self.file.prepare_cached(sql)?.query_row((digest.0, row), |_| Ok(()));
        Ok(found.optional()?.is_some())
    }

    /// Whether an operation of a repeated batch was settled for good by an earlier message.
    pub(super) fn was_settled(
        &self,
        tx: i64,
        at: u32,
        fate: Option<Fate>,
    ) -> Result<bool, Problem> {
        if !matches!(fate, Some(Fate::Outcome(outcome)) if outcome.is_final()) {
            return Ok(false);
        }
        let sql = "SELECT o.code FROM transactions t JOIN operations o ON o.tx = t.id \
                   WHERE t.hash = (SELECT hash FROM transactions WHERE id = ?1) AND t.id < ?1 \
                   AND o.number = ?2 AND o.code IS NOT NULL";
        let mut ask = self.file.prepare_cached(sql)?;
        let mut codes = ask.query_map((tx, at), |row| row.get::<_, u16>(0))?;
        let is_final = |code: u16| ResultCode::from_number(code).is_final();
        codes.try_fold(false, |found, code| Ok(found || is_final(code?)))
    }
}
