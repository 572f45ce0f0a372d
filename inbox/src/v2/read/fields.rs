//! The fields that operations are made of: memos, entrypoints, accounts, tickets.

use encoding::{
    AccountIndex, Entrypoint, Hash32, Kt1Address, Parsed, Ticket, TicketContent, TicketIndex,
    expect, fail, read, whole,
};

use crate::v2::{MEMO_BYTES, Memo, Name, TicketName, code};

pub(super) fn memo(input: &[u8]) -> Parsed<'_, Option<Memo>> {
    const WHAT: &str = "a memo: 00; 01, a length from 1 to 64 and bytes; 02 and 32 bytes";
    let (rest, kind) = expect(WHAT, read::byte)(input)?;
    match kind {
        code::NO_MEMO => Ok((rest, None)),
        code::MEMO_BYTES => {
            let (after, length) = expect(WHAT, read::byte)(rest)?;
            let length = usize::from(length);
            if length == 0 || length > MEMO_BYTES {
                return fail(rest, WHAT);
            }
            let (after, bytes) = expect(WHAT, read::take(length))(after)?;
            Ok((after, Some(Memo::Bytes(bytes.to_vec()))))
        }
        code::MEMO_HASH => {
            let (after, hash) = expect(WHAT, read::take(32))(rest)?;
            match hash.try_into() {
                Ok(hash) => Ok((after, Some(Memo::Hash(Hash32(hash))))),
                Err(_) => fail(rest, WHAT),
            }
        }
        _ => fail(input, WHAT),
    }
}

pub(super) fn entrypoint(input: &[u8]) -> Parsed<'_, Entrypoint> {
    const WHAT: &str = "an entrypoint: a length and at most 31 letters, digits or _ . % @";
    let (rest, length) = expect(WHAT, read::byte)(input)?;
    let (rest, name) = expect(WHAT, read::take(length.into()))(rest)?;
    Entrypoint::new(name).map_or_else(|| fail(input, WHAT), |entrypoint| Ok((rest, entrypoint)))
}

/// An account's name; a registration is one that the batch has.
pub(super) fn name(input: &[u8], registration_count: u32) -> Parsed<'_, Name> {
    let (rest, number) = read::varint_u32(input)?;
    match number {
        code::ACCOUNT_ADDRESS => {
            read::tz4_20(rest).map(|(rest, address)| (rest, Name::Address(address)))
        }
        code::ACCOUNT_REGISTRATION => {
            let (after, number) = read::varint_u32(rest)?;
            if number >= registration_count {
                return fail(rest, "the number of a registration of this batch");
            }
            Ok((after, Name::Registration(number)))
        }
        _ => Ok((rest, Name::Index(AccountIndex(number - code::FIRST_ACCOUNT)))),
    }
}

pub(super) fn ticket(input: &[u8]) -> Parsed<'_, TicketName> {
    const WHAT: &str = "a ticket in full: ticketer, 00 or 01, a length, the content as Micheline";
    let (rest, number) = read::varint_u32(input)?;
    if number != code::TICKET_FULL {
        return Ok((rest, TicketName::Index(TicketIndex(number - code::FIRST_TICKET))));
    }
    let (rest, ticketer) = read::kt1_20(rest)?;
    let (body, kind) = expect(WHAT, read::byte)(rest)?;
    let (after, length) = read::varint_u32(body)?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let (after, content) = expect(WHAT, read::take(length))(after)?;
    match whole(content, TicketContent::read) {
        Ok(content) if fits(&content, kind) => {
            Ok((after, TicketName::Full(full(ticketer, content))))
        }
        _ => fail(rest, WHAT),
    }
}

fn fits(content: &TicketContent, kind: u8) -> bool {
    match content {
        TicketContent::String(_) => kind == code::TEXT_CONTENT,
        TicketContent::NatBytes(..) => kind == code::PAIR_CONTENT,
    }
}

fn full(ticketer: Kt1Address, content: TicketContent) -> Ticket {
    Ticket { ticketer, content }
}
