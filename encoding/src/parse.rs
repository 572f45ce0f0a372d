//! Parsing, on `nom`: one error that knows where it stands and what was expected.

use std::fmt;

use nom::IResult;
use nom::error::{ErrorKind, ParseError};

/// Bytes that are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed at byte {at}: expected {expected}")]
pub struct Malformed {
    /// Offset in bytes from the start of what was decoded.
    pub at: usize,
    /// What should have stood there.
    pub expected: Expected,
}

/// What should have stood somewhere, in words. The kernel tells nobody in words: as WASM it leaves
/// them out, which takes some kilobytes off it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    #[cfg(not(target_arch = "wasm32"))]
    words: &'static str,
}

impl From<&'static str> for Expected {
    #[cfg(not(target_arch = "wasm32"))]
    fn from(words: &'static str) -> Self {
        Self { words }
    }

    #[cfg(target_arch = "wasm32")]
    fn from(_: &'static str) -> Self {
        Self {}
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[cfg(not(target_arch = "wasm32"))]
        return f.write_str(self.words);
        #[cfg(target_arch = "wasm32")]
        return f.write_str("something else");
    }
}

/// The error inside a parser: the rest of the input where it failed, and what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unexpected<'a> {
    rest: &'a [u8],
    expected: Expected,
}

/// What a parser returns: the rest and the value.
pub type Parsed<'a, T> = IResult<&'a [u8], T, Unexpected<'a>>;

impl<'a> ParseError<&'a [u8]> for Unexpected<'a> {
    fn from_error_kind(rest: &'a [u8], kind: ErrorKind) -> Self {
        let expected = match kind {
            ErrorKind::Eof => "more bytes",
            _ => "another value",
        };
        Unexpected { rest, expected: expected.into() }
    }

    fn append(_: &'a [u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// Fails at `rest`, where `expected` should have stood.
///
/// # Errors
/// Always.
pub fn fail<'a, T>(rest: &'a [u8], expected: &'static str) -> Parsed<'a, T> {
    Err(nom::Err::Error(Unexpected { rest, expected: expected.into() }))
}

/// Runs `parser`; whatever goes wrong in it is told as `expected`, at its start.
pub fn expect<'a, T>(
    expected: &'static str,
    mut parser: impl FnMut(&'a [u8]) -> Parsed<'a, T>,
) -> impl FnMut(&'a [u8]) -> Parsed<'a, T> {
    move |input| parser(input).or_else(|_| fail(input, expected))
}

/// Runs `parser` over the whole of `bytes`: what it leaves is malformed.
///
/// # Errors
/// When the bytes are malformed: at which offset, and what was expected there.
pub fn whole<'a, T>(
    bytes: &'a [u8],
    mut parser: impl FnMut(&'a [u8]) -> Parsed<'a, T>,
) -> Result<T, Malformed> {
    // The rest may be that of a list inside `bytes`, so its address tells where it stands.
    let at = |rest: &[u8]| rest.as_ptr().addr().saturating_sub(bytes.as_ptr().addr());
    match parser(bytes) {
        Ok(([], value)) => Ok(value),
        Ok((rest, _)) => Err(Malformed { at: at(rest), expected: "the end".into() }),
        Err(nom::Err::Error(e) | nom::Err::Failure(e)) => {
            Err(Malformed { at: at(e.rest), expected: e.expected })
        }
        // Only streaming parsers ask for more; none is used.
        Err(nom::Err::Incomplete(_)) => {
            Err(Malformed { at: bytes.len(), expected: "more bytes".into() })
        }
    }
}

/// Runs `parser` over `bytes`, which may be padded: what it leaves is zeros, or malformed. Returns how
/// many bytes come before the padding, too.
///
/// # Errors
/// When the bytes are malformed: at which offset, and what was expected there.
pub fn padded<'a, T>(
    bytes: &'a [u8],
    mut parser: impl FnMut(&'a [u8]) -> Parsed<'a, T>,
) -> Result<(T, usize), Malformed> {
    let mut length = 0;
    let value = whole(bytes, |input| {
        let (rest, value) = parser(input)?;
        length = input.len().saturating_sub(rest.len());
        let padding = rest.iter().take_while(|byte| **byte == 0).count();
        Ok((rest.get(padding..).unwrap_or_default(), value))
    })?;
    Ok((value, length))
}

/// `count` bytes.
pub fn take<'a>(count: usize) -> impl FnMut(&'a [u8]) -> Parsed<'a, &'a [u8]> {
    nom::bytes::complete::take(count)
}

/// Exactly these bytes.
pub fn tag<'a>(
    bytes: &'static [u8],
    expected: &'static str,
) -> impl FnMut(&'a [u8]) -> Parsed<'a, &'a [u8]> {
    expect(expected, nom::bytes::complete::tag(bytes))
}

/// One byte.
///
/// # Errors
/// At the end of the input.
pub fn byte(input: &[u8]) -> Parsed<'_, u8> {
    nom::number::complete::u8(input)
}

/// A big-endian `u32`.
///
/// # Errors
/// When the input does not begin with it.
pub fn be_u32(input: &[u8]) -> Parsed<'_, u32> {
    nom::number::complete::be_u32(input)
}

/// A big-endian `i64`.
///
/// # Errors
/// When the input does not begin with it.
pub fn be_i64(input: &[u8]) -> Parsed<'_, i64> {
    nom::number::complete::be_i64(input)
}

/// A `u32` length and as many bytes.
///
/// # Errors
/// When the input does not begin with it.
pub fn sized(input: &[u8]) -> Parsed<'_, &[u8]> {
    let (rest, length) = expect("a u32 length", be_u32)(input)?;
    let Ok(length) = usize::try_from(length) else {
        return fail(input, "a length within the message");
    };
    if length > rest.len() {
        return fail(input, "a length within the message");
    }
    take(length)(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_tells_where_and_what() {
        let two = |input| {
            let (rest, _) = byte(input)?;
            expect("a second byte", byte)(rest)
        };
        assert_eq!(whole(&[1, 2], two), Ok(2));
        assert_eq!(whole(&[1], two), Err(Malformed { at: 1, expected: "a second byte".into() }));
        assert_eq!(whole(&[1, 2, 3], two), Err(Malformed { at: 2, expected: "the end".into() }));
    }

    #[test]
    fn a_length_beyond_the_end_is_malformed() {
        assert_eq!(whole(&[0, 0, 0, 1, 9], sized), Ok(&[9][..]));
        for bytes in [&[0, 0, 0, 2, 9][..], &[255, 255, 255, 255], &[0, 0, 0]] {
            assert!(whole(bytes, sized).is_err(), "{bytes:?}");
        }
    }
}
