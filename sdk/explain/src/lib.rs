//! What the kernel reads and writes, as text and as JSON, for tools that show it to people: messages, batches,
//! and what became of them.

pub mod batch_v2;
pub mod message;
pub mod outcome;
pub mod raw;
pub mod results;
pub mod settled;
pub mod text;
