//! Withdrawals of a session: recorded before they are sent, and followed until layer 1 has executed them.

use encoding::Level;

use crate::error::{FileError, RpcError, StateError};
use crate::in_flight::InFlight;
use crate::outbox::{Executions, Listed, OutboxMessageId};
use crate::session::Session;
use crate::state::RollupState;
use crate::ticket::Token;
use crate::tracker::track;
use crate::transaction::Signable;
use crate::withdrawal::{
    OutboxQueue, SettlementPace, TrackedWithdrawal, Withdrawal, WithdrawalStage,
};
use crate::withdrawal_log::{LogEntry, WithdrawalLog, WithdrawalLogError};

/// Why withdrawals cannot be recorded or followed.
#[derive(Debug, thiserror::Error)]
pub enum WithdrawError {
    /// The state of the rollup is not known.
    #[error(transparent)]
    State(#[from] StateError),
    /// The log of withdrawals cannot be used.
    #[error(transparent)]
    Log(#[from] WithdrawalLogError),
    /// The transaction cannot be signed.
    #[error(transparent)]
    Signing(#[from] FileError),
    /// It does anything but one withdrawal, or names its account or its ticket by an index.
    #[error("not a single withdrawal by an address of a ticket in full")]
    NotAWithdrawal,
    /// An earlier transaction of the same account is not in a level yet.
    #[error("an earlier transaction of {0} still waits for a level")]
    InFlight(encoding::Tz4Address),
}

/// What is known of withdrawals at a head.
#[derive(Debug)]
pub struct WithdrawalView<'s> {
    /// The state there.
    pub state: RollupState<'s>,
    /// How the rollup settles.
    pub pace: SettlementPace,
    /// What waits for the outbox.
    pub queue: OutboxQueue,
    /// The tickets there are.
    pub tokens: Vec<Token>,
    executions: Executions<'s>,
}

impl Session {
    /// Signs a withdrawal and logs it. It is on the disk when this returns: what is lost later could only
    /// be found by searching outboxes.
    ///
    /// # Errors
    /// When it is no withdrawal, an earlier transaction of the account is still on its way, the key is not
    /// the account's, or the log cannot be written.
    pub fn sign_withdrawal(
        &self,
        log: &WithdrawalLog,
        state: &RollupState<'_>,
        signable: &mut Signable,
        key: &bls::SecretKey,
    ) -> Result<(), WithdrawError> {
        let withdrawal = Withdrawal::of(signable, state.block().level);
        let withdrawal = withdrawal.ok_or(WithdrawError::NotAWithdrawal)?;
        if self.in_flight(&withdrawal.account)? == InFlight::Signed {
            return Err(WithdrawError::InFlight(withdrawal.account));
        }
        signable.sign(key)?;
        Ok(log.append(&[LogEntry::Sent(withdrawal)])?)
    }

    /// Looks at the head.
    ///
    /// # Errors
    /// When the node does not tell.
    pub fn withdrawal_view(&self) -> Result<WithdrawalView<'_>, StateError> {
        let mut view = self.withdrawal_view_of(Vec::new())?;
        view.tokens = view.state.tokens()?;
        Ok(view)
    }

    /// The same with tickets that were asked for before: a rollup can have many.
    ///
    /// # Errors
    /// When the node does not tell.
    pub fn withdrawal_view_of(&self, tokens: Vec<Token>) -> Result<WithdrawalView<'_>, StateError> {
        // How it settles first: a head that comes in between only makes it look less settled than it is.
        let pace = SettlementPace::read(self.node())?;
        let state = self.state()?;
        let queue = OutboxQueue::read(&state)?;
        let executions = Executions::read(self.node(), self.is_sandbox())?;
        Ok(WithdrawalView { state, pace, queue, tokens, executions })
    }

    /// The logged withdrawals, as far as they have come. What became known for good is logged.
    ///
    /// # Errors
    /// When the node does not tell, or the log cannot be used.
    pub fn track_withdrawals(
        &self,
        view: &WithdrawalView<'_>,
        log: &WithdrawalLog,
    ) -> Result<Vec<TrackedWithdrawal>, WithdrawError> {
        let records = log.read()?;
        let listed = |id| view.executions.of(id, view.pace.settled.head);
        let (all, news) = track(&view.state, &view.pace, &view.queue, &records, listed)?;
        // A sandbox can go back to any level.
        if !self.is_sandbox() {
            log.append(&news)?;
        }
        Ok(all)
    }
}

impl WithdrawalView<'_> {
    /// How far a message of an outbox is, and the level of its execution, if that is known.
    ///
    /// # Errors
    /// When the node does not tell.
    pub fn stage(
        &self,
        id: OutboxMessageId,
    ) -> Result<(WithdrawalStage, Option<Level>), StateError> {
        let listed = self.executions.of(id, self.pace.settled.head)?;
        let executed = match listed {
            Listed::Gone(executed) => executed,
            _ => None,
        };
        Ok((self.pace.stage(id.level, listed), executed))
    }

    /// The levels that the node lists as having something that is not executed.
    #[must_use]
    pub fn listed_levels(&self) -> Vec<Level> {
        self.executions.listed_levels()
    }

    /// The levels of all outboxes that have something that is not executed; `None` if the node does not list
    /// them.
    ///
    /// # Errors
    /// When the node does not tell.
    pub fn open_levels(&self) -> Result<Option<Vec<Level>>, RpcError> {
        self.executions.open_levels()
    }
}
