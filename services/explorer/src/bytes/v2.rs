//! The fields of a batch in wire format v2.

use encoding::read::{be_u32, byte, kt1_20, take, tz4_20, varint, varint_u32};
use encoding::{Layer1Address, TicketContent, read};
use inbox::v2::{REGISTRATION_BYTES, SIGNATURE_BYTES, code, flag};
use layer1::plain::{grouped, one_line};
use wallet::outbox::receiver_text;
use wallet::ticket::content_words;

use super::walk::{Unreadable, Walk};

/// Bytes: the key of a registration, before its proof.
const KEY_BYTES: usize = 48;

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
    if has(flag::EXPIRES) {
        level(walk, "expiry of the batch")?;
    }
    if has(flag::REGISTRATIONS) {
        for number in 0..count(walk, "registrations")? {
            walk.some(&format!("registration {number}, key"), KEY_BYTES, "a public key")?;
            walk.some(
                &format!("registration {number}, proof"),
                REGISTRATION_BYTES - KEY_BYTES,
                "that its secret is possessed",
            )?;
        }
    }
    let mut seen = Seen::default();
    if has(flag::TRANSFER_GROUPS) {
        for _ in 0..count(walk, "transfer groups")? {
            group(walk, &mut seen)?;
        }
    }
    if has(flag::TRANSACTIONS) {
        for _ in 0..count(walk, "transactions")? {
            transaction(walk, &mut seen)?;
        }
    }
    if has(flag::SOME_INDIVIDUAL) {
        let length = seen.signings.div_ceil(8);
        walk.some("individual signings", length, "a bit each, the lowest of the first byte first")?;
    }
    if has(flag::TRANSFER_GROUPS) || has(flag::TRANSACTIONS) {
        walk.some("signature", SIGNATURE_BYTES, "the sum of all signatures")?;
    }
    Ok(())
}

fn flag_words(flags: u8) -> String {
    let words = [
        (flag::EXPIRES, "expires"),
        (flag::REGISTRATIONS, "registrations"),
        (flag::TRANSFER_GROUPS, "transfer groups"),
        (flag::TRANSACTIONS, "transactions"),
        (flag::SOME_INDIVIDUAL, "some signings are individual"),
        (flag::ALL_INDIVIDUAL, "all signings are individual"),
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
        match *kind {
            code::TRANSFERS => "transfers",
            code::WITHDRAW_BARE => "a withdrawal without a receiver",
            code::WITHDRAW_TO => "a withdrawal to a receiver",
            _ => "not known",
        }
        .to_owned()
    })?;
    ticket(walk)?;
    if kind == code::TRANSFERS {
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
    if kind == code::WITHDRAW_TO {
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
    if kind == code::NEVER_EXPIRES {
        return walk.some(name, 1, "never");
    }
    walk.some(name, 1, "a level follows")?;
    level(walk, name)
}

fn account(walk: &mut Walk<'_>, name: &str) -> Done {
    let index = walk.field(name, varint_u32, |named| match *named {
        code::ACCOUNT_ADDRESS => "its address follows".to_owned(),
        code::ACCOUNT_REGISTRATION => "the number of a registration follows".to_owned(),
        other => format!("account {}", other - code::FIRST_ACCOUNT),
    })?;
    match index {
        code::ACCOUNT_ADDRESS => {
            walk.field(format!("{name}, address"), tz4_20, ToString::to_string).map(|_| ())
        }
        code::ACCOUNT_REGISTRATION => number(walk, &format!("{name}, registration")),
        _ => Ok(()),
    }
}

fn ticket(walk: &mut Walk<'_>) -> Done {
    let named = walk.field("ticket", varint_u32, |named| match *named {
        code::TICKET_FULL => "all of it follows".to_owned(),
        other => format!("ticket {}", other - code::FIRST_TICKET),
    })?;
    if named != code::TICKET_FULL {
        return Ok(());
    }
    walk.field("ticketer", kt1_20, ToString::to_string)?;
    let kind = |kind: &u8| match *kind {
        code::TEXT_CONTENT => "a text".to_owned(),
        code::PAIR_CONTENT => "a number with bytes".to_owned(),
        _ => "not known".to_owned(),
    };
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
        code::NO_MEMO => walk.some("memo", 1, "none"),
        code::MEMO_BYTES => {
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
