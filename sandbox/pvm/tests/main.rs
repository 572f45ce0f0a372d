//! The PVM from outside: one binary of all files beside this one.

mod common;
mod conformance;
mod counting;
mod levels;
mod limits;
mod native;
mod profile;
mod reference;
mod rules;
mod saved;
