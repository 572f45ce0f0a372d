//! What a target is.

/// A target: takes any bytes, panics if something is wrong, and says what they came to.
pub type Target = fn(&[u8]) -> String;
