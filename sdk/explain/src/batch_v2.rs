//! Batches in wire format v2 in words.

use encoding::RollupAddress;
use inbox::v2::{
    Action, Batch, IndividuallySigned, Memo, Name, Operation, TicketName, Transaction,
};
use inbox::{Envelope, MessageKind, envelope};
use layer1::plain::{is_shown, one_line};

use crate::text::{grouped, layer1_address, shortened, ticket as full_name};

/// The v2 batch in a raw message, if it is one for this rollup.
#[must_use]
pub fn read(raw: &[u8], rollup: &RollupAddress) -> Option<Batch> {
    match envelope(raw, rollup, false) {
        Envelope::External { kind: MessageKind::V2, body } => {
            Batch::decode_padded(body).ok().map(|(batch, _)| batch)
        }
        _ => None,
    }
}

fn as_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A batch in a few words.
#[must_use]
pub fn title(batch: &Batch) -> String {
    let mut parts = Vec::new();
    for (what, count) in [
        ("registrations", batch.registrations.len()),
        ("transfers", batch.transfers()),
        ("transactions", batch.transactions.len()),
    ] {
        if count > 0 {
            parts.push(format!("{what} {count}"));
        }
    }
    match &batch.individually_signed {
        IndividuallySigned::Nobody => {}
        IndividuallySigned::Everybody => parts.push("all individually signed".to_owned()),
        IndividuallySigned::Some(individually_signed) => {
            parts.push(format!("individually signed {}", individually_signed.len()))
        }
    }
    if let Some(level) = batch.expires {
        parts.push(format!("expires with level {level}"));
    }
    format!("v2 batch: {}", parts.join(", "))
}

/// The accounts that a batch registers.
#[must_use]
pub fn registrations(batch: &Batch) -> Vec<String> {
    let text = |index| match batch.address_of(Name::Registration(index)) {
        Some(address) => format!("registers {address}"),
        None => String::new(),
    };
    (0..as_u32(batch.registrations.len())).map(text).collect()
}

/// Every operation of a batch with its transaction and its place there.
#[must_use]
pub fn operations(batch: &Batch) -> Vec<(u32, u32, String)> {
    let all =
        (0..batch.transactions()).filter_map(|number| Some((number, batch.transaction(number)?)));
    let individually_signed: Vec<bool> = batch.each_individually_signed().collect();
    let mut individually_signed = individually_signed.into_iter();
    let mut out = Vec::new();
    for (number, transaction) in all {
        let Transaction { expires, operations } = transaction.as_ref();
        for (at, operation) in operations.iter().enumerate() {
            let individually_signed =
                if individually_signed.next() == Some(true) { ", individually signed" } else { "" };
            let expires = expires.map_or_else(String::new, |l| format!(", expires with level {l}"));
            let text = operation_text(batch, operation);
            out.push((
                as_u32(number),
                as_u32(at),
                format!("{number}. {text}{expires}{individually_signed}"),
            ));
        }
    }
    out
}

fn operation_text(batch: &Batch, operation: &Operation) -> String {
    let moves: Vec<String> = operation.actions.iter().map(|one| move_text(batch, one)).collect();
    let moves = if moves.is_empty() { "nothing".to_owned() } else { moves.join(", and ") };
    let who = account(batch, operation.signer);
    format!("{who} (counter {}) {moves}", operation.counter.get())
}

fn move_text(batch: &Batch, one: &Action) -> String {
    match one {
        Action::Transfers { ticket, to } => {
            let ticket = self::ticket(ticket);
            let to: Vec<String> = to
                .iter()
                .map(|(to, amount)| {
                    let amount = grouped(&amount.to_string());
                    format!("sends {amount} {ticket} to {}", account(batch, *to))
                })
                .collect();
            to.join(", and ")
        }
        Action::Withdraw { ticket, to, entrypoint, receiver, amount } => {
            let amount = grouped(&amount.to_string());
            let receiver = receiver.map(|one| format!(" for {}", layer1_address(one)));
            let receiver = receiver.unwrap_or_default();
            format!("withdraws {amount} {} to {to} {entrypoint}{receiver}", self::ticket(ticket))
        }
    }
}

/// An account as the batch names it; a name by registration is shown as the account of its key.
fn account(batch: &Batch, name: Name) -> String {
    match (name, batch.address_of(name)) {
        (Name::Index(index), _) => format!("account {index}"),
        (_, Some(address)) => address.to_string(),
        (_, None) => "nobody".to_owned(),
    }
}

fn ticket(ticket: &TicketName) -> String {
    match ticket {
        TicketName::Index(index) => format!("of ticket {index}"),
        TicketName::Full(ticket) => full_name(ticket),
    }
}

/// A memo: its text if it is some, otherwise hexadecimal.
#[must_use]
pub fn memo_text(memo: &Memo) -> String {
    match memo {
        Memo::Hash(hash) => format!("hash 0x{hash}"),
        Memo::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) if is_plain(text) => shortened(&one_line(text)),
            _ => format!("0x{}", hex::encode(bytes)),
        },
    }
}

/// Whether a text can be told from hexadecimal, and back.
fn is_plain(text: &str) -> bool {
    text.chars().all(is_shown)
        && text.trim() == text
        && !text.starts_with("0x")
        && !text.starts_with("hash ")
}

#[cfg(test)]
mod tests {
    use encoding::Hash32;

    use super::*;

    #[test]
    fn memos() {
        let bytes = |bytes: &[u8]| Memo::Bytes(bytes.to_vec());
        for (memo, expected) in [
            (bytes(b"invoice 7"), "invoice 7".to_owned()),
            (bytes(&[0xff, 1]), "0xff01".to_owned()),
            (bytes(b"0xff"), "0x30786666".to_owned()),
            (bytes(b"a\nb"), "0x610a62".to_owned()),
            (bytes("\u{202e}7".as_bytes()), "0xe280ae37".to_owned()),
            (Memo::Hash(Hash32([7; 32])), format!("hash 0x{}", "07".repeat(32))),
        ] {
            assert_eq!(memo_text(&memo), expected);
        }
    }
}
