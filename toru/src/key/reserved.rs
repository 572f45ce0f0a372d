//! Names that stand for other keys already: those of the sandbox's accounts, which everybody has, and
//! addresses.

use keys::{Kind, Name};

use crate::dev::ACCOUNTS;
use layer1::address::Address;

/// Whether a name looks like an address, a rollup or a key: it would be shown where somebody else is meant.
pub(super) fn is_like_an_address(name: &Name) -> bool {
    let name = name.as_str();
    name.parse::<Address>().is_ok() || Address::mistyped(name).is_some() || Kind::of(name).is_some()
}

/// Whether commands take a name for an account of the sandbox, in whatever case: `dev0` to `dev9`.
pub(super) fn is_of_sandboxes(name: &Name) -> bool {
    let name = name.as_str().to_ascii_lowercase();
    let number = name.strip_prefix("dev").and_then(|number| number.parse::<u32>().ok());
    number.is_some_and(|number| number < ACCOUNTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_like_something_else() {
        for (name, like) in [
            ("tz4Br16zXvddzJGoByAAHBRu4wVNpFm7HSLi", true),
            ("tz4Br16zXvddzJGoByAAHBRu4wVNpFm7HSLj", true),
            ("tz1XQjK1b3P72kMcHsoPhnAg3dvX1n8Ainty", true),
            ("KT1UuCZfusSPmKYDZ9EiP3dafh3QzPDV8tZF", true),
            ("alice", false),
            ("tzedek", false),
            ("BLAKE", false),
        ] {
            assert_eq!(is_like_an_address(&name.parse().unwrap()), like, "{name}");
        }
    }

    #[test]
    fn accounts_of_the_sandbox_in_any_spelling() {
        for (name, reserved) in [
            ("dev0", true),
            ("dev9", true),
            ("DEV5", true),
            ("Dev07", true),
            ("dev10", false),
            ("dev", false),
            ("dev-1", false),
            ("dev1a", false),
            ("adev1", false),
        ] {
            assert_eq!(is_of_sandboxes(&name.parse().unwrap()), reserved, "{name}");
        }
    }
}
