//! What a ticket's content says: a symbol, a name, decimals; and the content in words.

use encoding::{TicketContent, blake2b_256};
use layer1::michelson::{self, Node};

/// The byte that packed Micheline begins with.
pub(super) const PACKED: u8 = 5;

/// A content in words: all of it, or its hash where it is long.
#[must_use]
pub fn content_words(content: &TicketContent) -> String {
    /// Bytes: what is longer is told by its hash.
    const SHOWN: usize = 32;
    let shown = |bytes: &[u8]| match bytes.len() {
        0..=SHOWN => format!("0x{}", hex::encode(bytes)),
        _ => format!("with blake2b {}", blake2b_256(&[bytes])),
    };
    match content {
        TicketContent::String(text) => match std::str::from_utf8(text) {
            Ok(words)
                if text.len() <= SHOWN
                    && words.chars().all(|c| c == ' ' || c.is_ascii_graphic()) =>
            {
                format!("string {words:?}")
            }
            _ => format!("string {}", shown(text)),
        },
        TicketContent::NatBytes(id, None) => format!("id {id}, no bytes"),
        TicketContent::NatBytes(id, Some(data)) => format!("id {id}, bytes {}", shown(data)),
    }
}

/// Text; hexadecimal where the bytes are not UTF-8.
pub(super) fn lossless(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| hex::encode(bytes), str::to_owned)
}

/// What a packed `map string bytes` holds.
pub(super) fn packed_map(data: &[u8]) -> Option<Vec<(String, String)>> {
    let Some((&PACKED, rest)) = data.split_first() else { return None };
    let Ok(Node::Seq(entries)) = michelson::decode(rest) else { return None };
    let entry = |entry: &Node| match entry {
        Node::Prim { prim, args, .. } if prim.name() == "Elt" => match args.as_slice() {
            [Node::String(key), Node::Bytes(value)] => Some((key.clone(), lossless(value))),
            _ => None,
        },
        _ => None,
    };
    entries.iter().map(entry).collect()
}

/// What a JSON object holds.
pub(super) fn json_object(data: &[u8]) -> Option<Vec<(String, String)>> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(data).ok()?;
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(object.iter().map(|(key, value)| (key.clone(), text(value))).collect())
}
