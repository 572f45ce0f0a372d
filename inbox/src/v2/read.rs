//! Reading v2: total, without recursion, and of one form only.

mod fields;

use encoding::{
    AccountIndex, Counter, Layer1Address, Level, Malformed, Parsed, expect, fail, padded, read,
    whole,
};

use super::code;
use super::{
    Action, Batch, IndividuallySigned, Name, Operation, REGISTRATION_BYTES, Registration,
    SIGNATURE_BYTES, Transaction, Transfer, TransferGroup, flag,
};
use fields::{entrypoint, memo, name, ticket};

impl Batch {
    /// Reads what stands after the version byte.
    ///
    /// # Errors
    /// When the bytes are malformed: at which offset, and what was expected there.
    #[inline(never)] // Smaller apart: docs/bls.md.
    pub fn decode(body: &[u8]) -> Result<Batch, Malformed> {
        whole(body, batch)
    }

    /// Reads what stands after the version byte of a message, which may be padded with zeros. Returns the
    /// bytes of the batch too: nothing that is signed or kept takes in the padding.
    ///
    /// # Errors
    /// Where the batch is malformed, or what follows it is not zeros.
    #[inline(never)] // Smaller apart: docs/bls.md.
    pub fn decode_padded(body: &[u8]) -> Result<(Batch, &[u8]), Malformed> {
        let (batch, length) = padded(body, batch)?;
        Ok((batch, body.get(..length).unwrap_or(body)))
    }
}

/// Reads a transaction that stands for itself, as a signer hands it to whoever makes batches.
/// It names no account by its place in a batch.
///
/// # Errors
/// When the bytes are malformed: at which offset, and what was expected there.
pub fn decode_transaction(bytes: &[u8]) -> Result<Transaction, Malformed> {
    whole(bytes, |input| transaction(input, 0))
}

fn batch(input: &[u8]) -> Parsed<'_, Batch> {
    const WHAT: &str = "the flags of a v2 batch";
    let (rest, flags) = expect(WHAT, read::byte)(input)?;
    let has = |which| flags & which != 0;
    let known = flag::EXPIRES
        | flag::REGISTRATIONS
        | flag::TRANSFER_GROUPS
        | flag::TRANSACTIONS
        | flag::INDIVIDUAL;
    let something =
        has(flag::REGISTRATIONS) || has(flag::TRANSFER_GROUPS) || has(flag::TRANSACTIONS);
    let signed = has(flag::TRANSFER_GROUPS) || has(flag::TRANSACTIONS);
    let one_way = flags & flag::INDIVIDUAL != flag::INDIVIDUAL;
    if flags & !known != 0 || !something || !one_way || (has(flag::INDIVIDUAL) && !signed) {
        return fail(input, WHAT);
    }
    let (rest, expires) = match has(flag::EXPIRES) {
        true => last_level(rest).map(|(rest, level)| (rest, Some(level)))?,
        false => (rest, None),
    };
    let (rest, registrations) = match has(flag::REGISTRATIONS) {
        true => list(rest, REGISTRATION_BYTES, registration)?,
        false => (rest, Vec::new()),
    };
    // A message has room for far fewer than 2^32 of them.
    let registration_count = u32::try_from(registrations.len()).unwrap_or(u32::MAX);
    let (rest, transfer_groups) = match has(flag::TRANSFER_GROUPS) {
        true => list(rest, LEAST_GROUP_BYTES, |input| group(input, registration_count))?,
        false => (rest, Vec::new()),
    };
    let (rest, transactions) = match has(flag::TRANSACTIONS) {
        true => {
            list(rest, LEAST_TRANSACTION_BYTES, |input| transaction(input, registration_count))?
        }
        false => (rest, Vec::new()),
    };
    let mut batch = Batch {
        expires,
        registrations,
        transfer_groups,
        transactions,
        individually_signed: if has(flag::ALL_INDIVIDUAL) {
            IndividuallySigned::Everybody
        } else {
            IndividuallySigned::Nobody
        },
        signature: None,
    };
    if !signed {
        return Ok((rest, batch));
    }
    let (rest, individual) = match has(flag::SOME_INDIVIDUAL) {
        true => bitmap(rest, batch.signings())?,
        false => (rest, batch.individually_signed),
    };
    batch.individually_signed = individual;
    let (after, signature) = expect("96 bytes of signature", read::take(SIGNATURE_BYTES))(rest)?;
    batch.signature = signature.try_into().ok();
    Ok((after, batch))
}

/// Bytes that these take at least: what is one number, or the end of a list, takes one.
const LEAST_TRANSFER_BYTES: usize = 5;
const LEAST_GROUP_BYTES: usize = 3 + LEAST_TRANSFER_BYTES;
const LEAST_OPERATION_BYTES: usize = 4;
const LEAST_TRANSACTION_BYTES: usize = 2 + LEAST_OPERATION_BYTES;
/// A name and an amount.
const LEAST_PAYMENT_BYTES: usize = 3;

/// A count, at least one, and so many items, each of so many bytes at least.
fn list<'a, T>(
    input: &'a [u8],
    least_bytes: usize,
    mut item: impl FnMut(&'a [u8]) -> Parsed<'a, T>,
) -> Parsed<'a, Vec<T>> {
    let (mut rest, count) = read::varint_u32(input)?;
    // Every item takes a byte at least: a greater count cannot be true.
    if count == 0 || usize::try_from(count).is_ok_and(|count| count > rest.len()) {
        return fail(input, "a count of at least one, and as many items");
    }
    // So many are there at most, whatever the count says.
    let most = rest.len().checked_div(least_bytes).unwrap_or(0);
    let mut items =
        Vec::with_capacity(usize::try_from(count).map_or(most, |count| count.min(most)));
    for _ in 0..count {
        let (next, value) = item(rest)?;
        items.push(value);
        rest = next;
    }
    Ok((rest, items))
}

/// The expiry of a group or of a transaction.
fn expiry(input: &[u8]) -> Parsed<'_, Option<Level>> {
    const WHAT: &str = "00, or 01 and a level";
    let (rest, kind) = expect(WHAT, read::byte)(input)?;
    match kind {
        code::NEVER_EXPIRES => Ok((rest, None)),
        code::EXPIRES => last_level(rest).map(|(rest, level)| (rest, Some(level))),
        _ => fail(input, WHAT),
    }
}

fn last_level(input: &[u8]) -> Parsed<'_, Level> {
    const WHAT: &str = "a level of 4 bytes below 2^31";
    let (rest, level) = expect(WHAT, read::be_u32)(input)?;
    i32::try_from(level).map_or_else(|_| fail(input, WHAT), |level| Ok((rest, Level(level))))
}

fn registration(input: &[u8]) -> Parsed<'_, Registration> {
    const WHAT: &str = "a registration: a 48-byte key and a 96-byte proof";
    let (rest, key) = expect(WHAT, read::take(48))(input)?;
    let (rest, proof) = expect(WHAT, read::take(96))(rest)?;
    match (key.try_into(), proof.try_into()) {
        (Ok(key), Ok(proof)) => Ok((rest, Registration { key, proof })),
        _ => fail(input, WHAT),
    }
}

fn group(input: &[u8], registration_count: u32) -> Parsed<'_, TransferGroup> {
    let (rest, expires) = expiry(input)?;
    let (rest, ticket) = ticket(rest)?;
    let mut next = Some(0u32);
    let (rest, transfers) = list(rest, LEAST_TRANSFER_BYTES, |input| {
        let (rest, row) = match short_row(input, next) {
            Some(row) => row,
            None => transfer(input, next, registration_count)?,
        };
        next = row.signer.0.checked_add(1);
        Ok((rest, row))
    })?;
    Ok((rest, TransferGroup { expires, ticket, transfers }))
}

/// A transfer. Its signer is at least `next`, and given by the distance from there.
fn transfer(input: &[u8], next: Option<u32>, registration_count: u32) -> Parsed<'_, Transfer> {
    let (rest, gap) = read::varint_u32(input)?;
    let Some(signer) = next.and_then(|next| next.checked_add(gap)) else {
        return fail(input, "a signer's index below 2^32");
    };
    let (rest, counter) = read::varint(rest)?;
    let (rest, to) = name(rest, registration_count)?;
    let (rest, amount) = read::amount(rest)?;
    let (signer, counter) = (AccountIndex(signer), Counter::new(counter));
    Ok((rest, Transfer { signer, counter, to, amount }))
}

/// The same in few instructions, for transfers of small numbers, which most are. What is none of them may be a transfer
/// all the same.
#[inline(always)]
fn short_row(input: &[u8], next: Option<u32>) -> Option<(&[u8], Transfer)> {
    let (gap, rest) = read::short_varint(input)?;
    let signer = AccountIndex(next?.checked_add(gap)?);
    let (counter, rest) = read::short_varint(rest)?;
    let (to, rest) = read::short_varint(rest)?;
    let to = Name::Index(AccountIndex(to.checked_sub(code::FIRST_ACCOUNT)?));
    let (amount, rest) = read::short_amount(rest)?;
    Some((rest, Transfer { signer, counter: Counter::new(counter.into()), to, amount }))
}

fn transaction(input: &[u8], registration_count: u32) -> Parsed<'_, Transaction> {
    let (rest, expires) = expiry(input)?;
    let (rest, operations) =
        list(rest, LEAST_OPERATION_BYTES, |input| operation(input, registration_count))?;
    Ok((rest, Transaction { expires, operations }))
}

fn operation(input: &[u8], registration_count: u32) -> Parsed<'_, Operation> {
    let (rest, signer) = name(input, registration_count)?;
    let (rest, counter) = read::varint(rest)?;
    let (rest, memo) = memo(rest)?;
    let (mut rest, count) = read::varint_u32(rest)?;
    let mut actions = Vec::new();
    for _ in 0..count {
        let (next, value) = action(rest, registration_count)?;
        actions.push(value);
        rest = next;
    }
    Ok((rest, Operation { signer, counter: Counter::new(counter), memo, actions }))
}

fn action(input: &[u8], registration_count: u32) -> Parsed<'_, Action> {
    const WHAT: &str = "an action: 00 transfers, 01 a withdrawal, 02 one with a receiver";
    let (rest, kind) = expect(WHAT, read::byte)(input)?;
    match kind {
        code::TRANSFERS => {
            let (rest, ticket) = ticket(rest)?;
            let (rest, to) = list(rest, LEAST_PAYMENT_BYTES, |input| {
                let (rest, to) = name(input, registration_count)?;
                let (rest, amount) = read::amount(rest)?;
                Ok((rest, (to, amount)))
            })?;
            Ok((rest, Action::Transfers { ticket, to }))
        }
        code::WITHDRAW_BARE | code::WITHDRAW_TO => {
            let (rest, ticket) = ticket(rest)?;
            let (rest, to) = read::kt1_20(rest)?;
            let (rest, entrypoint) = entrypoint(rest)?;
            let (rest, receiver) = match kind {
                code::WITHDRAW_BARE => (rest, None),
                _ => Layer1Address::read_known(rest).map(|(rest, one)| (rest, Some(one)))?,
            };
            let (rest, amount) = read::amount(rest)?;
            Ok((rest, Action::Withdraw { ticket, to, entrypoint, receiver, amount }))
        }
        _ => fail(input, WHAT),
    }
}

/// The bitmap of individual signings: a bit each, the lowest of the first byte first; some, but not all.
fn bitmap(input: &[u8], signings: usize) -> Parsed<'_, IndividuallySigned> {
    const WHAT: &str = "a bitmap of some signings, but not all, and nothing beyond the last";
    let (rest, bytes) = expect(WHAT, read::take(signings.div_ceil(8)))(input)?;
    let mut individual = Vec::new();
    let mut number = 0u32;
    for byte in bytes {
        for bit in 0..8 {
            if byte >> bit & 1 == 1 {
                individual.push(number);
            }
            number = number.saturating_add(1);
        }
    }
    let within =
        individual.last().is_some_and(|last| usize::try_from(*last).is_ok_and(|n| n < signings));
    if !within || individual.len() == signings {
        return fail(input, WHAT);
    }
    Ok((rest, IndividuallySigned::Some(individual)))
}
