//! The rollup host: [`RawRollupCore`], the raw functions of the PVM, and [`Host`], the safe
//! capabilities over it, which every implementation of the raw functions has. [`CallHandler`] is for hosts
//! in safe Rust.

mod calls;
pub mod code;
mod error;
mod raw;
mod safe;
mod subtree;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use calls::{Call, CallHandler};
pub use error::HostError;
pub use raw::{RawRollupCore, ReadInputMessageInfo};
pub use safe::{Host, Metadata};
pub use subtree::Subtree;
#[cfg(target_arch = "wasm32")]
pub use wasm::WasmHost;
