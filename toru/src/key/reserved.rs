//! Names that stand for other keys already: those of the sandbox's accounts, which everybody has, and
//! addresses.

use keys::{Kind, Name};

use crate::dev::{ACCOUNTS, bootstrap};
use layer1::address::Address;

/// Whether a name looks like an address, a rollup or a key: it would be shown where somebody else is meant.
pub(super) fn is_like_an_address(name: &Name) -> bool {
    let name = name.as_str();
    name.parse::<Address>().is_ok() || Address::mistyped(name).is_some() || Kind::of(name).is_some()
}

/// Whether commands take a name for an account of the sandbox, in whatever case: `dev0` to `dev9` on the rollup, and
/// `bootstrap1` to `bootstrap5` on layer 1.
pub(super) fn is_of_sandboxes(name: &Name) -> bool {
    let name = name.as_str().to_ascii_lowercase();
    let number =
        |word: &str| name.strip_prefix(word).and_then(|number| number.parse::<usize>().ok());
    let accounts = usize::try_from(ACCOUNTS).unwrap_or(usize::MAX);
    number("dev").is_some_and(|number| number < accounts)
        || number("bootstrap").is_some_and(|number| (1..=bootstrap().count()).contains(&number))
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
            ("bootstrap1", true),
            ("Bootstrap5", true),
            ("bootstrap05", true),
            ("bootstrap0", false),
            ("bootstrap6", false),
            ("bootstrap", false),
        ] {
            assert_eq!(is_of_sandboxes(&name.parse().unwrap()), reserved, "{name}");
        }
    }
}
