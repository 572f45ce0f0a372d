//! The rules of a withdrawal.
//!
//! A withdrawal is debited and put into a message of the transaction it belongs to, in one step:
//! what does not fit a message is refused before anything is debited.

#![warn(clippy::missing_errors_doc)]

use accounts::{Ledger, Refused, TicketLookup};
use encoding::{AccountIndex, Payout, TicketIndex};
use host::{RawRollupCore, StepError, StepResult};

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
/// or says how long that message would be; on any refusal that message is not to be sent. `ticket` is
/// what the ledger knows of the payout's.
///
/// # Errors
/// When the withdrawal is refused, or the host fails.
pub fn apply<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    from: AccountIndex,
    payout: &Payout,
    ticket: TicketLookup,
    reserve: impl FnOnce(&Payout) -> Result<(), usize>,
) -> Result<TicketIndex, StepError<WithdrawRefused>> {
    if let Err(bytes) = reserve(payout) {
        return Err(StepError::Refused(WithdrawRefused::MessageTooLarge(bytes)));
    }
    ledger.withdraw(from, ticket, payout.amount).map_refusal(WithdrawRefused::Ledger)
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding::{Amount, Entrypoint, Kt1Address, Ticket, TicketContent, Tz4Address};
    use host::Subtree;
    use pvm::{Durable, NativeHost};

    fn payout(amount: u64) -> Payout {
        Payout {
            destination: Kt1Address([4; 20]),
            entrypoint: Entrypoint::new(b"burn").expect("a name"),
            ticket: Ticket {
                ticketer: Kt1Address([5; 20]),
                content: TicketContent::String(b"gold".to_vec()),
            },
            amount: Amount::new(amount),
            receiver: None,
        }
    }

    #[test]
    fn what_fits_no_message_is_refused_before_it_is_debited() -> Result<(), accounts::LedgerError> {
        let host = NativeHost::over(Durable::default());
        let mut ledger = Ledger::open(Subtree::new(&host, "/state"))?;
        let (from, ticket) =
            ledger.deposit(&Tz4Address([1; 20]), &payout(0).ticket, Amount::new(10))?;

        let known = TicketLookup::Known(ticket);
        let refused = apply(&mut ledger, from, &payout(3), known, |_| Err(5_000));
        assert_eq!(refused, Err(StepError::Refused(WithdrawRefused::MessageTooLarge(5_000))));
        assert_eq!(ledger.balance(from, ticket)?, Amount::new(10));

        assert_eq!(apply(&mut ledger, from, &payout(3), known, |_| Ok(())), Ok(ticket));
        assert_eq!(ledger.balance(from, ticket)?, Amount::new(7));
        assert_eq!(ledger.supply(ticket)?.on_rollup, Amount::new(10), "it is still here");

        let poor = apply(&mut ledger, from, &payout(8), known, |_| Ok(()));
        let reason =
            Refused::BalanceTooLow { available: Amount::new(7), requested: Amount::new(8) };
        assert_eq!(poor, Err(StepError::Refused(WithdrawRefused::Ledger(reason))));
        Ok(())
    }
}
