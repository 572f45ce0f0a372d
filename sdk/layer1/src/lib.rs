//! What layer 1 writes and people read: addresses, Michelson, outbox messages. For tools, not for the
//! kernel, which reads only what it needs of them.

#![warn(clippy::missing_errors_doc)]

pub mod address;
pub mod entrypoints;
pub mod fits;
pub mod hashes;
pub mod hex_text;
pub mod json;
pub mod michelson;
pub mod outbox;
pub mod plain;
mod protocol;
pub mod script;
pub mod types;
