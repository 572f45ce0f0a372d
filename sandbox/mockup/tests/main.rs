//! All tests of the simulated layer 1.

mod behaviour;
mod common;
mod conservation;
mod records;
mod vectors;
