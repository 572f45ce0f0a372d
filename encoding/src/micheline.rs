//! The little of Micheline that deposits and outbox messages are made of.
//!
//! Readers take one node each and never recurse. Integers and lengths are accepted in their one
//! canonical form only.

use num_bigint::BigInt;
use tezos_data_encoding::enc::BinWriter;
use tezos_data_encoding::nom::NomReader;
use tezos_data_encoding::types::Zarith;

use crate::parse::{Parsed, expect, fail, sized, tag, take};

const INT: u8 = 0x00;
const STRING: u8 = 0x01;
const BYTES: u8 = 0x0a;

/// Codes of the primitives in use, with the node tag that their number of arguments asks for.
pub mod prim {
    /// `Pair` of two.
    pub const PAIR: &[u8] = &[0x07, 0x07];
    /// `Left`.
    pub const LEFT: &[u8] = &[0x05, 0x05];
    /// `Right`.
    pub const RIGHT: &[u8] = &[0x05, 0x08];
    /// `Some`.
    pub const SOME: &[u8] = &[0x05, 0x09];
    /// `None`.
    pub const NONE: &[u8] = &[0x03, 0x06];
}

/// Whether the input starts with this primitive; if so, what follows it.
pub fn is_prim<'a>(input: &'a [u8], prim: &[u8]) -> Option<&'a [u8]> {
    input.strip_prefix(prim)
}

/// A string node's bytes. Their alphabet is not checked: layer 1 has done so.
pub fn string(input: &[u8]) -> Parsed<'_, &[u8]> {
    let (rest, _) = tag(&[STRING], "a string")(input)?;
    sized(rest)
}

/// A bytes node's bytes.
pub fn bytes(input: &[u8]) -> Parsed<'_, &[u8]> {
    let (rest, _) = tag(&[BYTES], "bytes")(input)?;
    sized(rest)
}

/// An integer node, of any size, minimally encoded.
pub fn int(input: &[u8]) -> Parsed<'_, BigInt> {
    let (body, _) = tag(&[INT], "an integer")(input)?;
    let Some(last) = body.iter().position(|byte| byte & 0x80 == 0) else {
        return fail(body, "the last byte of an integer");
    };
    let (rest, digits) = expect("an integer", take(last + 1))(body)?;
    // The library takes trailing zero digits and a negative zero; one number has one form.
    let minimal = last == 0 || digits[last] != 0;
    match Zarith::nom_read(digits) {
        Ok(([], Zarith(number))) if minimal && digits != [0x40] => Ok((rest, number)),
        _ => fail(input, "a minimally encoded integer"),
    }
}

/// An integer node from 0 to 2^64 − 1.
pub fn nat_u64(input: &[u8]) -> Parsed<'_, u64> {
    let (rest, number) = int(input)?;
    match u64::try_from(&number) {
        Ok(number) => Ok((rest, number)),
        Err(_) => fail(input, "an amount from 0 to 2^64 - 1"),
    }
}

/// A writer of Micheline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Micheline(Vec<u8>);

impl Micheline {
    /// Nothing yet.
    pub fn new() -> Self {
        Micheline::default()
    }

    /// The bytes written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// A primitive, tag and code; its arguments are what is written next.
    #[must_use]
    pub fn prim(mut self, prim: &[u8]) -> Self {
        self.0.extend_from_slice(prim);
        self
    }

    /// `Pair`; its two arguments are what is written next.
    #[must_use]
    pub fn pair(self) -> Self {
        self.prim(prim::PAIR)
    }

    /// A string.
    #[must_use]
    pub fn string(mut self, bytes: &[u8]) -> Self {
        self.0.push(STRING);
        self.sized(bytes)
    }

    /// Bytes.
    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.push(BYTES);
        self.sized(bytes)
    }

    /// An integer.
    #[must_use]
    pub fn int(mut self, number: &BigInt) -> Self {
        self.0.push(INT);
        // Writing to memory does not fail; the library's signature says it may.
        let written = Zarith(number.clone()).bin_write(&mut self.0);
        debug_assert!(written.is_ok(), "{written:?}");
        self
    }

    /// What is Micheline already.
    #[must_use]
    pub fn raw(mut self, micheline: &[u8]) -> Self {
        self.0.extend_from_slice(micheline);
        self
    }

    fn sized(mut self, bytes: &[u8]) -> Self {
        // Nothing here is longer than a message.
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::whole;
    use proptest::prelude::*;

    #[test]
    fn integers_have_one_form() {
        for (hex, value) in
            [("0000", 0i64), ("0001", 1), ("0041", -1), ("008001", 64), ("00bf01", 127)]
        {
            let bytes = hex::decode(hex).unwrap_or_default();
            assert_eq!(whole(&bytes, int), Ok(BigInt::from(value)), "{hex}");
            assert_eq!(Micheline::new().int(&value.into()).into_bytes(), bytes);
        }
        for hex in ["00", "0080", "008000", "00c000", "0040", "01", ""] {
            let bytes = hex::decode(hex).unwrap_or_default();
            assert!(whole(&bytes, int).is_err(), "{hex}");
        }
    }

    #[test]
    fn amounts_are_64_bits() {
        let of = |n: &BigInt| Micheline::new().int(n).into_bytes();
        let max = BigInt::from(u64::MAX);
        assert_eq!(whole(&of(&max), nat_u64), Ok(u64::MAX));
        assert!(whole(&of(&(max + 1)), nat_u64).is_err());
        assert!(whole(&of(&BigInt::from(-1)), nat_u64).is_err());
    }

    #[test]
    fn an_integer_as_long_as_a_message_is_no_trouble() {
        let mut bytes = vec![0xff; 4_096];
        bytes[0] = INT;
        assert!(whole(&bytes, int).is_err());
        bytes[4_095] = 0x01;
        assert!(whole(&bytes, int).is_ok());
    }

    proptest! {
        #[test]
        fn any_integer_there_and_back(number in any::<i128>()) {
            let bytes = Micheline::new().int(&number.into()).into_bytes();
            prop_assert_eq!(whole(&bytes, int), Ok(BigInt::from(number)));
        }

        #[test]
        fn any_bytes_decode_to_themselves_or_not_at_all(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
            let bytes = [&[INT][..], &bytes].concat();
            if let Ok(number) = whole(&bytes, int) {
                prop_assert_eq!(Micheline::new().int(&number).into_bytes(), bytes);
            }
        }
    }
}
