//! The hashes of layer 1 and of rollups, as texts in base58check.

/// The longest text that can be a hash: decoding takes the square of the length.
const TEXT_MAX: usize = 64;

/// A kind of hash of `N` bytes: what base58check has before them makes the letters that its texts begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashKind<const N: usize> {
    prefix: &'static [u8],
}

/// `B…`, of 51 characters: a block.
pub const BLOCK: HashKind<32> = HashKind { prefix: &[1, 52] };
/// `o…`, of 51 characters: an operation.
pub const OPERATION: HashKind<32> = HashKind { prefix: &[5, 116] };
/// `iop…`, of 53 characters: an operation in a rollup node's injector.
pub const INJECTED_OPERATION: HashKind<32> = HashKind { prefix: &[64, 7, 206] };
/// `scmsg…`, of 55 characters: a message in a rollup node's batcher.
pub const MESSAGE: HashKind<32> = HashKind { prefix: &[3, 250, 179, 247, 196] };
/// `src1…`, of 54 characters: a commitment.
pub const COMMITMENT: HashKind<32> = HashKind { prefix: &[17, 165, 134, 138] };
/// `srs1…`, of 54 characters: a state.
pub const STATE: HashKind<32> = HashKind { prefix: &[17, 165, 235, 240] };
/// `srib1…`, of 55 characters: an inbox.
pub const INBOX: HashKind<32> = HashKind { prefix: &[3, 255, 138, 145, 110] };
/// `srib2…`, of 55 characters: the messages of a level.
pub const INBOX_WITNESS: HashKind<32> = HashKind { prefix: &[3, 255, 138, 145, 140] };
/// `expr…`, of 54 characters: a Michelson expression, such as a contract's script.
pub const SCRIPT_EXPR: HashKind<32> = HashKind { prefix: &[13, 44, 64, 27] };

/// `Net…`, of 15 characters: a chain.
pub const CHAIN: HashKind<4> = HashKind { prefix: &[87, 82, 0] };

impl<const N: usize> HashKind<N> {
    /// A hash as text.
    #[must_use]
    pub fn text(&self, hash: &[u8; N]) -> String {
        bs58::encode([self.prefix, hash].concat()).with_check().into_string()
    }

    /// The hash in a text; `None` if the text is not a hash of this kind.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<[u8; N]> {
        if text.len() > TEXT_MAX {
            return None;
        }
        let bytes = bs58::decode(text).with_check(None).into_vec().ok()?;
        bytes.strip_prefix(self.prefix)?.try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_letters_and_comes_back() {
        let kinds = [
            (BLOCK, "B", 51),
            (OPERATION, "o", 51),
            (INJECTED_OPERATION, "iop", 53),
            (MESSAGE, "scmsg", 55),
            (COMMITMENT, "src1", 54),
            (STATE, "srs1", 54),
            (INBOX, "srib1", 55),
            (INBOX_WITNESS, "srib2", 55),
            (SCRIPT_EXPR, "expr", 54),
        ];
        for hash in [[0; 32], [0x7f; 32], [0xff; 32]] {
            for (kind, letters, length) in kinds {
                let text = kind.text(&hash);
                assert!(text.starts_with(letters) && text.len() == length, "{text}");
                let read: Vec<_> =
                    kinds.iter().filter(|kind| kind.0.read(&text).is_some()).collect();
                assert_eq!((kind.read(&text), read.len()), (Some(hash), 1), "{text}");
            }
        }
        for hash in [[0; 4], [0x7f; 4], [0xff; 4]] {
            let text = CHAIN.text(&hash);
            assert!(text.starts_with("Net") && text.len() == 15, "{text}");
            assert_eq!(CHAIN.read(&text), Some(hash));
        }
        let text = BLOCK.text(&[7; 32]);
        for wrong in ["", "B", &text[1..], &format!("{text}1"), &"1".repeat(10_000)] {
            assert_eq!(BLOCK.read(wrong), None);
        }
    }
}
