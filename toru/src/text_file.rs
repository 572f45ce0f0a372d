//! Texts that people wrote with whatever editor: a byte order mark before one is dropped, and UTF-16 is
//! called by its name.

/// What some editors put before a text.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Why bytes are no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Another encoding of Unicode, by its mark.
    #[error("the text is UTF-16 (expected UTF-8: save it as that)")]
    Utf16,
    /// Something else.
    #[error("expected UTF-8 text")]
    NotUtf8,
}

/// The bytes of a text without the mark before it, if there is one.
///
/// # Errors
/// When the mark is that of UTF-16.
pub fn without_mark(bytes: &[u8]) -> Result<&[u8], TextError> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(TextError::Utf16);
    }
    Ok(bytes.strip_prefix(MARK).unwrap_or(bytes))
}

/// The text that bytes are, without the mark before it.
///
/// # Errors
/// When they are not UTF-8 text.
pub fn text(bytes: &[u8]) -> Result<&str, TextError> {
    std::str::from_utf8(without_mark(bytes)?).map_err(|_| TextError::NotUtf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_dropped_or_named() {
        assert_eq!(text(b"a"), Ok("a"));
        assert_eq!(text(b"\xef\xbb\xbfa"), Ok("a"));
        // One is a mark, a second one a character.
        assert_eq!(text(b"\xef\xbb\xbf\xef\xbb\xbf"), Ok("\u{feff}"));
        assert_eq!(text(b""), Ok(""));
        assert_eq!(text(b"\xff\xfea\0"), Err(TextError::Utf16));
        assert_eq!(text(b"\xfe\xff\0a"), Err(TextError::Utf16));
        assert_eq!(text(b"\xffa"), Err(TextError::NotUtf8));
        assert_eq!(without_mark(b"\xef\xbb\xbf\xff"), Ok(&b"\xff"[..]));
    }
}
