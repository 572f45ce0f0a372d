//! The thread that owns everything that is pending.

pub(crate) mod command;
