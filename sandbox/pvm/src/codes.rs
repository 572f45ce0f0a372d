//! The error codes of the host functions and the limits they enforce.

/// An error code a host function answers with. The discriminants are the ABI's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Code {
    /// The key is longer than [`MAX_KEY_BYTES`].
    KeyTooLong = -1,
    /// The key is not of the form `(/[A-Za-z0-9._-]+)*`.
    InvalidKey = -2,
    /// There is no value at the key.
    NoValue = -3,
    /// The offset lies outside the value.
    BadOffset = -4,
    /// The value would be larger than 2^31 - 1 bytes.
    ValueTooLarge = -5,
    /// The address range is not inside the kernel's memory.
    BadMemory = -6,
    /// More bytes were asked for than one call may move.
    IoTooLarge = -7,
    /// Anything else.
    Other = -8,
    /// The key is the root, `/readonly`, or below `/readonly`.
    Readonly = -9,
    /// There is neither a value nor a subtree at the key.
    NoTree = -10,
    /// The outbox of this level holds [`MAX_OUTBOX_MESSAGES`] already.
    OutboxFull = -11,
    /// The key has no child of this index.
    IndexTooLarge = -12,
    /// `store_create` found a value at the key.
    ValueExists = -13,
    /// The registry of the new durable storage has no such database.
    NdsIndex = -14,
    /// The registry of the new durable storage cannot take that size.
    NdsResize = -15,
    /// The new durable storage is switched off, in a rollup that has one.
    NdsDisabled = -16,
}

impl Code {
    /// The number the kernel sees.
    #[must_use]
    pub const fn value(self) -> i32 {
        self as i32
    }
}

/// The longest key, in bytes.
pub const MAX_KEY_BYTES: usize = 240;

/// The most bytes one `store_read` or `store_write` moves.
pub const MAX_STORE_IO_BYTES: i32 = 2_048;

/// The longest inbox message, outbox message, reveal request and preimage.
pub const MAX_MESSAGE_BYTES: usize = 4_096;

/// [`MAX_MESSAGE_BYTES`] as the ABI's integer.
pub(crate) const MAX_MESSAGE_BYTES_ABI: i32 = 4_096;

/// How many levels after its publication a DAL page can still be revealed: four weeks.
pub const MAX_DAL_IMPORT_LEVELS: i32 = 241_920;

/// The most messages the outbox of one level holds.
pub const MAX_OUTBOX_MESSAGES: usize = 100;

/// The most messages the inbox of one level holds, the protocol's own included.
pub const MAX_INBOX_MESSAGES: usize = 1_000_000;

/// The most calls of `kernel_run` in one level: one, and a thousand reboots.
pub const MAX_RUNS_PER_LEVEL: i32 = 1_001;
