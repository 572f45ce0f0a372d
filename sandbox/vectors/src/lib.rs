//! Vectors of a reference PVM: files of levels and states that it played, played again on the embedded
//! PVM.
//!
//! A file has a JSON object a line, and may be gzipped. Each object is a vector of some kind: see
//! [`kinds`]. [`play`] plays all of a file and tells, vector by vector, where the embedded PVM differs. An
//! object of a kind that nobody knows is told, and not passed over.

mod difference;
mod file;
mod kind;
pub mod kinds;
pub mod limits;
mod play;
mod storage;

pub use difference::{Difference, Differences};
pub use file::{ReadError, read};
pub use kind::{Kind, Verdict};
pub use play::{FileReport, KindCount, PlayResult, play};
