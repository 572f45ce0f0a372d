//! Base58check: the hashes and addresses that a rollup node's interface speaks of.

use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest};

use crate::error::NodeError;

/// `B…`, a block hash of 51 characters.
const BLOCK: [u8; 2] = [1, 52];
/// `scmsg…`, the id of a message in the batcher, of 55 characters.
const MESSAGE: [u8; 5] = [3, 250, 179, 247, 196];
/// `src1…`, the hash of a commitment, of 54 characters.
const COMMITMENT: [u8; 4] = [17, 165, 134, 138];
/// `srs1…`, the hash of a state, of 54 characters.
const STATE: [u8; 4] = [17, 165, 235, 240];
/// `sr1…`
const ROLLUP: [u8; 3] = [6, 124, 117];
/// `KT1…`
const CONTRACT: [u8; 3] = [2, 90, 121];
/// `tz1…` to `tz5…`, in the order of the tags of public key hashes.
const IMPLICIT: [[u8; 3]; 5] =
    [[6, 161, 159], [6, 161, 161], [6, 161, 164], [6, 161, 166], [6, 161, 169]];

/// `o…`, the hash of an operation of layer 1, of 51 characters.
const OPERATION: [u8; 2] = [5, 116];
/// `iop…`, an operation's name in the injector, of 53 characters.
const INJECTED: [u8; 3] = [64, 7, 206];
/// `srib1…`, the hash of an inbox, of 55 characters.
const INBOX: [u8; 5] = [3, 255, 138, 145, 110];
/// `srib2…`, the hash of a level's messages, of 55 characters.
const WITNESS: [u8; 5] = [3, 255, 138, 145, 140];

fn encode(prefix: &[u8], hash: &[u8]) -> String {
    bs58::encode([prefix, hash].concat()).with_check().into_string()
}

fn decode<const N: usize>(prefix: &[u8], text: &str) -> Option<[u8; N]> {
    // No text of interest is longer, and decoding takes the square of the length.
    if text.len() > 64 {
        return None;
    }
    let bytes = bs58::decode(text).with_check(None).into_vec().ok()?;
    bytes.strip_prefix(prefix)?.try_into().ok()
}

/// The text of a block hash.
#[must_use]
pub fn block(hash: &[u8; 32]) -> String {
    encode(&BLOCK, hash)
}

/// The block hash in a text.
pub(crate) fn read_block(text: &str) -> Option<[u8; 32]> {
    decode(&BLOCK, text)
}

/// The text of a message's id.
pub(crate) fn message(id: &[u8; 32]) -> String {
    encode(&MESSAGE, id)
}

/// The message's id in a text.
pub(crate) fn read_message(text: &str) -> Option<[u8; 32]> {
    decode(&MESSAGE, text)
}

/// The text of a commitment's hash.
#[must_use]
pub fn commitment(hash: &[u8; 32]) -> String {
    encode(&COMMITMENT, hash)
}

/// The hash of a commitment in a text.
pub(crate) fn read_commitment(text: &str) -> Option<[u8; 32]> {
    decode(&COMMITMENT, text)
}

/// The text of a state's hash.
#[must_use]
pub fn state(hash: &[u8; 32]) -> String {
    encode(&STATE, hash)
}

/// The text of a rollup's address.
#[must_use]
pub fn rollup(hash: &[u8; 20]) -> String {
    encode(&ROLLUP, hash)
}

/// The text of an operation's hash.
pub(crate) fn operation(hash: &[u8; 32]) -> String {
    encode(&OPERATION, hash)
}

/// The hash of an operation in a text, of either kind: layer 1's, or the injector's.
pub(crate) fn read_operation(text: &str) -> Option<OperationName> {
    let injected = || decode(&INJECTED, text).map(OperationName::Injected);
    decode(&OPERATION, text).map(OperationName::Layer1).or_else(injected)
}

/// What an operation is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OperationName {
    /// On layer 1.
    Layer1([u8; 32]),
    /// In the injector.
    Injected([u8; 32]),
}

/// The text of an inbox's hash.
pub(crate) fn inbox(hash: &[u8; 32]) -> String {
    encode(&INBOX, hash)
}

/// The text of the hash of a level's messages.
pub(crate) fn witness(hash: &[u8; 32]) -> String {
    encode(&WITNESS, hash)
}

/// The hash of a contract's address.
///
/// # Errors
/// When the text is no `KT1…`.
pub fn read_contract(text: &str) -> Result<[u8; 20], NodeError> {
    decode(&CONTRACT, text)
        .ok_or_else(|| NodeError::malformed("sender", text, "the address KT1… of a contract"))
}

/// The tag and hash of an implicit account, as messages carry them.
///
/// # Errors
/// When the text is none of `tz1…` to `tz5…`.
pub fn read_implicit(text: &str) -> Result<[u8; 21], NodeError> {
    for (tag, prefix) in (0..).zip(IMPLICIT) {
        if let Some(hash) = decode::<20>(&prefix, text) {
            let mut tagged = [tag; 21];
            tagged[1..].copy_from_slice(&hash);
            return Ok(tagged);
        }
    }
    Err(NodeError::malformed("source", text, "the address tz1… to tz5… of an implicit account"))
}

/// Blake2b-256 over parts. The name says for what, so that no two uses collide.
pub(crate) fn digest(name: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Blake2b::<U32>::new();
    hash.update(name.as_bytes());
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hash_has_its_letters_and_comes_back() {
        for fill in [0, 0x7f, 0xff] {
            let hash = [fill; 32];
            assert!(block(&hash).starts_with('B') && block(&hash).len() == 51);
            assert_eq!(read_block(&block(&hash)), Some(hash));
            assert!(message(&hash).starts_with("scmsg") && message(&hash).len() == 55);
            assert_eq!(read_message(&message(&hash)), Some(hash));
            assert_eq!(read_block(&message(&hash)), None);
            assert!(commitment(&hash).starts_with("src1") && commitment(&hash).len() == 54);
            assert_eq!(read_commitment(&commitment(&hash)), Some(hash));
            assert!(state(&hash).starts_with("srs1") && state(&hash).len() == 54);
        }
        assert_eq!(rollup(&[0; 20]), "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57");
    }

    #[test]
    fn addresses() {
        assert_eq!(read_contract("KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT").unwrap(), [0; 20]);
        assert_eq!(read_implicit("tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU").unwrap(), [0; 21]);
        assert_eq!(read_implicit("tz2PgvUJzfmDXTZUvkyKbQb8kjoWR4Wa5Rpv").unwrap()[0], 1);
        for wrong in ["", "KT1", "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU", &"1".repeat(10_000)] {
            assert!(read_contract(wrong).is_err());
        }
        assert!(read_implicit("KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT").is_err());
    }
}
