//! The phases of a v2 batch, each by itself, for whoever measures them. Nothing is checked less here: what
//! [`apply`] takes is made by verifying alone.

pub use crate::apply::Count;
pub use crate::apply::v2::apply;
pub use crate::draft::Draft;
pub use crate::refusal::Refusal;
pub use crate::verify::v2::{BatchToVerify, resolve};
pub use crate::verify::{Progress, Resolved, Verified};
