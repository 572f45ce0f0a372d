//! Runs that trapped: how, and in which functions.

use pvm::{LevelReport, RunReport};
use serde::Serialize;

use crate::function::function_text;
use layer1::plain::one_line;

/// A run that trapped.
#[derive(Debug, Serialize)]
pub struct Trap {
    /// Which run of the level, from 0.
    run: usize,
    /// How it trapped.
    reason: String,
    /// The functions that were open, the innermost first, where that is known.
    stack: Vec<String>,
}

impl Trap {
    /// Which run of the level it was, from 0.
    pub fn run(&self) -> usize {
        self.run
    }

    /// In a line.
    pub fn text(&self) -> String {
        match self.stack.is_empty() {
            true => self.reason.clone(),
            false => format!("{}, in {}", self.reason, self.stack.join(" < ")),
        }
    }
}

/// The runs that trapped.
pub fn traps(report: &LevelReport) -> Vec<Trap> {
    let trap = |(run, ended): (usize, &RunReport)| {
        let reason = one_line(ended.trap.as_ref()?);
        let stack = ended.stack.iter().map(|function| function_text(function));
        Some(Trap { run, reason, stack: stack.collect() })
    };
    report.runs.iter().enumerate().filter_map(trap).collect()
}
