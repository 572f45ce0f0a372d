//! Hex that people wrote: bad digits are refused with where they are.

/// Why a text is not hex.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HexError {
    /// Starts with `0x`.
    #[error("expected hex without 0x")]
    Prefixed,
    /// A character that is no hex digit; the place counts from 1.
    #[error("expected hex digits, found {found:?} at character {position}")]
    Digit {
        /// The character.
        found: char,
        /// Where.
        position: usize,
    },
    /// Half a byte is missing.
    #[error("expected an even number of hex digits, found {0}")]
    Odd(usize),
}

/// Reads hex digits, of either case, nothing else.
///
/// # Errors
/// With a prefix, with another character, and with half a byte.
pub fn decode(text: &str) -> Result<Vec<u8>, HexError> {
    if text.starts_with("0x") || text.starts_with("0X") {
        return Err(HexError::Prefixed);
    }
    match text.chars().enumerate().find(|(_, c)| !c.is_ascii_hexdigit()) {
        Some((i, found)) => Err(HexError::Digit { found, position: i + 1 }),
        None => hex::decode(text).map_err(|_| HexError::Odd(text.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_or_a_reason() {
        assert_eq!(decode(""), Ok(vec![]));
        assert_eq!(decode("00fF"), Ok(vec![0, 255]));
        assert_eq!(decode("0x00"), Err(HexError::Prefixed));
        assert_eq!(decode("00 11"), Err(HexError::Digit { found: ' ', position: 3 }));
        assert_eq!(decode("é"), Err(HexError::Digit { found: 'é', position: 1 }));
        assert_eq!(decode("abc"), Err(HexError::Odd(3)));
    }
}
