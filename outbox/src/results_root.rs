//! The root of results as an outbox message: a call with a typed parameter, which nobody need execute.
//!
//! Layer 1 takes only calls of contracts into the outbox. This one calls a contract that does not exist,
//! so that executing it fails and changes nothing.
//!
//! The parameter is `Pair (Pair window leaves) (Pair (Pair first last) root)`, of the type
//! `pair (pair nat nat) (pair (pair int int) bytes)`.

use encoding::read::{bytes, int, is_prim, nat_u64};
use encoding::{Hash32, Kt1Address, Level, Malformed, Micheline, Parsed, fail, prim, read, whole};

use crate::message::HEADER_BYTES;

/// The tag of an atomic batch of typed calls.
const TYPED_BATCH: u8 = 0x01;
/// The contract that is called. No contract has a hash of zeros.
pub const NO_CONTRACT: Kt1Address = Kt1Address([0; 20]);
/// The entrypoint that is called.
pub const RESULTS_ROOT: &[u8] = b"results_root";
/// `pair (pair nat nat) (pair (pair int int) bytes)` as Micheline.
const TYPE: &[u8] = &[
    0x07, 0x65, 0x07, 0x65, 0x03, 0x62, 0x03, 0x62, 0x07, 0x65, 0x07, 0x65, 0x03, 0x5b, 0x03, 0x5b,
    0x03, 0x69,
];

/// The root over the results of some levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultsRoot {
    /// The number of the window, from 0.
    pub window: u64,
    /// The level of the first result.
    pub first: Level,
    /// The last level. The message is in its outbox.
    pub last: Level,
    /// How many results there are.
    pub leaves: u64,
    /// The root.
    pub root: Hash32,
}

impl ResultsRoot {
    /// The bytes for `write_output`.
    pub fn encode(&self) -> Vec<u8> {
        let ResultsRoot { window, first, last, leaves, root } = self;
        let call = Micheline::new()
            .pair()
            .pair()
            .int(&(*window).into())
            .int(&(*leaves).into())
            .pair()
            .pair()
            .int(&first.0.into())
            .int(&last.0.into())
            .bytes(&root.0)
            .raw(TYPE)
            .raw(&NO_CONTRACT.to_contract_22())
            .raw(&length(RESULTS_ROOT))
            .raw(RESULTS_ROOT)
            .into_bytes();
        let mut message = Vec::with_capacity(HEADER_BYTES + call.len());
        message.push(TYPED_BATCH);
        message.extend_from_slice(&length(&call));
        message.extend_from_slice(&call);
        message
    }

    /// Reads a message back. Another message is malformed.
    ///
    /// # Errors
    /// When the bytes are not such a message: at which offset, and what was expected there.
    pub fn decode(message: &[u8]) -> Result<Self, Malformed> {
        whole(message, |input| {
            let (rest, _) = read::tag(&[TYPED_BATCH], "01, an atomic batch of typed calls")(input)?;
            let (after, call) = read::sized(rest)?;
            let (end, root) = parameter(call)?;
            let (end, _) = read::tag(TYPE, "the type of a root of results")(end)?;
            let (end, destination) = read::contract_22(end)?;
            if destination != NO_CONTRACT {
                return fail(end, "the contract whose hash is zeros");
            }
            match read::sized(end)? {
                ([], RESULTS_ROOT) => Ok((after, root)),
                _ => fail(end, "the entrypoint results_root"),
            }
        })
    }
}

/// A length as it stands before bytes. Nothing here is longer than a message.
fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

fn parameter(input: &[u8]) -> Parsed<'_, ResultsRoot> {
    let (rest, (window, leaves)) = pair_of(input, |input| pair_of_two(input, nat_u64))?;
    let (rest, (first, last)) = pair_of(rest, |input| pair_of_two(input, level))?;
    let (rest, root) = bytes(rest)?;
    let Ok(root) = root.try_into().map(Hash32) else { return fail(rest, "a root of 32 bytes") };
    Ok((rest, ResultsRoot { window, first, last, leaves, root }))
}

/// `Pair`, and what its first argument is.
fn pair_of<'a, T>(input: &'a [u8], left: impl FnOnce(&'a [u8]) -> Parsed<'a, T>) -> Parsed<'a, T> {
    is_prim(input, prim::PAIR).map_or_else(|| fail(input, "Pair"), left)
}

fn pair_of_two<'a, T>(
    input: &'a [u8],
    each: impl Fn(&'a [u8]) -> Parsed<'a, T>,
) -> Parsed<'a, (T, T)> {
    let (rest, left) = pair_of(input, &each)?;
    let (rest, right) = each(rest)?;
    Ok((rest, (left, right)))
}

fn level(input: &[u8]) -> Parsed<'_, Level> {
    let (rest, number) = int(input)?;
    match i32::try_from(&number) {
        Ok(number) => Ok((rest, Level(number))),
        Err(_) => fail(input, "a level of 32 bits"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: ResultsRoot = ResultsRoot {
        window: 70,
        first: Level(1_000),
        last: Level(1_009),
        leaves: 3,
        root: Hash32([0xab; 32]),
    };

    #[test]
    fn golden_bytes() {
        let parameter = format!(
            "0707 0707 00 8601 00 03 0707 0707 00 a80f 00 b10f 0a 00000020 {}",
            "ab".repeat(32)
        );
        let type_ = "0765 0765 0362 0362 0765 0765 035b 035b 0369";
        let whom = format!("01{}00 0000000c {}", "00".repeat(20), hex::encode("results_root"));
        let call = format!("{parameter}{type_}{whom}").replace(' ', "");
        let expected = format!("01{:08x}{call}", call.len() / 2);
        assert_eq!(hex::encode(ROOT.encode()), expected);
        assert_eq!(ResultsRoot::decode(&ROOT.encode()), Ok(ROOT));
    }

    #[test]
    fn any_other_message_is_malformed() {
        let message = ROOT.encode();
        for length in 0..message.len() {
            assert!(ResultsRoot::decode(&message[..length]).is_err(), "{length}");
        }
        for at in 0..message.len() {
            let mut changed = message.clone();
            changed[at] ^= 1;
            // A changed number or root is another root; it must be one of the same bytes.
            if let Ok(other) = ResultsRoot::decode(&changed) {
                assert_ne!(other, ROOT);
                assert_eq!(other.encode(), changed);
            }
        }
    }
}
