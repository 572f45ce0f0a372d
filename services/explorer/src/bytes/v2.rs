//! The fields of a batch in wire format v2.

use encoding::read::{be_u32, byte, kt1_20, take, tz4_20, varint, varint_u32};
use encoding::{Layer1Address, TicketContent, read};
use layer1::plain::{grouped, one_line};
use wallet::outbox::receiver_text;
use wallet::ticket::content_words;

use super::walk::{Unreadable, Walk};

const EXPIRES: u8 = 0x01;
const REGISTRATIONS: u8 = 0x02;
const GROUPS: u8 = 0x04;
const TRANSACTIONS: u8 = 0x08;
const SOME_INDIVIDUAL: u8 = 0x10;
const ALL_INDIVIDUAL: u8 = 0x20;

type Done = Result<(), Unreadable>;

/// How many transactions and signings were seen.
#[derive(Default)]
struct Seen {
    transactions: u32,
    signings: usize,
}

/// What stands after the version byte.
pub(super) fn batch(walk: &mut Walk<'_>) -> Done {
    let flags = walk.field("flags", byte, |flags| flag_words(*flags))?;
    let has = |flag: u8| flags & flag != 0;
    if has(EXPIRES) {
        level(walk, "expiry of the batch")?;
    }
    if has(REGISTRATIONS) {
        for number in 0..count(walk, "registrations")? {
            walk.some(&format!("registration {number}, key"), 48, "a public key")?;
            walk.some(
                &format!("registration {number}, proof"),
                96,
                "that its secret is possessed",
            )?;
        }
    }
    let mut seen = Seen::default();
    if has(GROUPS) {
        for _ in 0..count(walk, "transfer groups")? {
            group(walk, &mut seen)?;
        }
    }
    if has(TRANSACTIONS) {
        for _ in 0..count(walk, "transactions")? {
            transaction(walk, &mut seen)?;
        }
    }
    if has(SOME_INDIVIDUAL) {
        let length = seen.signings.div_ceil(8);
        walk.some("individual signings", length, "a bit each, the lowest of the first byte first")?;
    }
    if has(GROUPS) || has(TRANSACTIONS) {
        walk.some("signature", 96, "the sum of all signatures")?;
    }
    Ok(())
}

fn flag_words(flags: u8) -> String {
    let words = [
        (EXPIRES, "expires"),
        (REGISTRATIONS, "registrations"),
        (GROUPS, "transfer groups"),
        (TRANSACTIONS, "transactions"),
        (SOME_INDIVIDUAL, "some signings are individual"),
        (ALL_INDIVIDUAL, "all signings are individual"),
    ];
    let has = words.into_iter().filter(|(flag, _)| flags & flag != 0);
    has.map(|(_, word)| word).collect::<Vec<_>>().join(", ")
}

fn group(walk: &mut Walk<'_>, seen: &mut Seen) -> Done {
    walk.transaction = None;
    expiry(walk, "expiry of the group")?;
    ticket(walk)?;
    let mut next = 0u32;
    for _ in 0..count(walk, "transfers")? {
        walk.transaction = Some(seen.transactions);
        let from = next;
        let gap = walk.field("signer", varint_u32, |gap| {
            let index = from.saturating_add(*gap);
            format!("account {index}: {gap} beyond the one before")
        })?;
        next = from.saturating_add(gap).saturating_add(1);
        number(walk, "counter")?;
        account(walk, "receiver")?;
        amount(walk)?;
        seen.transactions = seen.transactions.saturating_add(1);
        seen.signings = seen.signings.saturating_add(1);
        walk.transaction = None;
    }
    Ok(())
}

fn transaction(walk: &mut Walk<'_>, seen: &mut Seen) -> Done {
    walk.transaction = Some(seen.transactions);
    expiry(walk, "expiry")?;
    for _ in 0..count(walk, "operations")? {
        account(walk, "signer")?;
        number(walk, "counter")?;
        memo(walk)?;
        let actions = walk.field("actions", varint_u32, |actions| grouped(*actions))?;
        for _ in 0..actions {
            action(walk)?;
        }
        seen.signings = seen.signings.saturating_add(1);
    }
    seen.transactions = seen.transactions.saturating_add(1);
    walk.transaction = None;
    Ok(())
}

fn action(walk: &mut Walk<'_>) -> Done {
    let kind = walk.field("action", byte, |kind| {
        match kind {
            0 => "transfers",
            1 => "a withdrawal without a receiver",
            2 => "a withdrawal to a receiver",
            _ => "not known",
        }
        .to_owned()
    })?;
    ticket(walk)?;
    if kind == 0 {
        for _ in 0..count(walk, "payments")? {
            account(walk, "receiver")?;
            amount(walk)?;
        }
        return Ok(());
    }
    walk.field("contract", kt1_20, ToString::to_string)?;
    let entrypoint = |input| {
        let (rest, length) = byte(input)?;
        take(usize::from(length))(rest)
    };
    walk.field("entrypoint", entrypoint, |name: &&[u8]| match name {
        [] => "default".to_owned(),
        name => one_line(&String::from_utf8_lossy(name)),
    })?;
    if kind == 2 {
        walk.field("pays", Layer1Address::read_known, |one| receiver_text(*one))?;
    }
    amount(walk)
}

/// A count is bounded by the bytes that are left: each item takes one at least.
fn count(walk: &mut Walk<'_>, name: &str) -> Result<u32, Unreadable> {
    walk.field(name, varint_u32, |count| grouped(*count))
}

fn number(walk: &mut Walk<'_>, name: &str) -> Done {
    walk.field(name, varint, ToString::to_string).map(|_| ())
}

fn amount(walk: &mut Walk<'_>) -> Done {
    walk.field("amount", read::amount, |amount| {
        format!("{} of the smallest units", grouped(amount.get()))
    })?;
    Ok(())
}

fn level(walk: &mut Walk<'_>, name: &str) -> Done {
    walk.field(name, be_u32, |level| format!("level {level}")).map(|_| ())
}

fn expiry(walk: &mut Walk<'_>, name: &str) -> Done {
    let kind = walk.rest().first().copied().ok_or(Unreadable)?;
    if kind == 0 {
        return walk.some(name, 1, "never");
    }
    walk.some(name, 1, "a level follows")?;
    level(walk, name)
}

fn account(walk: &mut Walk<'_>, name: &str) -> Done {
    let index = walk.field(name, varint_u32, |named| match named {
        0 => "its address follows".to_owned(),
        1 => "the number of a registration follows".to_owned(),
        other => format!("account {}", other - 2),
    })?;
    match index {
        0 => walk.field(format!("{name}, address"), tz4_20, ToString::to_string).map(|_| ()),
        1 => number(walk, &format!("{name}, registration")),
        _ => Ok(()),
    }
}

fn ticket(walk: &mut Walk<'_>) -> Done {
    let named = walk.field("ticket", varint_u32, |named| match named {
        0 => "all of it follows".to_owned(),
        other => format!("ticket {}", other - 1),
    })?;
    if named != 0 {
        return Ok(());
    }
    walk.field("ticketer", kt1_20, ToString::to_string)?;
    let kind = |kind: &u8| if *kind == 0 { "a text" } else { "a number with bytes" }.to_owned();
    walk.field("content's type", byte, kind)?;
    let content = |input| {
        let (rest, length) = varint_u32(input)?;
        take(usize::try_from(length).unwrap_or(usize::MAX))(rest)
    };
    walk.field("content", content, |content: &&[u8]| match TicketContent::read(content) {
        Ok((_, content)) => content_words(&content),
        Err(_) => "not understood".to_owned(),
    })?;
    Ok(())
}

fn memo(walk: &mut Walk<'_>) -> Done {
    let kind = walk.rest().first().copied().ok_or(Unreadable)?;
    match kind {
        0 => walk.some("memo", 1, "none"),
        1 => {
            let text = |input| {
                byte(input)
                    .and_then(|(rest, _)| byte(rest))
                    .and_then(|(rest, length)| take(usize::from(length))(rest))
            };
            walk.field("memo", text, |bytes: &&[u8]| one_line(&String::from_utf8_lossy(bytes)))?;
            Ok(())
        }
        _ => {
            let hash = |input| byte(input).and_then(|(rest, _)| take(32)(rest));
            walk.field("memo", hash, |bytes: &&[u8]| format!("hash {}", hex::encode(bytes)))?;
            Ok(())
        }
    }
}
