//! What layer 1 and batchers write into the inbox, decoded; and the same, encoded, for clients.
//!
//! [`envelope`] tells what a message is and whose; [`deposit`] reads what a contract sent along
//! with a call; [`v1`] and [`v2`] read batches, [`reclaim`] what asks for a held deposit, [`upgrade`] what
//! brings a new kernel. Each is total: any bytes have an answer.

#![warn(clippy::missing_errors_doc)]

pub mod deposit;
pub mod envelope;
pub mod reclaim;
pub mod upgrade;
pub mod v1;
pub mod v2;

pub use envelope::{Envelope, MessageKind, envelope};
