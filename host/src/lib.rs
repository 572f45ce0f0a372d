//! The rollup host: [`RawRollupCore`], the raw functions of the PVM, and the safe capabilities
//! over it.

mod raw;

pub use raw::{RawRollupCore, ReadInputMessageInfo};
