//! Control totals of a plan: what it comes to, to be held against what it is made from.

use std::collections::{BTreeMap, BTreeSet};

use encoding::VerificationGas;

use super::plan::PayoutPlan;
use crate::amount;

/// What a plan comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutTotals {
    /// Payments.
    pub rows: usize,
    /// Different accounts that are paid.
    pub receivers: usize,
    /// Payments whose receivers are named by their indexes.
    pub by_index: usize,
    /// The sum of each ticket, in the order of the plan's tickets.
    pub sums: Vec<TicketSum>,
    /// The lines of rows that pay the same to the same account, group after group.
    pub duplicates: Vec<Vec<u64>>,
    /// Messages.
    pub messages: usize,
    /// Bytes of all messages, with their tags: what layer 1 is paid for.
    pub bytes: usize,
    /// The verification gas that all messages ask for.
    pub gas: VerificationGas,
}

/// What is paid of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketSum {
    /// Which of the plan's tickets.
    pub ticket: usize,
    /// In how many rows.
    pub rows: usize,
    /// How much, in the smallest units.
    pub units: u128,
}

impl PayoutPlan {
    /// What it comes to.
    #[must_use]
    pub fn totals(&self) -> PayoutTotals {
        let facts = &self.facts;
        let receivers: BTreeSet<_> = facts.rows.iter().map(|row| row.to).collect();
        let mut sums: Vec<TicketSum> = (0..facts.tickets.len())
            .map(|ticket| TicketSum { ticket, rows: 0, units: 0 })
            .collect();
        let mut same: BTreeMap<_, Vec<u64>> = BTreeMap::new();
        for row in &facts.rows {
            if let Some(sum) = sums.get_mut(row.ticket) {
                sum.rows += 1;
                sum.units = sum.units.saturating_add(row.amount.get().into());
            }
            same.entry((row.to, row.ticket, row.amount)).or_default().push(row.line);
        }
        let mut duplicates: Vec<Vec<u64>> =
            same.into_values().filter(|lines| lines.len() > 1).collect();
        duplicates.sort();
        let gas = self.messages.iter().map(|(_, cost)| cost.gas);
        PayoutTotals {
            rows: facts.rows.len(),
            receivers: receivers.len(),
            by_index: facts.rows.iter().filter(|row| row.index.is_some()).count(),
            sums,
            duplicates,
            messages: self.messages.len(),
            bytes: self.messages.iter().map(|(_, cost)| cost.bytes).sum(),
            gas: gas.fold(VerificationGas::ZERO, VerificationGas::plus),
        }
    }

    /// A sum as its ticket counts.
    #[must_use]
    pub fn sum_text(&self, sum: &TicketSum) -> String {
        let ticket = self.facts.tickets.get(sum.ticket);
        amount::digits(sum.units, ticket.map_or(0, |ticket| ticket.decimals))
    }
}
