//! The rows of operations, and of what they and deposits move.

use encoding::Amount;
use rusqlite::params;
use wallet::outbox::receiver_text;

use super::content::{SentDeposit, SentMove, SentOperation, Target};
use super::ended::{columns, ended};
use super::messages::Writing;
use super::problem::Problem;
use super::said::{Fate, Said};
use crate::numbers::Wide;
use crate::words::{MoveKind, MoveState};

const MOVE: &str = "INSERT INTO moves (level, message, operation, kind, sender, receiver, outside, \
    entrypoint, pays, ticket, amount, state, settled) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

impl Writing<'_> {
    /// Writes an operation with its moves.
    pub(super) fn operation(
        &mut self,
        message: i64,
        tx: i64,
        number: u32,
        operation: &SentOperation,
        fate: Option<Fate>,
    ) -> Result<(), Problem> {
        let level = self.level;
        let signer = self.names.account(self.file, self.state, level, operation.signer)?;
        let ended = ended(fate, operation.counter);
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
            // Whether it shares a message with others is seen once the level has all of them.
            let sql = "INSERT INTO withdrawals (id, first_row, stage) VALUES (?1, ?1, 'queued')";
            self.file.prepare_cached(sql)?.execute([row])?;
            self.tally.withdrawals.push(row);
        }
        Ok(())
    }

    /// The move of a deposit whose amount is one that an account can have.
    pub(super) fn deposit(
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
}
