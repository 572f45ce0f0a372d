//! Names of keys. A name is part of a file's name, so that nothing in it can lead elsewhere.

use std::fmt;
use std::str::FromStr;

use crate::limits::NAME_CHARACTERS_MAX;

/// A name: a letter, then letters, digits, `_` or `-`, of ASCII, at most 64 in all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(String);

/// A text that is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a name (expected a letter, then letters, digits, '_' or '-', at most {NAME_CHARACTERS_MAX} in all)"
)]
pub struct NameError;

impl Name {
    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let first = text.starts_with(|c: char| c.is_ascii_alphabetic());
        let rest = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        match first && rest && text.len() <= NAME_CHARACTERS_MAX {
            true => Ok(Name(text.to_owned())),
            false => Err(NameError),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_others() {
        let long = "a".repeat(NAME_CHARACTERS_MAX);
        for name in ["a", "Alice", "bob-2_x", &long] {
            assert_eq!(name.parse::<Name>().unwrap().as_str(), name);
        }
        let longer = "a".repeat(NAME_CHARACTERS_MAX + 1);
        for text in
            ["", "2a", "-a", ".", "..", "a/b", "../a", "a\\b", "a.json", "a b", "a\0", "é", &longer]
        {
            assert_eq!(text.parse::<Name>(), Err(NameError), "{text:?}");
        }
    }
}
