//! The rules of a withdrawal.
//!
//! A withdrawal is debited and put into a message of the transaction it belongs to, in one step:
//! what does not fit a message is refused before anything is debited.

use accounts::{Ledger, LedgerError, Refused};
use encoding::{AccountIndex, Payout, TicketIndex};
use host::{HostError, RawRollupCore};

/// Why a withdrawal is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WithdrawRefused {
    /// The ledger refused it.
    #[error(transparent)]
    Ledger(#[from] Refused),
    /// Layer 1 would not take the message it is part of.
    #[error("the outbox message would have {0} bytes")]
    MessageTooLarge(usize),
}

/// Takes `payout` out of the account `from`. `reserve` puts it into the message it leaves with,
/// or says how long that message would be; on any refusal that message is not to be sent.
pub fn apply<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    from: AccountIndex,
    payout: &Payout,
    reserve: impl FnOnce(&Payout) -> Result<(), usize>,
) -> Result<Result<TicketIndex, WithdrawRefused>, HostError> {
    if let Err(bytes) = reserve(payout) {
        return Ok(Err(WithdrawRefused::MessageTooLarge(bytes)));
    }
    match ledger.withdraw(from, &payout.ticket, payout.amount) {
        Ok(ticket) => Ok(Ok(ticket)),
        Err(LedgerError::Refused(reason)) => Ok(Err(reason.into())),
        Err(LedgerError::Host(error)) => Err(error),
    }
}
