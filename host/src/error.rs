//! The PVM's error codes as values.

use std::fmt;

/// What a host function refused, by its code. None of these is the fault of a message: the kernel
/// stops its run and leaves the state as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostError {
    /// −1
    KeyTooLong,
    /// −2
    InvalidKey,
    /// −3
    NoValue,
    /// −4
    BadOffset,
    /// −5
    ValueTooLarge,
    /// −6
    BadAddress,
    /// −7
    IoTooLarge,
    /// −9
    Readonly,
    /// −10
    NoTree,
    /// −11
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
            -1 => HostError::KeyTooLong,
            -2 => HostError::InvalidKey,
            -3 => HostError::NoValue,
            -4 => HostError::BadOffset,
            -5 => HostError::ValueTooLarge,
            -6 => HostError::BadAddress,
            -7 => HostError::IoTooLarge,
            -9 => HostError::Readonly,
            -10 => HostError::NoTree,
            -11 => HostError::OutboxFull,
            other => HostError::Other(other),
        }
    }

    /// The code again; 0 of what is no code.
    fn code(&self) -> i32 {
        match self {
            HostError::KeyTooLong => -1,
            HostError::InvalidKey => -2,
            HostError::NoValue => -3,
            HostError::BadOffset => -4,
            HostError::ValueTooLarge => -5,
            HostError::BadAddress => -6,
            HostError::IoTooLarge => -7,
            HostError::Readonly => -9,
            HostError::NoTree => -10,
            HostError::OutboxFull => -11,
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
