//! Michelson as text and as bytes: what inputs files write, what the outbox holds.
//!
//! Untyped, like the debugger whose inputs files we read: `Pair a b c` stays a primitive with
//! three arguments and a quoted address stays a string. Macros are not expanded.

mod binary;
mod decode;
mod lexer;
mod parser;
mod prim;
mod print;

use num_bigint::BigInt;

pub use binary::encode;

pub use decode::{DecodeError, decode, decode_prefix};
pub(crate) use lexer::{INT_DIGITS_MAX, is_annot};
pub use lexer::{ParseError, Position};
pub use parser::{parse, section};
pub use prim::Prim;
pub use print::{readable, text};

/// How deeply an expression may nest, in text and in bytes alike. Reading is recursive, and this
/// is far below what a thread's stack holds and far above what a 4,096-byte message can mean.
pub const DEPTH_MAX: usize = 1_000;

/// An untyped Michelson expression (Micheline).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A whole number of any size.
    Int(BigInt),
    /// A string of printable ASCII and newlines.
    String(String),
    /// Bytes, written `0x…`.
    Bytes(Vec<u8>),
    /// A primitive applied to arguments.
    Prim {
        /// Which primitive.
        prim: Prim,
        /// What it is applied to, in order.
        args: Vec<Node>,
        /// Annotations with their sigils, such as `%entrypoint`.
        annots: Vec<String>,
    },
    /// A sequence, written `{ a ; b }`.
    Seq(Vec<Node>),
}

/// Whether Michelson can write this character in a string. Anything else has no escape, and
/// printed raw could steer a terminal.
pub(crate) fn is_string_char(c: char) -> bool {
    matches!(c, ' '..='~' | '\n' | '\t' | '\r' | '\u{8}')
}

#[cfg(test)]
mod tests;
