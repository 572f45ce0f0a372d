//! The rollup host: [`RawRollupCore`], the raw functions of the PVM, and [`Host`], the safe
//! capabilities over it, which every implementation of the raw functions has. [`CallHandler`] is for hosts
//! in safe Rust.

#![warn(clippy::missing_errors_doc)]

mod calls;
pub mod code;
mod error;
mod raw;
mod safe;
mod step;
mod subtree;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use calls::{Call, CallHandler};
pub use error::HostError;
pub use raw::{RawRollupCore, ReadInputMessageInfo};
pub use safe::{Host, Metadata};
pub use step::{StepError, StepResult};
pub use subtree::{Subtree, numbered};
#[cfg(target_arch = "wasm32")]
pub use wasm::WasmHost;
