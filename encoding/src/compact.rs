//! Numbers in few bytes: varints, and amounts as short decimal floats with an exact escape.
//!
//! Each number has one form only; every other one is malformed.

use crate::Amount;
use crate::parse::{Parsed, byte, expect, fail};

const MORE: u8 = 0x80;
/// Bits of a varint byte that are the number's.
const VARINT_BITS: u32 = 7;

/// A short amount is 16 bits: 11 of mantissa, 5 of a power of ten.
const MANTISSA_LIMIT: u64 = 1 << 11;
const EXPONENT_BITS: u32 = 5;
/// The power of ten that says that a varint follows.
const EXACT: u16 = 31;
/// The greatest power of ten with which all mantissas fit 64 bits.
const SURELY_FITS: u16 = 15;
const _: () = assert!((MANTISSA_LIMIT - 1).checked_mul(POWERS[SURELY_FITS as usize]).is_some());
/// The powers of ten of 64 bits.
const POWERS: [u64; 20] = {
    let mut powers = [1; 20];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// An unsigned number of up to 64 bits, seven bits a byte, the lowest first; the last byte is not
/// zero unless it is the only one.
///
/// # Errors
/// When the input does not begin with it.
pub fn varint(input: &[u8]) -> Parsed<'_, u64> {
    const WHAT: &str = "a varint of at most 64 bits in its shortest form";
    if let Some((value, rest)) = short_varint(input) {
        return Ok((rest, value.into()));
    }
    let bits = |byte: u8| u64::from(byte & !MORE);
    let mut value = 0u64;
    let mut shift = 0;
    for (at, byte) in input.iter().enumerate() {
        let bits = bits(*byte);
        // The tenth byte has room for one bit.
        if shift > 63 || (shift == 63 && bits > 1) {
            return fail(input, WHAT);
        }
        value |= bits << shift;
        if byte & MORE == 0 {
            let shortest = at == 0 || *byte != 0;
            return match input.get(at + 1..) {
                Some(rest) if shortest => Ok((rest, value)),
                _ => fail(input, WHAT),
            };
        }
        shift += VARINT_BITS;
    }
    fail(input, WHAT)
}

/// A varint of at most three bytes, with what follows it. Most are so short, and there are many.
#[inline(always)]
pub fn short_varint(input: &[u8]) -> Option<(u32, &[u8])> {
    let bits = |byte: u8| u32::from(byte & !MORE);
    let is_last = |byte: u8| byte & MORE == 0;
    match *input {
        [a, ref rest @ ..] if is_last(a) => Some((bits(a), rest)),
        [a, b, ref rest @ ..] if is_last(b) => {
            (b != 0).then_some((bits(a) | bits(b) << VARINT_BITS, rest))
        }
        [a, b, c, ref rest @ ..] if is_last(c) && c != 0 => {
            let low = bits(a) | bits(b) << VARINT_BITS;
            Some((low | bits(c) << (2 * VARINT_BITS), rest))
        }
        _ => None,
    }
}

/// A varint of at most 32 bits.
///
/// # Errors
/// When the input does not begin with it.
pub fn varint_u32(input: &[u8]) -> Parsed<'_, u32> {
    if let Some((value, rest)) = short_varint(input) {
        return Ok((rest, value));
    }
    let (rest, value) = varint(input)?;
    match u32::try_from(value) {
        Ok(value) => Ok((rest, value)),
        Err(_) => fail(input, "a number below 2^32"),
    }
}

/// Appends a varint.
pub fn write_varint(mut value: u64, out: &mut Vec<u8>) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= VARINT_BITS;
        if value == 0 {
            return out.push(low);
        }
        out.push(low | MORE);
    }
}

/// An amount: 16 bits, big-endian, `mantissa · 10^exponent`; or the exponent 31, mantissa 0, and
/// the amount as a varint, where it has no such form. The mantissa does not end in the digit 0.
///
/// # Errors
/// When the input does not begin with it.
pub fn amount(input: &[u8]) -> Parsed<'_, Amount> {
    const WHAT: &str = "an amount in its shortest form";
    if let Some((amount, rest)) = short_amount(input) {
        return Ok((rest, amount));
    }
    let (rest, high) = expect(WHAT, byte)(input)?;
    let (rest, low) = expect(WHAT, byte)(rest)?;
    if u16::from_be_bytes([high, low]) != EXACT {
        return fail(input, WHAT);
    }
    let (after, exact) = varint(rest)?;
    match shorten(exact) {
        None => Ok((after, Amount::new(exact))),
        Some(_) => fail(input, WHAT),
    }
}

/// An amount in its short form, with what follows it.
#[inline(always)]
pub fn short_amount(input: &[u8]) -> Option<(Amount, &[u8])> {
    let (short, rest) = input.split_first_chunk()?;
    let short = u16::from_be_bytes(*short);
    let (mantissa, exponent) =
        (u64::from(short >> EXPONENT_BITS), short & ((1 << EXPONENT_BITS) - 1));
    let power = *POWERS.get(usize::from(exponent))?;
    let value = match exponent {
        // No product with a mantissa of 11 bits overflows. In WASM it takes a call to find that out.
        0..=SURELY_FITS => mantissa.wrapping_mul(power),
        _ => mantissa.checked_mul(power)?,
    };
    let canonical = match mantissa {
        0 => exponent == 0,
        _ => !mantissa.is_multiple_of(10),
    };
    canonical.then_some((Amount::new(value), rest))
}

/// Appends an amount in its one form.
pub fn write_amount(amount: Amount, out: &mut Vec<u8>) {
    match shorten(amount.get()) {
        Some(short) => out.extend_from_slice(&short.to_be_bytes()),
        None => {
            out.extend_from_slice(&EXACT.to_be_bytes());
            write_varint(amount.get(), out);
        }
    }
}

/// The 16 bits of an amount that has such a form.
fn shorten(amount: u64) -> Option<u16> {
    let (mut mantissa, mut exponent) = (amount, 0u16);
    while mantissa != 0 && mantissa.is_multiple_of(10) {
        mantissa /= 10;
        exponent += 1;
    }
    let mantissa = u16::try_from(mantissa).ok().filter(|m| u64::from(*m) < MANTISSA_LIMIT)?;
    Some(mantissa << EXPONENT_BITS | exponent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::whole;
    use proptest::prelude::*;

    fn varint_bytes(value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        write_varint(value, &mut out);
        out
    }

    fn amount_bytes(value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        write_amount(Amount::new(value), &mut out);
        out
    }

    #[test]
    fn golden_bytes() {
        for (value, hex) in [
            (0, "00"),
            (127, "7f"),
            (128, "8001"),
            (1 << 20, "808040"),
            (u64::MAX, "ffffffffffffffffff01"),
        ] {
            assert_eq!(hex::encode(varint_bytes(value)), hex);
        }
        for (value, hex) in [
            (0, "0000"),
            (1, "0020"),
            (10, "0021"),
            (2_047, "ffe0"),
            (2_048, "001f8010"),
            (12_500_000, "0fa5"),
            (20_480, "001f80a001"),
            (10_000_000_000_000_000_000, "0033"),
            (u64::MAX, "001fffffffffffffffffff01"),
        ] {
            assert_eq!(hex::encode(amount_bytes(value)), hex, "{value}");
        }
    }

    #[test]
    fn every_other_form_is_malformed() {
        for hex in ["", "80", "8000", "ff00", "ffffffffffffffffff02", "ffffffffffffffffffff01"] {
            let bytes = hex::decode(hex).unwrap_or_default();
            assert!(whole(&bytes, varint).is_err(), "{hex}");
        }
        assert!(whole(&varint_bytes(1 << 32), varint_u32).is_err());
        // A power of zero, a mantissa that ends in 0, a power beyond the last, beyond 2^64, an
        // exact amount that has a short form, one with a mantissa, half an amount.
        for hex in ["0001", "0140", "0034", "0053", "001f07", "003f8010", "00", ""] {
            let bytes = hex::decode(hex).unwrap_or_default();
            assert!(whole(&bytes, amount).is_err(), "{hex}");
        }
    }

    proptest! {
        #[test]
        fn any_number_there_and_back(value in any::<u64>(), shift in 0u32..64, tens in 0u32..20) {
            let small = value >> shift;
            let round = 10u64.checked_pow(tens).and_then(|p| (small % 3_000).checked_mul(p));
            for value in [value, small, round.unwrap_or(0)] {
                prop_assert_eq!(whole(&varint_bytes(value), varint), Ok(value));
                prop_assert_eq!(whole(&amount_bytes(value), amount), Ok(Amount::new(value)));
            }
        }

        #[test]
        fn any_bytes_decode_to_themselves_or_not_at_all(
            bytes in proptest::collection::vec(any::<u8>(), 0..12),
            exact in any::<bool>(),
        ) {
            if let Ok(value) = whole(&bytes, varint) {
                prop_assert_eq!(&varint_bytes(value), &bytes);
            }
            let bytes = if exact { [&[0, 31][..], &bytes].concat() } else { bytes };
            if let Ok(value) = whole(&bytes, amount) {
                prop_assert_eq!(amount_bytes(value.get()), bytes);
            }
        }
    }
}
