//! Tickets: ticketer, content, and the hash that is their identity on the rollup.

use std::fmt;

use num_bigint::BigInt;

use crate::address::{Kt1Address, contract_22};
use crate::amount::Amount;
use crate::hash::{Hash32, blake2b_256};
use crate::micheline::{Micheline, bytes, int, is_prim, nat_u64, prim, string};
use crate::parse::{Parsed, Unexpected, expect, fail, tag, whole};

/// What a ticket is of, by the type of its content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TicketContent {
    /// `ticket string`.
    String(Vec<u8>),
    /// `ticket (pair nat (option bytes))`, the shape of the common token ticketers.
    NatBytes(BigInt, Option<Vec<u8>>),
}

/// A kind of ticket: amounts of the same kind add up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket {
    /// The contract that mints it.
    pub ticketer: Kt1Address,
    /// Of what.
    pub content: TicketContent,
}

/// The identity of a kind of ticket: Blake2b-256 of ticketer, content type and content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketHash(pub Hash32);

impl fmt::Display for TicketHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TicketContent {
    /// The content as Micheline.
    pub fn to_micheline(&self) -> Vec<u8> {
        let node = Micheline::new();
        match self {
            TicketContent::String(text) => node.string(text),
            TicketContent::NatBytes(id, None) => node.pair().int(id).prim(prim::NONE),
            TicketContent::NatBytes(id, Some(data)) => {
                node.pair().int(id).prim(prim::SOME).bytes(data)
            }
        }
        .into_bytes()
    }

    /// The byte that stands for the content's type in hashes and in durable storage.
    pub fn type_tag(&self) -> u8 {
        match self {
            TicketContent::String(_) => 0,
            TicketContent::NatBytes(..) => 1,
        }
    }

    /// Reads a content of either type.
    ///
    /// # Errors
    /// When the input does not begin with it.
    pub fn read(input: &[u8]) -> Parsed<'_, TicketContent> {
        match is_prim(input, prim::PAIR) {
            None => {
                let (rest, text) =
                    expect("a ticket content: string or pair nat (option bytes)", string)(input)?;
                Ok((rest, TicketContent::String(text.to_vec())))
            }
            Some(rest) => {
                let (rest, id) = int(rest)?;
                if id.sign() == num_bigint::Sign::Minus {
                    return fail(input, "a natural number");
                }
                if let Some(rest) = is_prim(rest, prim::NONE) {
                    return Ok((rest, TicketContent::NatBytes(id, None)));
                }
                let (rest, _) = tag(prim::SOME, "None or Some")(rest)?;
                let (rest, data) = bytes(rest)?;
                Ok((rest, TicketContent::NatBytes(id, Some(data.to_vec()))))
            }
        }
    }
}

impl Ticket {
    /// The ticket's identity.
    pub fn hash(&self) -> TicketHash {
        let content = self.content.to_micheline();
        let kind = [self.content.type_tag()];
        TicketHash(blake2b_256(&[b"toru ticket", &self.ticketer.0, &kind, &content]))
    }

    /// `Pair ticketer (Pair content amount)`: how layer 1 shows an amount of this ticket.
    pub fn to_micheline(&self, amount: Amount) -> Vec<u8> {
        self.to_micheline_of(&amount.get().into())
    }

    /// The same of an amount that need not fit a balance.
    pub fn to_micheline_of(&self, amount: &BigInt) -> Vec<u8> {
        Micheline::new()
            .pair()
            .bytes(&self.ticketer.to_contract_22())
            .pair()
            .raw(&self.content.to_micheline())
            .int(amount)
            .into_bytes()
    }

    /// The value that durable storage keeps of a ticket: ticketer, content type, content.
    pub fn to_record(&self) -> Vec<u8> {
        let mut record = self.ticketer.0.to_vec();
        record.push(self.content.type_tag());
        record.extend_from_slice(&self.content.to_micheline());
        record
    }

    /// Reads [`Ticket::to_record`] back.
    pub fn from_record(record: &[u8]) -> Option<Ticket> {
        let (ticketer, rest) = record.split_first_chunk::<20>()?;
        let (kind, content) = rest.split_first()?;
        let content = whole(content, TicketContent::read).ok()?;
        let ticket = Ticket { ticketer: Kt1Address(*ticketer), content };
        (ticket.content.type_tag() == *kind).then_some(ticket)
    }
}

/// The ticketer, and where its content begins.
fn ticketer(input: &[u8]) -> Parsed<'_, Kt1Address> {
    const WHAT: &str = "a ticket: Pair ticketer (Pair content amount)";
    let (rest, _) = tag(prim::PAIR, WHAT)(input)?;
    let (rest, address) = bytes(rest)?;
    let Ok(ticketer) = whole(address, contract_22) else {
        return fail(input, "a 22-byte contract as ticketer");
    };
    let (rest, _) = tag(prim::PAIR, WHAT)(rest)?;
    Ok((rest, ticketer))
}

/// A ticket of either type, with its amount, which layer 1 does not bound.
///
/// # Errors
/// When the input does not begin with it.
pub fn ticket_of_any_amount(input: &[u8]) -> Parsed<'_, (Ticket, BigInt)> {
    let (rest, ticketer) = ticketer(input)?;
    let (rest, content) = TicketContent::read(rest)?;
    let (rest, amount) = int(rest)?;
    Ok((rest, (Ticket { ticketer, content }, amount)))
}

/// A `ticket string` and an amount of 64 bits: the form that v1 batches carry.
///
/// # Errors
/// When the input does not begin with it.
pub fn ticket_string(input: &[u8]) -> Parsed<'_, (Ticket, Amount)> {
    let (rest, ticketer) = ticketer(input)?;
    let (rest, text) = string(rest)?;
    let (rest, amount) = nat_u64(rest)?;
    let content = TicketContent::String(text.to_vec());
    Ok::<_, nom::Err<Unexpected<'_>>>((rest, (Ticket { ticketer, content }, Amount::new(amount))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents() -> [TicketContent; 4] {
        [
            TicketContent::String(b"gold".to_vec()),
            TicketContent::String(Vec::new()),
            TicketContent::NatBytes(0.into(), None),
            TicketContent::NatBytes(BigInt::from(u64::MAX) + 1, Some(vec![1, 2, 3])),
        ]
    }

    #[test]
    fn layer_1_form_and_record_there_and_back() {
        for content in contents() {
            let ticket = Ticket { ticketer: Kt1Address([3; 20]), content };
            let bytes = ticket.to_micheline(Amount::MAX);
            let read = whole(&bytes, ticket_of_any_amount);
            assert_eq!(read, Ok((ticket.clone(), BigInt::from(u64::MAX))));
            assert_eq!(Ticket::from_record(&ticket.to_record()), Some(ticket));
        }
    }

    #[test]
    fn golden_bytes_of_the_layer_1_form() {
        let ticket = Ticket {
            ticketer: Kt1Address([0xab; 20]),
            content: TicketContent::String(b"x".to_vec()),
        };
        let expected = format!("07070a0000001601{}00070701000000017800a401", "ab".repeat(20));
        assert_eq!(hex::encode(ticket.to_micheline(Amount::new(100))), expected);
    }

    #[test]
    fn identity_depends_on_ticketer_type_and_content() {
        let mut seen = std::collections::BTreeSet::new();
        for ticketer in [Kt1Address([0; 20]), Kt1Address([1; 20])] {
            for content in contents() {
                assert!(seen.insert(Ticket { ticketer, content }.hash()));
            }
        }
    }

    #[test]
    fn what_is_not_a_ticket_is_malformed() {
        let ticket = Ticket {
            ticketer: Kt1Address([3; 20]),
            content: TicketContent::NatBytes(7.into(), None),
        };
        let good = ticket.to_micheline(Amount::new(5));
        assert!(whole(&good, ticket_string).is_err(), "v1 knows string contents only");
        for end in 0..good.len() {
            assert!(whole(&good[..end], ticket_of_any_amount).is_err(), "cut at {end}");
        }
    }
}
