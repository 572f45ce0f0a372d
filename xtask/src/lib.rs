//! The project's own checks: each names every offender, on a line of its own.

mod cargo;
pub mod circles;
pub mod layers;
mod paths;
pub mod readme;
pub mod tidy;
