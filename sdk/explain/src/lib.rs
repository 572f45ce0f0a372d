//! What the kernel reads and writes, as text, as JSON and in cells of CSV, for tools that show it to people: messages,
//! batches, and what became of them.

pub mod batch_v2;
pub mod csv;
pub mod message;
pub mod outcome;
pub mod raw;
pub mod results;
pub mod settled;
pub mod text;
