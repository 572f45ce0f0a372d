//! Passwords, and the form in which EIP-2335 has them.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A password as it was typed. Zeroised when dropped; there is no way to format it.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Any text.
    pub fn new(typed: Zeroizing<String>) -> Self {
        Password(typed)
    }

    /// Whether it is the empty password: nothing was typed, or nothing that EIP-2335's form keeps.
    pub fn is_empty(&self) -> bool {
        self.normalised().is_empty()
    }

    /// Whether both were typed the same.
    pub fn is_same(&self, other: &Password) -> bool {
        self.0 == other.0
    }

    /// The bytes as they were typed, which is what Octez takes.
    pub(crate) fn typed(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// EIP-2335's form: compatibility decomposition (NFKD), then without C0, C1 and Delete.
    pub(crate) fn normalised(&self) -> Zeroizing<String> {
        let kept = || self.0.nfkd().filter(|c| !c.is_control());
        // As much room as it takes, so that no copy is left behind when the text grows.
        let mut text = Zeroizing::new(String::with_capacity(kept().map(char::len_utf8).sum()));
        text.extend(kept());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_eip_2335() {
        let typed = "\u{7f}𝔱𝔢𝔰𝔱\t𝔭𝔞𝔰𝔰𝔴𝔬𝔯𝔡\u{85}🔑\n";
        let password = Password::new(Zeroizing::new(typed.to_owned()));
        assert_eq!(*password.normalised(), "testpassword🔑");
        assert_eq!(password.typed(), typed.as_bytes());
    }

    #[test]
    fn what_the_standard_drops_is_no_password() {
        for typed in ["", "\t", "\u{7f}\u{0}\u{1f}\r", "\u{80}\u{85}\u{9f}"] {
            assert!(Password::new(Zeroizing::new(typed.to_owned())).is_empty(), "{typed:?}");
        }
        for typed in [" ", "a\t", "\u{a0}"] {
            assert!(!Password::new(Zeroizing::new(typed.to_owned())).is_empty(), "{typed:?}");
        }
    }
}
