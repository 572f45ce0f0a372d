//! Names that stand for other keys already: those of the sandbox's accounts, which everybody has.

use keys::Name;

use crate::dev::ACCOUNTS;

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
