//! Keys of the durable storage: their grammar, and which of them a kernel may not write.

use super::name::Steps;
use crate::codes::{Code, MAX_KEY_BYTES};
use thiserror::Error;

/// Why a path is not a key of the durable storage.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PathError {
    /// Longer than a key may be.
    #[error("the path is {length} bytes long, at most {MAX_KEY_BYTES} are allowed")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// Not of the form of a key.
    #[error("{path:?} is no path: each step is '/' and then letters, digits, '.', '_' or '-'")]
    Malformed {
        /// The path as given.
        path: String,
    },
}

/// A checked key: its text, of ASCII characters, starts with `/`, unless it is the root, which is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key<'a> {
    text: &'a [u8],
}

impl Key<'static> {
    /// What everything lies below.
    pub(crate) const ROOT: Self = Self::known("");

    /// A key of the PVM's own, known to be good.
    pub(crate) const fn known(text: &'static str) -> Self {
        Self { text: text.as_bytes() }
    }
}

impl<'a> Key<'a> {
    /// Checks a key the kernel passed.
    pub(crate) fn from_bytes(bytes: &'a [u8]) -> Result<Self, Code> {
        if bytes.len() > MAX_KEY_BYTES {
            return Err(Code::KeyTooLong);
        }
        if is_well_formed(bytes) { Ok(Self { text: bytes }) } else { Err(Code::InvalidKey) }
    }

    /// Checks a path a tool passed.
    pub(crate) fn from_path(path: &'a str) -> Result<Self, PathError> {
        Self::from_bytes(path.as_bytes()).map_err(|code| match code {
            Code::KeyTooLong => PathError::TooLong { length: path.len() },
            _ => PathError::Malformed { path: path.to_owned() },
        })
    }

    /// The names on the way from the root.
    pub(super) fn steps(self) -> Steps<'a> {
        Steps::new(self.text)
    }

    /// Whether a kernel may not write here. The root counts, for what lies below it does.
    pub(crate) fn is_readonly(self) -> bool {
        match self.text.strip_prefix(b"/readonly") {
            Some(rest) => matches!(rest, [] | [b'/', ..]),
            None => self.text.is_empty(),
        }
    }

    /// The error of writing here, if any.
    pub(crate) fn check_writable(self) -> Result<(), Code> {
        if self.is_readonly() { Err(Code::Readonly) } else { Ok(()) }
    }
}

/// What a byte may be in a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Byte {
    /// Part of a name.
    Name,
    /// What stands before a name.
    Slash,
    /// No part of any key.
    Other,
}

/// What each byte may be. Keys are checked at every host call, and a look-up is faster than comparisons.
static BYTES: [Byte; 256] = {
    let mut bytes = [Byte::Other; 256];
    let names = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-";
    let mut at = 0;
    while at < names.len() {
        bytes[names[at] as usize] = Byte::Name;
        at += 1;
    }
    bytes[b'/' as usize] = Byte::Slash;
    bytes
};

/// Whether bytes have the form of a key, of whatever length.
pub(super) fn is_well_formed(text: &[u8]) -> bool {
    // Before the first slash stands nothing, and behind each a name.
    let mut last = Byte::Name;
    let mut is_good = text.first().is_none_or(|first| *first == b'/');
    for &byte in text {
        let now = BYTES[usize::from(byte)];
        is_good &= now == Byte::Name || (now == Byte::Slash && last == Byte::Name);
        last = now;
    }
    is_good && last == Byte::Name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grammar() {
        for good in ["", "/a", "/a/b", "/readonly.x", "/A-z_0.9", "/..", "/readonly/x"] {
            assert!(Key::from_bytes(good.as_bytes()).is_ok(), "{good}");
        }
        for bad in ["a", "/", "//", "//a", "/a/", "/a//b", "/a@b", "/é", "/a b", "a/b", "/a\0"] {
            assert_eq!(Key::from_bytes(bad.as_bytes()), Err(Code::InvalidKey), "{bad}");
        }
        assert_eq!(Key::from_bytes(b"/\xff"), Err(Code::InvalidKey));
    }

    #[test]
    fn length_is_checked_before_the_grammar() {
        let longest = format!("/{}", "a".repeat(MAX_KEY_BYTES - 1));
        assert!(Key::from_bytes(longest.as_bytes()).is_ok());
        assert_eq!(Key::from_bytes(format!("{longest}a").as_bytes()), Err(Code::KeyTooLong));
        assert_eq!(Key::from_bytes(&[b'!'; 241]), Err(Code::KeyTooLong));
    }

    #[test]
    fn readonly_is_the_root_and_one_subtree() {
        let readonly = |text: &str| Key::from_path(text).map(Key::is_readonly);
        for text in ["", "/readonly", "/readonly/hi"] {
            assert_eq!(readonly(text), Ok(true), "{text:?}");
        }
        for text in ["/hi", "/readonly.actually.writeable", "/a/readonly", "/readonlyx"] {
            assert_eq!(readonly(text), Ok(false), "{text:?}");
        }
    }

    #[test]
    fn path_errors_carry_what_was_wrong() {
        assert_eq!(Key::from_path("a"), Err(PathError::Malformed { path: "a".to_owned() }));
        assert_eq!(Key::from_path(&"/a".repeat(121)), Err(PathError::TooLong { length: 242 }));
    }
}
