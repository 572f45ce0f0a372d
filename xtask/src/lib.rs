//! The project's own checks and builds. A check names every offender, on a line of its own.

pub mod bench;
pub mod beside;
pub mod circles;
pub mod command;
pub mod contracts;
pub mod coverage;
pub mod deny;
pub mod elsewhere;
pub mod fuzz;
pub mod js;
pub mod kernel;
pub mod layers;
pub mod paths;
pub mod readme;
pub mod steps;
pub mod tidy;
mod tools;
