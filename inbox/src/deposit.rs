//! What a contract sends when it calls the rollup: a deposit, or bytes.
//!
//! The rollup's Michelson type is
//! `or (pair string (ticket string)) (or (pair string (ticket (pair nat (option bytes)))) bytes)`;
//! an unwrapped `pair string (ticket string)`, which is all the original kernel took, is read too.

use encoding::{Malformed, Micheline, Parsed, Ticket, TicketContent, expect, prim, read, whole};
use num_bigint::BigInt;

/// A payload of a known shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// A ticket for an account.
    Deposit(Deposit<'a>),
    /// Bytes, with no ticket.
    Bytes(&'a [u8]),
}

/// A ticket for an account, nothing about it checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposit<'a> {
    /// The receiver, as text: it should be a tz4 in base58check.
    pub receiver: &'a [u8],
    /// Which ticket.
    pub ticket: Ticket,
    /// How much of it; layer 1 sets no bound.
    pub amount: BigInt,
}

/// Reads the payload of a call.
///
/// # Errors
/// When the bytes are malformed: at which offset, and what was expected there.
pub fn decode(payload: &[u8]) -> Result<Payload<'_>, Malformed> {
    whole(payload, |input| {
        let Some(right) = read::is_prim(input, prim::RIGHT) else {
            let bare = read::is_prim(input, prim::LEFT).unwrap_or(input);
            return deposit(bare, false);
        };
        match read::is_prim(right, prim::LEFT) {
            Some(inner) => deposit(inner, true),
            None => {
                let (rest, _) = read::tag(prim::RIGHT, "Left or Right")(right)?;
                let (rest, bytes) = read::bytes(rest)?;
                Ok((rest, Payload::Bytes(bytes)))
            }
        }
    })
}

/// `Pair receiver ticket`, its content of the type that its branch says.
fn deposit(input: &[u8], nat_bytes: bool) -> Parsed<'_, Payload<'_>> {
    let (rest, _) = read::tag(prim::PAIR, "Pair receiver ticket")(input)?;
    let (rest, receiver) = expect("the receiver, a string", read::string)(rest)?;
    let (after, (ticket, amount)) = read::ticket_of_any_amount(rest)?;
    let type_fits = matches!(ticket.content, TicketContent::NatBytes(..)) == nat_bytes;
    if !type_fits {
        return encoding::fail(rest, "a ticket of the branch's type");
    }
    Ok((after, Payload::Deposit(Deposit { receiver, ticket, amount })))
}

/// The payload of a deposit, in the branch of its type.
pub fn encode(receiver: &str, ticket: &Ticket, amount: &BigInt) -> Vec<u8> {
    let branch = match ticket.content {
        TicketContent::String(_) => Micheline::new().prim(prim::LEFT),
        TicketContent::NatBytes(..) => Micheline::new().prim(prim::RIGHT).prim(prim::LEFT),
    };
    branch.raw(&encode_unwrapped(receiver, ticket, amount)).into_bytes()
}

/// `Pair receiver ticket`, as for a rollup of the original kernel's type.
pub fn encode_unwrapped(receiver: &str, ticket: &Ticket, amount: &BigInt) -> Vec<u8> {
    Micheline::new()
        .pair()
        .string(receiver.as_bytes())
        .pair()
        .bytes(&ticket.ticketer.to_contract_22())
        .pair()
        .raw(&ticket.content.to_micheline())
        .int(amount)
        .into_bytes()
}

/// The payload of a call with bytes in place of a ticket: a reclaim, or an order of an upgrade.
pub fn encode_bytes(bytes: &[u8]) -> Vec<u8> {
    Micheline::new().prim(prim::RIGHT).prim(prim::RIGHT).bytes(bytes).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding::Kt1Address;

    fn ticket(content: TicketContent) -> Ticket {
        Ticket { ticketer: Kt1Address([8; 20]), content }
    }

    #[test]
    fn each_shape_of_the_type() {
        let text = ticket(TicketContent::String(b"x".to_vec()));
        let pair = ticket(TicketContent::NatBytes(0.into(), Some(vec![1])));
        let amount = BigInt::from(u64::MAX) + 1;
        for (payload, ticket) in [
            (encode("tz4", &text, &amount), &text),
            (encode_unwrapped("tz4", &text, &amount), &text),
            (encode("tz4", &pair, &amount), &pair),
        ] {
            let expected =
                Deposit { receiver: b"tz4", ticket: ticket.clone(), amount: amount.clone() };
            assert_eq!(decode(&payload), Ok(Payload::Deposit(expected)));
        }
        let bytes = encode_bytes(b"hi");
        assert_eq!(hex::encode(&bytes), "050805080a000000026869");
        assert_eq!(decode(&bytes), Ok(Payload::Bytes(b"hi")));
    }

    #[test]
    fn golden_bytes_of_a_deposit() {
        let payload = encode("tz4", &ticket(TicketContent::String(b"x".to_vec())), &100.into());
        let expected = format!(
            "050507070100000003747a3407070a0000001601{}00070701000000017800a401",
            "08".repeat(20)
        );
        assert_eq!(hex::encode(payload), expected);
    }

    #[test]
    fn a_content_in_the_wrong_branch_or_a_byte_too_many_is_malformed() {
        let pair = ticket(TicketContent::NatBytes(0.into(), None));
        assert!(decode(&encode_unwrapped("tz4", &pair, &1.into())).is_err());
        let mut long = encode("tz4", &pair, &1.into());
        long.push(0);
        assert!(decode(&long).is_err());
        assert!(decode(&[]).is_err());
        assert!(decode(&[0x02; 64]).is_err());
    }

    #[test]
    fn nesting_is_not_followed() {
        // 2,000 levels of Left: no reader recurses, so this is only one unknown shape more.
        assert!(decode(&[0x05; 4_000]).is_err());
        assert!(decode(&[0x07; 4_000]).is_err());
    }
}
