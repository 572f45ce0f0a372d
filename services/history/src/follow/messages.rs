//! The rows of a message: itself, its transactions, its operations, and what they move.

use encoding::{Amount, Counter, Level, MessageId};
use rusqlite::{Connection, OptionalExtension, params};
use tx_kernel::results::{Outcome, ResultCode};
use wallet::outbox::receiver_text;
use wallet::state::RollupState;

use super::content::{Body, Content, SentDeposit, SentMove, SentOperation, Target};
use super::names::Names;
use super::problem::Problem;
use super::said::{Said, Told};
use super::tally::{HeldDeposit, Tally};
use crate::numbers::{Wide, whole};
use crate::rows::{MoveKind, MoveState, ResultKind};

/// The level that is being written.
pub(super) struct Writing<'a> {
    pub(super) file: &'a Connection,
    /// The state at its block, if there is one of this kernel.
    pub(super) state: Option<&'a RollupState<'a>>,
    pub(super) names: &'a mut Names,
    pub(super) level: Level,
    pub(super) tally: Tally,
}

/// What became of an operation, as its row has it.
#[derive(Clone, Copy)]
pub(super) struct Ended {
    pub(super) outcome: Option<Outcome>,
    pub(super) state: MoveState,
}

/// Values of columns code, first, second.
pub(super) fn columns(outcome: Option<Outcome>) -> (Option<u16>, Option<Wide>, Option<Wide>) {
    let code = outcome.map(|outcome| outcome.code.number());
    (code, outcome.map(|o| Wide(o.first)), outcome.map(|o| Wide(o.second)))
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
                        let mut told = said.map(|said| said.operation(number, at));
                        if repeats && self.was_settled(tx, at, told)? {
                            told = Some(Told::Earlier);
                        }
                        self.operation(row, tx, at, operation, told)?;
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

    fn operation(
        &mut self,
        message: i64,
        tx: i64,
        number: u32,
        operation: &SentOperation,
        told: Option<Told>,
    ) -> Result<(), Problem> {
        let level = self.level;
        let signer = self.names.account(self.file, self.state, level, operation.signer)?;
        let ended = ended(told, operation.counter);
        let (code, first, second) = columns(ended.outcome);
        let sql = "INSERT INTO operations (tx, number, signer, counter, hash, memo, individual, \
                   code, first, second, settled) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let row = self.file.prepare_cached(sql)?.insert(params![
            tx,
            number,
            signer,
            Wide(operation.counter.get()),
            operation.hash.map(|hash| hash.0),
            operation.memo,
            operation.individual,
            code,
            first,
            second,
            ended.outcome.map(|_| level.0),
        ])?;
        if let Some(outcome) = ended.outcome {
            self.tally.operation(outcome.code, operation.individual);
        }
        for one in &operation.moves {
            self.movement(message, row, signer, one, ended.state)?;
        }
        Ok(())
    }

    fn movement(
        &mut self,
        message: i64,
        operation: i64,
        sender: Option<i64>,
        one: &SentMove,
        state: MoveState,
    ) -> Result<(), Problem> {
        let level = self.level;
        // A ticket that nobody knows cannot be told.
        let Some(ticket) = self.names.ticket(self.file, self.state, level, &one.ticket)? else {
            return Ok(());
        };
        let (kind, receiver, outside) = match &one.to {
            Target::Account(who) => {
                let receiver = self.names.account(self.file, self.state, level, *who)?;
                (MoveKind::Transfer, receiver, None)
            }
            Target::Outside { contract, entrypoint, receiver } => {
                let entrypoint = entrypoint.to_string();
                let pays = receiver.map(receiver_text);
                (MoveKind::Withdrawal, None, Some((contract.to_string(), entrypoint, pays)))
            }
        };
        let (outside, entrypoint, pays) = match outside {
            Some((contract, entrypoint, pays)) => (Some(contract), Some(entrypoint), pays),
            None => (None, None, None),
        };
        let row = self.file.prepare_cached(MOVE)?.insert(params![
            level.0,
            message,
            operation,
            kind.word(),
            sender,
            receiver,
            outside,
            entrypoint,
            pays,
            ticket,
            Wide(one.amount.get()),
            state.number(),
            (state != MoveState::Waits).then_some(level.0),
        ])?;
        if state == MoveState::Applied {
            self.applied(row, kind, sender, receiver, ticket, one.amount)?;
        }
        Ok(())
    }

    /// Notes a move that was applied.
    pub(super) fn applied(
        &mut self,
        row: i64,
        kind: MoveKind,
        sender: Option<i64>,
        receiver: Option<i64>,
        ticket: i64,
        amount: Amount,
    ) -> Result<(), Problem> {
        self.tally.moved(kind, sender, receiver, ticket, amount);
        if kind == MoveKind::Withdrawal {
            let sql = "INSERT INTO withdrawals (id, stage) VALUES (?1, 'queued')";
            self.file.prepare_cached(sql)?.execute([row])?;
        }
        Ok(())
    }

    /// The move of a deposit whose amount is one that an account can have.
    fn deposit(
        &mut self,
        message: i64,
        deposit: &SentDeposit,
        said: Option<&Said>,
    ) -> Result<(), Problem> {
        let level = self.level;
        let Some((ticket, amount)) = &deposit.ticket else { return Ok(()) };
        let Ok(amount) = u64::try_from(amount).map(Amount::new) else { return Ok(()) };
        let ticket = self.names.of_ticket(self.file, level, ticket)?;
        let receiver = match &deposit.receiver {
            Some(address) => Some(self.names.of_address(self.file, level, address)?),
            None => None,
        };
        let state = match said {
            None => MoveState::Waits,
            Some(said) if said.is_credit() => MoveState::Applied,
            Some(_) => MoveState::NotApplied,
        };
        let row = self.file.prepare_cached(MOVE)?.insert(params![
            level.0,
            message,
            None::<i64>,
            MoveKind::Deposit.word(),
            None::<i64>,
            receiver,
            deposit.source,
            None::<String>,
            None::<String>,
            ticket,
            Wide(amount.get()),
            state.number(),
            said.map(|_| level.0),
        ])?;
        if state == MoveState::Applied {
            self.applied(row, MoveKind::Deposit, None, receiver, ticket, amount)?;
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
        told: Option<Told>,
    ) -> Result<bool, Problem> {
        if !matches!(told, Some(Told::Outcome(outcome)) if outcome.is_final()) {
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

const MOVE: &str = "INSERT INTO moves (level, message, operation, kind, sender, receiver, outside, \
    entrypoint, pays, ticket, amount, state, settled) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

/// What the row of an operation has of what is told of it.
pub(super) fn ended(told: Option<Told>, counter: Counter) -> Ended {
    match told {
        None => Ended { outcome: None, state: MoveState::Waits },
        Some(Told::Nothing) => Ended { outcome: None, state: MoveState::NotApplied },
        Some(Told::Outcome(outcome)) => {
            let applied = outcome.code == ResultCode::Applied;
            let state = if applied { MoveState::Applied } else { MoveState::NotApplied };
            Ended { outcome: Some(outcome), state }
        }
        // Its counter was used before, so the next one is greater.
        Some(Told::Earlier) => {
            let used = counter.get();
            let next = used.saturating_add(1);
            let outcome = Outcome::new(ResultCode::CounterMismatch, next, used);
            Ended { outcome: Some(outcome), state: MoveState::NotApplied }
        }
    }
}
