//! Every limit of the crate, each with its unit.

/// Characters of a key's name.
pub const NAME_CHARACTERS_MAX: usize = 64;

/// Bytes of a key file. Ours have some 900.
pub const KEY_FILE_BYTES_MAX: u64 = 65_536;

/// Bytes of memory that scrypt may ask for when a file is read: 128 n r. Ours ask for 256 MiB.
pub const SCRYPT_BYTES_MAX: u64 = 1 << 30;

/// How often scrypt may go through its memory: its parameter p. Ours do it once.
pub const SCRYPT_PASSES_MAX: u32 = 16;

/// Rounds of PBKDF2 when a file is read. The standard's example has 262,144.
pub const PBKDF2_ROUNDS_MAX: u32 = 16_777_216;

/// Bytes of a salt in a file. Ours have 32.
pub const SALT_BYTES_MAX: usize = 256;
