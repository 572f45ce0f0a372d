//! The PVM's error codes as values.

use std::fmt;

use crate::code;

/// What a host function refused, by its code. None of these is the fault of a message: the kernel
/// stops its run and leaves the state as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostError {
    /// [`code::KEY_TOO_LONG`]
    KeyTooLong,
    /// [`code::INVALID_KEY`]
    InvalidKey,
    /// [`code::NO_VALUE`]
    NoValue,
    /// [`code::BAD_OFFSET`]
    BadOffset,
    /// [`code::VALUE_TOO_LARGE`]
    ValueTooLarge,
    /// [`code::BAD_ADDRESS`]
    BadAddress,
    /// [`code::IO_TOO_LARGE`]
    IoTooLarge,
    /// [`code::READONLY`]
    Readonly,
    /// [`code::NO_TREE`]
    NoTree,
    /// [`code::OUTBOX_FULL`]
    OutboxFull,
    /// A code that none of our calls should get.
    Other(i32),
    /// A value of ours that is not what the layout says: its path.
    Corrupt(&'static str),
}

impl HostError {
    /// The error of a negative code.
    pub(crate) fn from_code(code: i32) -> Self {
        match code {
            code::KEY_TOO_LONG => HostError::KeyTooLong,
            code::INVALID_KEY => HostError::InvalidKey,
            code::NO_VALUE => HostError::NoValue,
            code::BAD_OFFSET => HostError::BadOffset,
            code::VALUE_TOO_LARGE => HostError::ValueTooLarge,
            code::BAD_ADDRESS => HostError::BadAddress,
            code::IO_TOO_LARGE => HostError::IoTooLarge,
            code::READONLY => HostError::Readonly,
            code::NO_TREE => HostError::NoTree,
            code::OUTBOX_FULL => HostError::OutboxFull,
            other => HostError::Other(other),
        }
    }

    /// The code again; 0 of what is no code.
    fn code(&self) -> i32 {
        match self {
            HostError::KeyTooLong => code::KEY_TOO_LONG,
            HostError::InvalidKey => code::INVALID_KEY,
            HostError::NoValue => code::NO_VALUE,
            HostError::BadOffset => code::BAD_OFFSET,
            HostError::ValueTooLarge => code::VALUE_TOO_LARGE,
            HostError::BadAddress => code::BAD_ADDRESS,
            HostError::IoTooLarge => code::IO_TOO_LARGE,
            HostError::Readonly => code::READONLY,
            HostError::NoTree => code::NO_TREE,
            HostError::OutboxFull => code::OUTBOX_FULL,
            HostError::Other(code) => *code,
            HostError::Corrupt(_) => 0,
        }
    }

    /// The error in words. The kernel as WASM logs numbers, which takes a kilobyte off it.
    #[cfg(not(target_arch = "wasm32"))]
    fn words(&self) -> &'static str {
        match self {
            HostError::KeyTooLong => "key too long",
            HostError::InvalidKey => "invalid key",
            HostError::NoValue => "no value at the key",
            HostError::BadOffset => "offset beyond the value",
            HostError::ValueTooLarge => "value too large",
            HostError::BadAddress => "bad memory address",
            HostError::IoTooLarge => "input or output too large",
            HostError::Readonly => "the key is read-only",
            HostError::NoTree => "no tree at the key",
            HostError::OutboxFull => "the outbox of this level is full",
            HostError::Other(_) => "a code that no call of ours should get",
            HostError::Corrupt(_) => "a value in durable storage is not what its layout says",
        }
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[cfg(not(target_arch = "wasm32"))]
        write!(f, "{}: ", self.words())?;
        match self {
            HostError::Corrupt(path) => f.write_str(path),
            other => write!(f, "host code {}", other.code()),
        }
    }
}

impl std::error::Error for HostError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_there_and_back() {
        for code in -20..0 {
            assert_eq!(HostError::from_code(code).code(), code);
        }
    }
}
