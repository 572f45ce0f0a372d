//! The mempool under random schedules: lost and wrong signatures, refusals, lost messages, reorganisations, restarts, and
//! people who go past the batcher.

mod chain;
mod forged;
mod limits;
mod order;
mod packing;
mod rounds;
mod schedules;
mod signatures;
mod unsealed;
mod vanishing;
mod world;
