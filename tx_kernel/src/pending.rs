//! A message that waits, encoded as layer 1 takes it: the ledger knows its tickets, the held deposits
//! what is paid back.

use accounts::Ledger;
use encoding::{Payout, payment_parameter};
use host::{HostError, RawRollupCore, Subtree};
use outbox::{Message, Pending};

use crate::held;

/// The bytes for `write_output`. What waits was seen to fit a message when it was enqueued.
pub(crate) fn message<H: RawRollupCore>(
    state: &Subtree<'_, H>,
    pending: &Pending,
) -> Result<Vec<u8>, HostError> {
    const CORRUPT: HostError = HostError::Corrupt("/outbox/message");
    let mut message = Message::new();
    match pending {
        Pending::Withdrawals(withdrawals) => {
            let ledger = Ledger::open(*state)?;
            for withdrawal in withdrawals {
                let payout = Payout {
                    destination: withdrawal.call.destination,
                    entrypoint: withdrawal.call.entrypoint.clone(),
                    ticket: ledger.ticket(withdrawal.ticket)?,
                    amount: withdrawal.amount,
                    receiver: withdrawal.call.receiver,
                };
                message.push(&payout).map_err(|_| CORRUPT)?;
            }
        }
        Pending::Held { number, call } => {
            let entry = held::message(state, *number)?.ok_or(CORRUPT)?;
            let bytes = entry.bytes.unwrap_or_default();
            let deposit = held::deposit(&bytes).ok_or(CORRUPT)?;
            let parameter = payment_parameter(call.receiver, &deposit.ticket, &deposit.amount);
            message
                .push_call(&call.destination, &call.entrypoint, &parameter)
                .map_err(|_| CORRUPT)?;
        }
    }
    Ok(message.encode())
}
