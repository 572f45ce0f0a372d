//! Coordinates as the numbers that they are, below the modulus: what is read, written and compared.

use super::unroll::each;
use crate::backend::FP_BYTES;
use crate::canonical::P;

/// Bits of a word: two limbs. The other bits of its 64 are room for sums.
pub(super) const WORD_BITS: u32 = 56;
/// Words of a number.
pub(super) const WORDS: usize = 7;
/// Those of a word that belong to it and not to the next.
pub(super) const WORD_MASK: i64 = (1 << WORD_BITS) - 1;

/// Bytes of a word. The last word has one byte less, as there are 48.
const WORD_BYTES: usize = 7;

/// The modulus p.
pub(super) const MODULUS: [i64; WORDS] = words(&P);
/// (p − 1) / 2: what is larger has the smaller negative.
const HALF: [i64; WORDS] = {
    let mut half = MODULUS;
    let mut at = 0;
    while at < WORDS {
        let above = if at + 1 < WORDS { MODULUS[at + 1] & 1 } else { 0 };
        half[at] = (MODULUS[at] >> 1) | (above << (WORD_BITS - 1));
        at += 1;
    }
    half
};

/// A number below the modulus, the lowest word first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number(pub(super) [i64; WORDS]);

impl Number {
    /// The number of so many bytes, unless it is not below the modulus.
    pub(super) const fn from_big_endian(bytes: &[u8; FP_BYTES]) -> Option<Number> {
        let words = words(bytes);
        if is_less(&words, &MODULUS) { Some(Number(words)) } else { None }
    }

    /// The number that is written in so many hexadecimal digits: for constants.
    pub(super) const fn from_hex(digits: &str) -> Number {
        let digits = digits.as_bytes();
        let mut bytes = [0; FP_BYTES];
        let mut at = 0;
        while at < digits.len() {
            let digit = match digits[digits.len() - 1 - at] {
                digit @ b'0'..=b'9' => digit - b'0',
                digit @ b'a'..=b'f' => digit - b'a' + 10,
                _ => 0,
            };
            bytes[FP_BYTES - 1 - at / 2] |= digit << (4 * (at % 2));
            at += 1;
        }
        Number(words(&bytes))
    }

    /// The 48 bytes of the number.
    pub(super) const fn big_endian(&self) -> [u8; FP_BYTES] {
        let mut bytes = [0; FP_BYTES];
        let mut at = 0;
        while at < FP_BYTES {
            let word = self.0[at / WORD_BYTES] >> (8 * (at % WORD_BYTES));
            bytes[FP_BYTES - 1 - at] = word.to_le_bytes()[0];
            at += 1;
        }
        bytes
    }

    /// Whether it is larger than its negative: what the sign bit of a compressed point says of y.
    pub(super) const fn is_above_half(&self) -> bool {
        is_less(&HALF, &self.0)
    }

    /// Whether it is odd.
    pub(super) const fn is_odd(&self) -> bool {
        self.0[0] & 1 == 1
    }

    /// Whether it is zero.
    pub(super) fn is_zero(&self) -> bool {
        self.0 == [0; WORDS]
    }
}

/// Bytes as words, whatever their number is. WASM has no operation that turns the bytes of a number around:
/// one byte at a time is less than that in shifts and masks.
const fn words(bytes: &[u8; FP_BYTES]) -> [i64; WORDS] {
    let mut words = [0; WORDS];
    each!(K in 0..7 {
        let end = FP_BYTES - K * WORD_BYTES;
        each!(I in 0..7 {
            // Before the first byte there is none.
            if end > I {
                words[K] |= (bytes[end - 1 - I] as i64) << (8 * I);
            }
        });
    });
    words
}

/// Whether one number is less than another; no word is negative.
pub(super) const fn is_less(one: &[i64; WORDS], other: &[i64; WORDS]) -> bool {
    let mut at = WORDS;
    while at > 0 {
        at -= 1;
        if one[at] != other[at] {
            return one[at] < other[at];
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_last(byte: u8) -> [u8; FP_BYTES] {
        let mut bytes = P;
        bytes[FP_BYTES - 1] = byte;
        bytes
    }

    #[test]
    fn bytes_are_numbers_below_the_modulus_and_nothing_else_is() {
        for last in 0..=u8::MAX {
            let bytes = with_last(last);
            let number = Number::from_big_endian(&bytes);
            assert_eq!(number.is_some(), last < 0xab);
            assert_eq!(number.map_or(bytes, |number| number.big_endian()), bytes);
        }
        assert_eq!(Number::from_big_endian(&[0xff; FP_BYTES]), None);
        assert!(Number::from_big_endian(&[0; FP_BYTES]).is_some_and(|zero| zero.is_zero()));
    }

    #[test]
    fn half_is_where_negatives_begin_to_be_smaller() {
        let half = Number(HALF);
        let mut above = half;
        above.0[0] += 1;
        assert!(!half.is_above_half());
        assert!(above.is_above_half());
        // (p − 1)/2 and (p + 1)/2 add up to p.
        let sum: Vec<i64> = half.0.iter().zip(above.0).map(|(one, other)| one + other).collect();
        let carried = sum.iter().zip(MODULUS).fold(0, |carry, (sum, word)| {
            assert_eq!((sum + carry) & WORD_MASK, word);
            (sum + carry) >> WORD_BITS
        });
        assert_eq!(carried, 0);
    }

    #[test]
    fn hexadecimal_digits_are_read_from_the_right() {
        assert_eq!(Number::from_hex("1f"), Number([31, 0, 0, 0, 0, 0, 0]));
        assert_eq!(Number::from_hex("abcdef0123456789").0[1], 0xab);
    }
}
