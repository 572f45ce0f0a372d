//! The project's own checks: each names every offender, on a line of its own.

pub mod layers;
pub mod readme;
pub mod tidy;
