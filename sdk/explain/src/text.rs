//! Numbers, tickets and bytes as people read them.

use encoding::{Layer1Address, Ticket};
use layer1::address::Address;
use layer1::michelson;

/// How much of a payload or of raw bytes is shown.
const SHOWN_CHARS_MAX: usize = 160;

/// A text that is not too long for a table.
#[must_use]
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// A number with its thousands set apart.
#[must_use]
pub fn grouped(number: &str) -> String {
    layer1::plain::grouped(number)
}

/// The first bytes, in hex.
pub(crate) fn start_of(bytes: &[u8]) -> String {
    const BYTES_SHOWN_MAX: usize = 24;
    match bytes.get(..BYTES_SHOWN_MAX) {
        Some(start) if bytes.len() > BYTES_SHOWN_MAX => format!("{}…", hex::encode(start)),
        _ => hex::encode(bytes),
    }
}

/// A ticket by its content.
#[must_use]
pub fn ticket(ticket: &Ticket) -> String {
    let content = ticket.content.to_micheline();
    match michelson::decode(&content) {
        Ok(node) => shortened(&michelson::text(&node)),
        Err(_) => shortened(&hex::encode(content)),
    }
}

/// An address of layer 1. One of a curve that layer 1 does not have today is in hex.
#[must_use]
pub fn layer1_address(address: Layer1Address) -> String {
    let bytes = address.to_bytes_22();
    Address::from_contract_bytes(&bytes)
        .map_or_else(|| hex::encode(bytes), |address| address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (number, expected) in [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1,000"),
            ("1234567", "1,234,567"),
            ("-100", "-100"),
        ] {
            assert_eq!(grouped(number), expected);
        }
    }
}
