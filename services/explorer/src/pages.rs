//! The pages, a file each.

pub(crate) mod batcher;
pub(crate) mod control;
pub(crate) mod failure;
pub(crate) mod level;
pub(crate) mod levels;
pub(crate) mod message_row;
pub(crate) mod overview;
