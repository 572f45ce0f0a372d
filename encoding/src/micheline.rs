//! The little of Micheline that deposits and outbox messages are made of.
//!
//! Readers take one node each and never recurse. Integers and lengths are accepted in their one
//! canonical form only.

use num_bigint::{BigInt, Sign};

use crate::parse::{Parsed, expect, fail, sized, tag, take};

const INT: u8 = 0x00;
const STRING: u8 = 0x01;
const BYTES: u8 = 0x0a;

/// A digit of an integer with this bit is not the last.
const MORE: u8 = 0x80;
/// The first digit of a negative integer has this bit.
const MINUS: u8 = 0x40;
/// Bits: what the first digit has, beside the sign, and each other. The lowest digit comes first.
const FIRST_DIGIT_BITS: u32 = 6;
const DIGIT_BITS: u32 = 7;

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
///
/// # Errors
/// When the input does not begin with it.
pub fn string(input: &[u8]) -> Parsed<'_, &[u8]> {
    let (rest, _) = tag(&[STRING], "a string")(input)?;
    sized(rest)
}

/// A bytes node's bytes.
///
/// # Errors
/// When the input does not begin with it.
pub fn bytes(input: &[u8]) -> Parsed<'_, &[u8]> {
    let (rest, _) = tag(&[BYTES], "bytes")(input)?;
    sized(rest)
}

/// An integer node, of any size, minimally encoded.
///
/// # Errors
/// When the input does not begin with it.
pub fn int(input: &[u8]) -> Parsed<'_, BigInt> {
    let (body, _) = tag(&[INT], "an integer")(input)?;
    let Some(last) = body.iter().position(|byte| byte & MORE == 0) else {
        return fail(body, "the last byte of an integer");
    };
    let (rest, digits) = expect("an integer", take(last + 1))(body)?;
    // One number has one form: no zeros after the last digit, no negative zero.
    if digits == [MINUS] || (last > 0 && digits[last] == 0) {
        return fail(input, "a minimally encoded integer");
    }
    let sign = if digits[0] & MINUS == 0 { Sign::Plus } else { Sign::Minus };
    let mut bytes = Vec::with_capacity(digits.len());
    let (mut value, mut bits, mut digit_bits) = (0u16, 0, FIRST_DIGIT_BITS);
    for digit in digits {
        value |= u16::from(digit & low(digit_bits)) << bits;
        bits += digit_bits;
        digit_bits = DIGIT_BITS;
        if bits >= u8::BITS {
            bytes.push(value.to_le_bytes()[0]);
            value >>= u8::BITS;
            bits -= u8::BITS;
        }
    }
    bytes.push(value.to_le_bytes()[0]);
    Ok((rest, BigInt::from_bytes_le(sign, &bytes)))
}

/// So many bits.
fn low(bits: u32) -> u8 {
    u8::MAX >> (u8::BITS - bits)
}

/// An integer node from 0 to 2^64 − 1.
///
/// # Errors
/// When the input does not begin with it.
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
        let (sign, bytes) = number.to_bytes_le();
        let minus = if sign == Sign::Minus { MINUS } else { 0 };
        let (mut value, mut bits, mut digit_bits) = (0u16, 0, FIRST_DIGIT_BITS);
        let mut digits = Vec::with_capacity(bytes.len() + 2);
        for byte in bytes {
            value |= u16::from(byte) << bits;
            bits += u8::BITS;
            while bits >= digit_bits {
                digits.push(value.to_le_bytes()[0] & low(digit_bits) | MORE);
                value >>= digit_bits;
                bits -= digit_bits;
                digit_bits = DIGIT_BITS;
            }
        }
        digits.push(value.to_le_bytes()[0]);
        let last = digits.iter().rposition(|digit| digit & !MORE != 0).unwrap_or(0);
        digits.truncate(last + 1);
        digits[0] |= minus;
        digits[last] &= !MORE;
        self.0.extend_from_slice(&digits);
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
    use tezos_data_encoding::enc::BinWriter;
    use tezos_data_encoding::types::Zarith;

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
        fn integers_are_those_of_the_library(digits in proptest::collection::vec(any::<u8>(), 1..40), minus: bool) {
            let sign = if minus { Sign::Minus } else { Sign::Plus };
            let number = BigInt::from_bytes_le(sign, &digits);
            let mut theirs = vec![INT];
            prop_assert!(Zarith(number.clone()).bin_write(&mut theirs).is_ok());
            prop_assert_eq!(Micheline::new().int(&number).into_bytes(), theirs.clone());
            prop_assert_eq!(whole(&theirs, int), Ok(number));
        }

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
