//! The pages, a file each, and what several of them show.

pub(crate) mod account;
pub(crate) mod account_csv;
pub(crate) mod account_tickets;
pub(crate) mod accounts;
pub(crate) mod batcher;
pub(crate) mod control;
mod countdown;
pub(crate) mod failure;
mod fields_table;
pub(crate) mod held;
pub(crate) mod kernel;
pub(crate) mod level;
pub(crate) mod levels;
pub(crate) mod message;
mod message_row;
mod next_commitment;
pub(crate) mod overview;
pub(crate) mod search;
mod stages;
pub(crate) mod ticket;
pub(crate) mod tickets;
pub(crate) mod transaction;
pub(crate) mod withdrawals;
