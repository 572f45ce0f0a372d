//! A plan in words.

use encoding::{Amount, Level};
use inbox::v2::{Move, Operation};
use wallet::ticket::Token;

use super::super::grid::{grid, grouped};
use super::{Ahead, Plan};
use crate::compact::memo_text;

impl Plan {
    /// In words.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if let Some(one) = self.transactions.first() {
            text.push_str(&format!("on {}\n", one.rollup()));
        }
        let many = self.transactions.len() > 1;
        for (number, one) in self.transactions.iter().enumerate() {
            if many {
                text.push_str(&format!("transaction {number}\n"));
            }
            for operation in &one.transaction().operations {
                text.push_str(&self.operation(operation));
            }
            if let Some(expires) = one.transaction().expires {
                text.push_str(&format!("  {}\n", self.validity(expires)));
            }
            text.push_str(&format!("  hash {}\n", one.hash()));
        }
        for address in &self.registers {
            text.push_str(&format!("  registers the key of {}\n", self.book.name(address)));
        }
        match &self.foreseen {
            Ahead::Unknown(missing) => {
                let missing: Vec<String> = missing.iter().map(|one| self.book.name(one)).collect();
                text.push_str(&format!(
                    "what it does cannot be foreseen yet: not registered, and no key here: {}\n",
                    missing.join(", ")
                ));
            }
            Ahead::Offline | Ahead::Refused(_) => {}
            Ahead::Foreseen(foreseen) if foreseen.changes.is_empty() => {}
            Ahead::Foreseen(foreseen) => {
                let rows = foreseen.changes.iter().map(|change| {
                    let (before, after) = (change.before, change.after);
                    let amount = |amount| grouped(&self.book.amount_of(change.ticket, amount));
                    let ticket =
                        self.book.token(change.ticket).map_or_else(String::new, Token::label);
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
                let signers = self.signers(number).join(", ");
                text.push_str(&format!(
                    "transaction {number}, of {signers}, would not be applied: {words}\n"
                ));
            }
        }
        text.push_str(self.outlook.as_ref().map_or("", |(words, _)| words));
        text
    }

    /// How long something is valid, in words.
    pub fn validity(&self, expires: Level) -> String {
        let left = self.level.map(|next| i64::from(expires.0) - i64::from(next.0) + 1);
        match left {
            None => format!("valid up to level {expires}"),
            Some(..=0) => format!("valid up to level {expires}: it has expired"),
            Some(left) => format!("valid up to level {expires}, {left} levels from now"),
        }
    }

    fn operation(&self, operation: &Operation) -> String {
        let who = self.book.account(&operation.signer);
        let mut lines = Vec::new();
        for one in &operation.moves {
            match one {
                Move::Transfers { ticket, to } => {
                    const SHOWN: usize = 20;
                    for (receiver, amount) in to.iter().take(SHOWN) {
                        let receiver = self.book.account(receiver);
                        lines.push(format!(
                            "pays {} to {receiver}",
                            self.book.amount(ticket, *amount)
                        ));
                    }
                    if to.len() > SHOWN {
                        let rest = to.iter().skip(SHOWN);
                        let sum = rest
                            .map(|(_, amount)| *amount)
                            .try_fold(Amount::ZERO, Amount::checked_add);
                        let sum = sum.map_or("more than there can be".to_owned(), |sum| {
                            self.book.amount(ticket, sum)
                        });
                        lines.push(format!("pays {} others {sum} in all", to.len() - SHOWN));
                    }
                }
                Move::Withdraw { ticket, to, entrypoint, amount } => lines.push(format!(
                    "withdraws {} to {to}%{entrypoint}",
                    self.book.amount(ticket, *amount)
                )),
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
