//! What became of a transaction that was signed: whether it can still be applied. Nothing is signed anew
//! while what was signed before can be.

use encoding::limits::LEVELS_PER_GENERATION;
use encoding::{Level, Tz4Address};
use tx_kernel::results::Outcome;

use crate::error::StateError;
use crate::follow::look_up;
use crate::state::RollupState;
use crate::transaction::Signable;

/// What is known of a transaction at a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionStatus {
    /// A level has applied it.
    Applied(Level),
    /// A level has used its counter up, and nothing was paid: the reason is final.
    Refused(Level, Outcome),
    /// Its last level is over, and none has applied it.
    Expired,
    /// Another transaction of the same counter came before it.
    Replaced,
    /// Its counter is used up, and results of that age are not kept: nobody knows by which transaction.
    Forgotten,
    /// Its counter is used up, and perhaps by itself: its payer may have signed a batch that has it, and neither the
    /// wallet nor the node says which. Never the last word: another node may say more.
    Unknown,
    /// It can still be applied. If a level has had it in vain, which one and why.
    Open(Option<(Level, Outcome)>),
}

impl TransactionStatus {
    /// Whether it can still be applied.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, TransactionStatus::Open(_))
    }

    /// Whether no level has had it so far, as far as that is known.
    #[must_use]
    pub fn is_unseen(&self) -> bool {
        matches!(
            self,
            TransactionStatus::Open(None)
                | TransactionStatus::Expired
                | TransactionStatus::Replaced
                | TransactionStatus::Forgotten
                | TransactionStatus::Unknown
        )
    }

    /// Whether nobody here knows whether it has paid.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, TransactionStatus::Forgotten | TransactionStatus::Unknown)
    }

    /// Whether it has paid nothing, and never will.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        matches!(
            self,
            TransactionStatus::Refused(..)
                | TransactionStatus::Expired
                | TransactionStatus::Replaced
        )
    }

    /// In a word, which stays the same across versions.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            TransactionStatus::Applied(_) => "applied",
            TransactionStatus::Refused(..) => "refused",
            TransactionStatus::Expired => "expired",
            TransactionStatus::Replaced => "replaced",
            TransactionStatus::Forgotten => "forgotten",
            TransactionStatus::Unknown => "unknown",
            TransactionStatus::Open(None) => "open",
            TransactionStatus::Open(Some(_)) => "not applied",
        }
    }
}

/// What became of a transaction, as a block's state has it. `sent` is the head when it was signed: results
/// that are younger than a generation are kept, so that without one another transaction used the counter.
///
/// # Errors
/// When the state is not known.
pub fn transaction_status(
    state: &RollupState<'_>,
    signable: &Signable,
    sent: Level,
) -> Result<TransactionStatus, StateError> {
    let head = state.block().level;
    let is_over = signable.transaction().expires.is_some_and(|last| last <= head);
    let is_used = is_used(state, signable)?;
    let Some(found) = look_up(state, &signable.hash())? else {
        let age = i64::from(head.0) - i64::from(sent.0);
        return Ok(match (is_used, is_over) {
            (true, _) if age < i64::from(LEVELS_PER_GENERATION) => TransactionStatus::Replaced,
            (true, _) => TransactionStatus::Forgotten,
            (false, true) => TransactionStatus::Expired,
            (false, false) => TransactionStatus::Open(None),
        });
    };
    let level = found.message.level;
    Ok(match found.failure() {
        None if found.is_final() => TransactionStatus::Applied(level),
        Some(line) if line.outcome.is_final() => TransactionStatus::Refused(level, line.outcome),
        _ if is_used => TransactionStatus::Replaced,
        _ if is_over => TransactionStatus::Expired,
        line => TransactionStatus::Open(line.map(|line| (level, line.outcome))),
    })
}

/// Whether a counter in it is used up.
fn is_used(state: &RollupState<'_>, signable: &Signable) -> Result<bool, StateError> {
    for (signer, operation) in signable.signers().iter().zip(&signable.transaction().operations) {
        if state.account(signer)?.counter > operation.counter {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether nothing can come of it before something else of that account does: its counter is not the
/// account's next one, so no level has looked at it with success.
///
/// # Errors
/// When the state is not known.
pub fn is_early(
    state: &RollupState<'_>,
    signable: &Signable,
    account: &Tz4Address,
) -> Result<bool, StateError> {
    Ok(match signable.operation_of(account) {
        Some(operation) => state.account(account)?.counter < operation.counter,
        None => false,
    })
}
