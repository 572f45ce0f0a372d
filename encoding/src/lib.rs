//! The nouns of the rollup and their codecs: plain bounded data, no host, no IO.
//!
//! Everything here is total: any bytes decode to a value or to [`Malformed`], which says at which
//! byte and what was expected. Nothing here recurses over its input.

#![warn(clippy::missing_errors_doc)]

mod address;
mod amount;
mod compact;
mod gas;
mod hash;
pub mod limits;
mod micheline;
mod parse;
mod payout;
mod position;
mod ticket;

pub use address::{AddressError, Kt1Address, Layer1Address, RollupAddress, Source, Tz4Address};
pub use amount::{Amount, Counter};
pub use gas::VerificationGas;
pub use hash::{Hash32, blake2b_256};
pub use micheline::{Micheline, prim};
pub use parse::{Expected, Malformed, Parsed, Unexpected, expect, fail, padded, whole};
pub use payout::{Entrypoint, Payment, Payout, payment_parameter};
pub use position::{AccountIndex, Level, MessageId, TicketIndex};
pub use ticket::{Ticket, TicketContent, TicketHash};

/// The binary readers of each noun, for the formats that are made of them.
pub mod read {
    pub use crate::address::{contract_22, kt1_20, tz4_20};
    pub use crate::compact::{amount, short_amount, short_varint, varint, varint_u32};
    pub use crate::micheline::{bytes, int, is_prim, nat_u64, string};
    pub use crate::parse::{be_i64, be_u32, byte, sized, tag, take};
    pub use crate::payout::payment;
    pub use crate::ticket::{ticket_of_any_amount, ticket_string};
}

/// The writers of numbers in few bytes.
pub mod write {
    pub use crate::compact::{write_amount as amount, write_varint as varint};
}
