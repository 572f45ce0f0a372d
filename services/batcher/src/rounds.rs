//! Rounds: which transactions share a batch, who signs it, and when it is sealed. Time is given from outside.

mod batch;
mod cooldown;
mod given;
pub(crate) mod proof;
pub(crate) mod seal;
mod size;

pub(crate) use batch::{OpenBatch, Progress, Signing};
pub(crate) use cooldown::Cooldowns;
pub(crate) use given::{Given, GivenSignatures, Taken};
pub(crate) use size::{Form, Size};
