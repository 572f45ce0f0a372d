//! Messages of outboxes that layer 1 executes for whoever asks, with what each of them pays.

use history::WithdrawalRow;

use crate::parts::{LongName, Sum, token};
use crate::visit::Visit;

/// A message of an outbox that can be executed.
#[derive(Debug)]
pub(crate) struct Executable {
    /// The level of the outbox.
    pub level: i32,
    /// Its index there.
    pub index: u32,
    /// What it pays, and to whom.
    pub pays: Vec<(Sum, LongName)>,
}

impl Executable {
    /// Those of withdrawals in the order of their rows. Withdrawals of one operation share a message.
    pub(crate) fn of(visit: &Visit<'_>, rows: &[WithdrawalRow]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for row in rows {
            let Some((level, index)) = row.outbox else { continue };
            let moved = &row.moved;
            let whom = moved.pays.as_deref().or(moved.outside.as_deref()).unwrap_or_default();
            let sum = Sum::of(moved.amount, &token(&moved.ticket, &visit.pins));
            let pays = (sum, LongName::outside(whom));
            match all.last_mut().filter(|last| (last.level, last.index) == (level.0, index)) {
                Some(last) => last.pays.push(pays),
                None => all.push(Executable { level: level.0, index, pays: vec![pays] }),
            }
        }
        all
    }

    /// The command that executes it.
    pub(crate) fn command(&self) -> String {
        command(self.level, self.index)
    }
}

/// The command that executes a message of an outbox.
pub(crate) fn command(level: i32, index: u32) -> String {
    format!("toru execute --level {level} --index {index}")
}
