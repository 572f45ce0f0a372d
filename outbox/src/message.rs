//! Outbox messages: a list of calls that layer 1 makes all together or not at all.

#![allow(unused_qualifications, reason = "derived code writes paths in full")]

use encoding::limits::OUTBOX_MESSAGE_BYTES;
use encoding::{Amount, Entrypoint, Kt1Address, Malformed, Parsed, Payout, read, whole};
use tezos_data_encoding::enc::BinWriter;

/// The tag of an atomic batch of untyped calls.
const ATOMIC_BATCH: u8 = 0x00;

/// What the protocol calls `Sc_rollup_outbox_message.encoding`, of the messages that a kernel writes.
#[derive(BinWriter)]
#[encoding(tags = "u8")]
enum MessageEncoding {
    #[encoding(tag = 0)]
    Untyped(UntypedEncoding),
}

/// An atomic batch: calls that are encoded already.
#[derive(BinWriter)]
struct UntypedEncoding {
    #[encoding(dynamic, bytes)]
    calls: Vec<u8>,
}

/// One call.
#[derive(BinWriter)]
struct CallEncoding {
    #[encoding(bytes)]
    parameters: Vec<u8>,
    #[encoding(bytes)]
    destination: Vec<u8>,
    #[encoding(dynamic, bytes)]
    entrypoint: Vec<u8>,
}

/// Bytes: tag and length.
pub(crate) const HEADER_BYTES: usize = 5;

/// A message would be longer than layer 1 takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("outbox message of {bytes} bytes; {OUTBOX_MESSAGE_BYTES} are the most")]
pub struct TooLarge {
    /// How long it would be.
    pub bytes: usize,
}

/// A message under construction; it never grows beyond what layer 1 takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    calls: Vec<u8>,
}

impl Message {
    /// A message with no calls yet.
    pub fn new() -> Self {
        Message { calls: Vec::new() }
    }

    /// Appends a call that hands over a ticket, or leaves the message as it was.
    ///
    /// # Errors
    /// When the message would be longer than layer 1 takes.
    pub fn push(&mut self, payout: &Payout) -> Result<(), TooLarge> {
        self.push_call(&payout.destination, &payout.entrypoint, &payout.parameter())
    }

    /// Appends a call with any parameter, or leaves the message as it was.
    ///
    /// # Errors
    /// When the message would be longer than layer 1 takes.
    pub fn push_call(
        &mut self,
        destination: &Kt1Address,
        entrypoint: &Entrypoint,
        parameter: &[u8],
    ) -> Result<(), TooLarge> {
        let call = encode_call(destination, entrypoint, parameter);
        let bytes = HEADER_BYTES + self.calls.len() + call.len();
        if bytes > OUTBOX_MESSAGE_BYTES {
            return Err(TooLarge { bytes });
        }
        self.calls.extend_from_slice(&call);
        Ok(())
    }

    /// The bytes for `write_output`.
    pub fn encode(&self) -> Vec<u8> {
        let batch = UntypedEncoding { calls: self.calls.clone() };
        encoded(&MessageEncoding::Untyped(batch))
    }
}

impl Default for Message {
    fn default() -> Self {
        Message::new()
    }
}

fn encode_call(destination: &Kt1Address, entrypoint: &Entrypoint, parameter: &[u8]) -> Vec<u8> {
    encoded(&CallEncoding {
        parameters: parameter.to_vec(),
        destination: destination.to_contract_22().to_vec(),
        entrypoint: entrypoint.as_bytes().to_vec(),
    })
}

/// The bytes of what has some. The writer fails only beyond a size that a message is refused for before.
fn encoded(value: &impl BinWriter) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = value.bin_write(&mut bytes);
    debug_assert!(written.is_ok(), "an outbox message has no size that cannot be written");
    bytes
}

/// Reads a message of withdrawals or of a refund back, for those who show or check it.
///
/// # Errors
/// When the bytes are malformed: at which offset, and what was expected there.
pub fn decode(message: &[u8]) -> Result<Vec<Payout>, Malformed> {
    whole(message, |input| {
        let (rest, _) = read::tag(&[ATOMIC_BATCH], "00, an atomic batch")(input)?;
        let (after, mut rest) = read::sized(rest)?;
        let mut payouts = Vec::new();
        while !rest.is_empty() {
            let (next, payout) = call(rest)?;
            payouts.push(payout);
            rest = next;
        }
        Ok((after, payouts))
    })
}

fn call(input: &[u8]) -> Parsed<'_, Payout> {
    let (after_ticket, (receiver, ticket, amount)) = read::payment(input)?;
    let Ok(amount) = u64::try_from(&amount) else {
        return encoding::fail(input, "an amount from 0 to 2^64 - 1");
    };
    let (rest, destination) = read::contract_22(after_ticket)?;
    let (after, name) = read::sized(rest)?;
    let Some(entrypoint) = Entrypoint::new(name) else {
        return encoding::fail(rest, "an entrypoint of at most 31 bytes");
    };
    let amount = Amount::new(amount);
    Ok((after, Payout { destination, entrypoint, ticket, amount, receiver }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding::{Ticket, TicketContent};

    fn payout(text: usize) -> Payout {
        Payout {
            destination: Kt1Address([0x44; 20]),
            entrypoint: Entrypoint::new(b"burn").expect("a name"),
            ticket: Ticket {
                ticketer: Kt1Address([0xaa; 20]),
                content: TicketContent::String(vec![b'x'; text]),
            },
            amount: Amount::new(100),
            receiver: None,
        }
    }

    #[test]
    fn golden_bytes_of_one_call() {
        let mut message = Message::new();
        assert_eq!(message.push(&payout(1)), Ok(()));
        let call = format!(
            "07070a0000001601{}00070701000000017800a40101{}00000000046275726e",
            "aa".repeat(20),
            "44".repeat(20)
        );
        let expected = format!("00{:08x}{call}", call.len() / 2);
        assert_eq!(hex::encode(message.encode()), expected);
        assert_eq!(decode(&message.encode()), Ok(vec![payout(1)]));
    }

    #[test]
    fn a_message_never_exceeds_what_layer_1_takes() {
        let mut message = Message::new();
        let mut calls = 0;
        while message.push(&payout(1)).is_ok() {
            calls += 1;
        }
        assert!(message.encode().len() <= OUTBOX_MESSAGE_BYTES);
        assert_eq!(decode(&message.encode()).map(|payouts| payouts.len()), Ok(calls));

        let overhead = {
            let mut one = Message::new();
            assert_eq!(one.push(&payout(0)), Ok(()));
            one.encode().len()
        };
        let fitting = OUTBOX_MESSAGE_BYTES - overhead;
        assert_eq!(Message::new().push(&payout(fitting)), Ok(()));
        let bytes = OUTBOX_MESSAGE_BYTES + 1;
        assert_eq!(Message::new().push(&payout(fitting + 1)), Err(TooLarge { bytes }));
    }
}
