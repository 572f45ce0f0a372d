//! Something that is wrong in a file of payments.

use crate::error::one_line;

/// Something that is wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// In which line of the file, from 1.
    pub line: u64,
    /// What.
    pub problem: String,
}

impl Mistake {
    /// A mistake in a line, told on one line whatever is in it.
    #[must_use]
    pub fn new(line: u64, problem: &str) -> Self {
        Mistake { line, problem: one_line(problem) }
    }
}
