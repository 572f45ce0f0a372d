//! What a ticket's name may be, and which names people take for one another.

use crate::limits::MAX_SYMBOL_CHARS;

/// Whether a name can be written in a command, and taken for nothing else.
#[must_use]
pub fn is_word(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-$+".contains(c);
    (1..=MAX_SYMBOL_CHARS).contains(&text.chars().count())
        && text.chars().all(plain)
        && !text.starts_with("KT1")
}

/// Whether two names are the same to the eye: letters of either case, `0` and `O`, `1`, `l` and `I`. Names
/// are ASCII words, so that no other letters look alike.
#[must_use]
pub fn looks_like(one: &str, other: &str) -> bool {
    let shape = |c: char| match c.to_ascii_lowercase() {
        '0' => 'o',
        '1' | 'i' => 'l',
        other => other,
    };
    one.chars().map(shape).eq(other.chars().map(shape))
}
