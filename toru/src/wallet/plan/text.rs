//! A plan in words.

use std::collections::BTreeSet;

use encoding::{Level, Tz4Address};
use inbox::v2::{Action, Operation};
use wallet::outbox::receiver_text;
use wallet::simulation::Change;
use wallet::transaction::Signable;

use super::super::grid::{grid, grouped};
use super::{Plan, Simulated};
use explain::batch_v2::memo_text;

/// Lines and columns of a screen, less what is asked below a plan.
const SCREEN: (usize, usize) = (22, 80);
/// Balances that are shown where there are too many for a screen.
const CHANGES_SHOWN: usize = 5;

impl Plan {
    /// In words: all of it if it fits a screen, or all is asked for; otherwise what it comes to.
    pub fn text(&self) -> String {
        let totals = self.totals();
        let whole = format!("{}{totals}{}", self.details(), self.ends(usize::MAX));
        let text = match self.verbose || lines_of(&whole) <= SCREEN.0 {
            true => whole,
            false => format!("{}{totals}{}", self.signers(), self.ends(CHANGES_SHOWN)),
        };
        let rollup = self.transactions.first().map(|one| format!("on {}\n", one.rollup()));
        let title = self.title.as_ref().map(|title| format!("{title}\n"));
        format!("{}{}{text}", rollup.unwrap_or_default(), title.unwrap_or_default())
    }

    /// Every transaction.
    fn details(&self) -> String {
        let mut text = String::new();
        let many = self.transactions.len() > 1;
        for (number, one) in self.transactions.iter().enumerate() {
            if many {
                text.push_str(&format!("transaction {number}\n"));
            }
            let mut lines = self.lines.get(number).into_iter().flatten();
            for operation in &one.transaction().operations {
                text.push_str(&self.operation(operation, &mut lines));
            }
            if let Some(expires) = one.transaction().expires {
                text.push_str(&format!("  {}\n", self.validity(expires)));
            }
            text.push_str(&format!("  hash {}\n", one.hash()));
        }
        text
    }

    /// What comes of all of it: registrations, and balances, the signers' first.
    fn ends(&self, most: usize) -> String {
        let mut text = self.way.as_ref().map_or_else(String::new, |(words, _)| words.clone());
        text.push_str(&self.notes_text());
        let registers = self.registers.iter().map(|address| self.book.name(address));
        for name in registers.clone().take(most) {
            text.push_str(&format!("  registers the key of {name}\n"));
        }
        if let Some(more) = registers.len().checked_sub(most).filter(|more| *more > 0) {
            text.push_str(&format!("  and the keys of {more} more\n"));
        }
        match &self.simulated {
            Simulated::Unknown(missing) => {
                let missing: Vec<String> =
                    missing.iter().take(most).map(|one| self.book.name(one)).collect();
                text.push_str(&format!(
                    "cannot be simulated: not registered, and the key is not in your key folder: {}\n",
                    missing.join(", ")
                ));
            }
            Simulated::Offline | Simulated::Refused(_) => {}
            Simulated::Applied(simulated) if simulated.changes.is_empty() => {}
            Simulated::Applied(simulated) => {
                let signers: BTreeSet<Tz4Address> =
                    self.transactions.iter().flat_map(Signable::signers).collect();
                let mut changes: Vec<&Change> = simulated.changes.iter().collect();
                let is_cut = changes.len() > most;
                if is_cut {
                    changes.retain(|change| signers.contains(&change.account));
                }
                let rows = changes.into_iter().take(most).map(|change| {
                    let (before, after) = (change.before, change.after);
                    let amount = |amount| grouped(&self.book.amount_of(change.ticket, amount));
                    let ticket = self.book.token(change.ticket);
                    let ticket = ticket.map_or_else(String::new, |one| self.book.short(one));
                    vec![self.book.name(&change.account), ticket, amount(before), amount(after)]
                });
                text.push_str(&grid(
                    &["account", "ticket", "before", "after"],
                    &["before", "after"],
                    rows,
                ));
            }
        }
        if self.of_several {
            for (number, _, words) in self.failures() {
                let signers = self.signers_of(number).join(", ");
                text.push_str(&format!(
                    "transaction {number}, of {signers}, would not be applied: {words}\n"
                ));
            }
        }
        text.push_str(self.outlook.as_ref().map_or("", |(words, _)| words));
        if most < usize::MAX {
            text.push_str("--verbose shows all of it, and --json has it\n");
        }
        text
    }

    /// How long something is valid, in words.
    pub fn validity(&self, expires: Level) -> String {
        let left = self.level.map(|next| i64::from(expires.0) - i64::from(next.0) + 1);
        match left {
            None => format!("valid up to level {expires}"),
            Some(..=0) => format!("valid up to level {expires}: it has expired"),
            Some(left) => {
                format!(
                    "valid up to level {expires}, {} levels from now",
                    layer1::plain::grouped(left)
                )
            }
        }
    }

    fn operation<'a>(
        &self,
        operation: &Operation,
        file: &mut impl Iterator<Item = &'a u64>,
    ) -> String {
        let who = self.book.account(&operation.signer);
        let mut lines = Vec::new();
        for one in &operation.actions {
            match one {
                Action::Transfers { ticket, to } => {
                    for (receiver, amount) in to {
                        let line = file.next().map(|line| format!("line {line}: "));
                        lines.push(format!(
                            "{}pays {} to {}",
                            line.unwrap_or_default(),
                            self.book.amount(ticket, *amount),
                            self.book.account(receiver)
                        ));
                    }
                }
                Action::Withdraw { ticket, to, entrypoint, receiver, amount } => {
                    let amount = self.book.amount(ticket, *amount);
                    lines.push(match receiver {
                        Some(receiver) => {
                            let receiver = receiver_text(*receiver);
                            format!("withdraws {amount}, paid to {receiver} by {to}%{entrypoint}")
                        }
                        None => {
                            format!("withdraws {amount} to {to}%{entrypoint}, which names nobody")
                        }
                    });
                }
            }
        }
        if lines.is_empty() {
            lines.push("does nothing".to_owned());
        }
        let memo = operation.memo.as_ref().map(|memo| format!("    memo {}\n", memo_text(memo)));
        let lines: String = lines.iter().map(|line| format!("    {line}\n")).collect();
        format!("  {who}, counter {}\n{lines}{}", operation.counter, memo.unwrap_or_default())
    }
}

/// Lines of a screen that a text takes.
fn lines_of(text: &str) -> usize {
    text.lines().map(|line| line.chars().count().div_ceil(SCREEN.1).max(1)).sum()
}
