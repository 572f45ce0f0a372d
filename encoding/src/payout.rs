//! What goes back to layer 1: a contract is handed an amount of a ticket.

use std::fmt;

use num_bigint::BigInt;

use crate::limits::ENTRYPOINT_BYTES;
use crate::micheline::{bytes, is_prim, prim};
use crate::ticket::ticket_of_any_amount;
use crate::{Amount, Kt1Address, Layer1Address, Micheline, Parsed, Ticket, fail, whole};

/// The name of an entrypoint: at most 31 letters, digits or `_ . % @`. None at all is `default`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entrypoint(Vec<u8>);

impl Entrypoint {
    /// The entrypoint of this name, if it is one that a contract can have.
    pub fn new(name: &[u8]) -> Option<Self> {
        let allowed = |b: &u8| b.is_ascii_alphanumeric() || b"_.%@".contains(b);
        let valid = name.len() <= ENTRYPOINT_BYTES && name.iter().all(allowed);
        valid.then(|| Entrypoint(name.to_vec()))
    }

    /// The name.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Entrypoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{self}")
    }
}

impl fmt::Display for Entrypoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "default" } else { "" })?;
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

/// One call that layer 1 is to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// The contract.
    pub destination: Kt1Address,
    /// Its entrypoint.
    pub entrypoint: Entrypoint,
    /// The ticket.
    pub ticket: Ticket,
    /// How much of it.
    pub amount: Amount,
    /// Whom the contract is to pay. Without a receiver it is handed a bare ticket, which names nobody.
    pub receiver: Option<Layer1Address>,
}

impl Payout {
    /// What the contract is called with, as Micheline: `Pair receiver ticket`, or the ticket.
    pub fn parameter(&self) -> Vec<u8> {
        payment_parameter(self.receiver, &self.ticket, &self.amount.get().into())
    }
}

/// What a contract is called with to pay `receiver` for a ticket: `Pair receiver ticket`. Without a
/// receiver it is the ticket alone. The amount may be any: that of a refund need not fit a balance.
pub fn payment_parameter(
    receiver: Option<Layer1Address>,
    ticket: &Ticket,
    amount: &BigInt,
) -> Vec<u8> {
    let ticket = ticket.to_micheline_of(amount);
    match receiver {
        None => ticket,
        Some(receiver) => {
            Micheline::new().pair().bytes(&receiver.to_bytes_22()).raw(&ticket).into_bytes()
        }
    }
}

/// A receiver if there is one, the ticket, and its amount, which layer 1 does not bound.
pub type Payment = (Option<Layer1Address>, Ticket, BigInt);

/// Reads what [`payment_parameter`] writes.
///
/// # Errors
/// When the input does not begin with it.
pub fn payment(input: &[u8]) -> Parsed<'_, Payment> {
    // `Pair address (Pair …)` in either form. Where a content begins in a bare ticket, a ticketer's
    // bytes stand in the ticket behind a receiver; no content begins with bytes.
    if let Some(rest) = is_prim(input, prim::PAIR)
        && let Ok((ticket, receiver)) = bytes(rest)
        && is_prim(ticket, prim::PAIR).is_some_and(|inner| bytes(inner).is_ok())
    {
        let Ok(receiver) = whole(receiver, Layer1Address::read) else {
            return fail(input, "the 22-byte address of a receiver");
        };
        let (rest, (ticket, amount)) = ticket_of_any_amount(ticket)?;
        return Ok((rest, (Some(receiver), ticket, amount)));
    }
    let (rest, (ticket, amount)) = ticket_of_any_amount(input)?;
    Ok((rest, (None, ticket, amount)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Source, TicketContent};

    #[test]
    fn a_payment_is_read_as_it_was_written_with_a_receiver_and_without() {
        let ticketer = Kt1Address([5; 20]);
        let implicit = Layer1Address::Implicit(Source { curve: 4, hash: [6; 20] });
        let contents = [
            TicketContent::String(b"gold".to_vec()),
            TicketContent::NatBytes(0.into(), None),
            TicketContent::NatBytes(3.into(), Some(vec![1, 2])),
        ];
        for content in contents {
            let ticket = Ticket { ticketer, content };
            for receiver in [None, Some(implicit), Some(Layer1Address::Contract(ticketer))] {
                let amount = BigInt::from(u64::MAX) + 1;
                let written = payment_parameter(receiver, &ticket, &amount);
                let read = whole(&written, payment);
                assert_eq!(read, Ok((receiver, ticket.clone(), amount)));
                for cut in 0..written.len() {
                    assert!(whole(&written[..cut], payment).is_err(), "cut at {cut}");
                }
            }
        }
    }

    #[test]
    fn golden_bytes_of_a_payment_with_a_receiver() {
        let payout = Payout {
            destination: Kt1Address([1; 20]),
            entrypoint: Entrypoint(b"burn".to_vec()),
            ticket: Ticket {
                ticketer: Kt1Address([0xab; 20]),
                content: TicketContent::NatBytes(0.into(), None),
            },
            amount: Amount::new(100),
            receiver: Some(Layer1Address::Implicit(Source { curve: 0, hash: [0xcd; 20] })),
        };
        let expected = format!(
            "07070a000000160000{}07070a0000001601{}0007070707000003\
             0600a401",
            "cd".repeat(20),
            "ab".repeat(20)
        );
        assert_eq!(hex::encode(payout.parameter()), expected);
    }

    #[test]
    fn entrypoints_are_names_that_a_contract_can_have() {
        assert!(Entrypoint::new(b"").is_some());
        assert!(Entrypoint::new(&[b'a'; 31]).is_some());
        assert!(Entrypoint::new(&[b'a'; 32]).is_none());
        assert!(Entrypoint::new(b"a b").is_none());
        assert!(Entrypoint::new(&[0xff]).is_none());
    }
}
