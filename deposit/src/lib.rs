//! The rules of a deposit, and what becomes of one that cannot be credited.
//!
//! A deposit is never refused, for there is nobody to refuse it to: the ticket is here. What the
//! rules do not allow to be credited is held, with the reason, and paid back: through the ticketer's
//! own exit where the configuration names one, else to whoever shows to be behind it.

#![warn(clippy::missing_errors_doc)]

mod pay_back;

pub use pay_back::{Claimant, Depositor, RefundTo};

use accounts::{Ledger, Refused};
use encoding::limits::TICKET_CONTENT_BYTES;
use encoding::{AccountIndex, Amount, Ticket, TicketIndex, Tz4Address};
use host::{RawRollupCore, StepError};
use num_bigint::BigInt;

/// What came with a ticket, decoded but not judged.
#[derive(Clone, Copy, Debug)]
pub struct UncheckedDeposit<'a> {
    /// The receiver as text.
    pub receiver: &'a [u8],
    /// The ticket.
    pub ticket: &'a Ticket,
    /// How much; layer 1 sets no bound.
    pub amount: &'a BigInt,
}

/// A deposit that was credited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// To which account.
    pub account: AccountIndex,
    /// Of which ticket.
    pub ticket: TicketIndex,
    /// How much.
    pub amount: Amount,
}

/// Why a deposit is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Held {
    /// The receiver is not a tz4 in base58check, prefix and checksum included.
    #[error("the receiver is not a tz4 address")]
    ReceiverNotTz4,
    /// No balance holds that much.
    #[error("the amount is negative or exceeds 2^64 - 1")]
    AmountOutOfRange,
    /// The ticket could be stored, but not with everything else a withdrawal needs.
    #[error("a ticket content of {0} bytes; {TICKET_CONTENT_BYTES} are the most")]
    ContentTooLarge(usize),
    /// The ledger refused it.
    #[error(transparent)]
    Ledger(Refused),
}

/// Credits a deposit, or says why it is to be held.
///
/// # Errors
/// When the deposit is to be held, or the host fails.
pub fn apply<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    unchecked: UncheckedDeposit<'_>,
) -> Result<Credit, StepError<Held>> {
    let (receiver, amount) = judge(unchecked).map_err(StepError::Refused)?;
    let mark = ledger.mark();
    match ledger.deposit(&receiver, unchecked.ticket, amount) {
        Ok((account, ticket)) => Ok(Credit { account, ticket, amount }),
        Err(StepError::Refused(reason)) => {
            ledger.roll_back(mark);
            Err(StepError::Refused(Held::Ledger(reason)))
        }
        Err(StepError::Host(error)) => Err(error.into()),
    }
}

/// The checks that need no state.
fn judge(unchecked: UncheckedDeposit<'_>) -> Result<(Tz4Address, Amount), Held> {
    // Whatever encoding it is in: no letter of base58 is beyond ASCII.
    let receiver: String = unchecked.receiver.iter().map(|byte| char::from(*byte)).collect();
    let receiver = Tz4Address::from_base58(&receiver).map_err(|_| Held::ReceiverNotTz4)?;
    let amount =
        u64::try_from(unchecked.amount).map(Amount::new).map_err(|_| Held::AmountOutOfRange)?;
    let content_bytes = unchecked.ticket.content.to_micheline().len();
    if content_bytes > TICKET_CONTENT_BYTES {
        return Err(Held::ContentTooLarge(content_bytes));
    }
    Ok((receiver, amount))
}
