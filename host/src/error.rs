//! The PVM's error codes as values.

/// What a host function refused, by its code. None of these is the fault of a message: the kernel
/// stops its run and leaves the state as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// −1
    #[error("host: key too long")]
    KeyTooLong,
    /// −2
    #[error("host: invalid key")]
    InvalidKey,
    /// −3
    #[error("host: no value at the key")]
    NoValue,
    /// −4
    #[error("host: offset beyond the value")]
    BadOffset,
    /// −5
    #[error("host: value too large")]
    ValueTooLarge,
    /// −6
    #[error("host: bad memory address")]
    BadAddress,
    /// −7
    #[error("host: input or output too large")]
    IoTooLarge,
    /// −9
    #[error("host: the key is read-only")]
    Readonly,
    /// −10
    #[error("host: no tree at the key")]
    NoTree,
    /// −11
    #[error("host: the outbox of this level is full")]
    OutboxFull,
    /// A code that none of our calls should get.
    #[error("host: error code {0}")]
    Other(i32),
    /// A value of ours that is not what the layout says: its path.
    #[error("durable storage: the value at {0} is not what its layout says")]
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
}
