//! What the PVM does, rule by rule, seen from inside of small kernels and in the storage.
//!
//! `docs/conformance.md` has a row for each rule with the test's name here; [`table`] checks that
//! neither lacks what the other has.

mod calls;
mod dal;
mod flow;
mod input;
mod keys;
mod modules;
mod output;
mod reveal;
mod storage;
mod table;
mod ticks;
mod traps;
mod upgrades;
mod versions;
