//! Control totals: what a plan comes to, to be held against what it is made from.

use std::collections::{BTreeMap, BTreeSet};

use encoding::{Amount, Tz4Address};
use inbox::v2::{Action, Name, TicketName};
use serde_json::{Value, json};

use super::super::counted::{counted, lines_told};
use super::Plan;

/// Sums, and groups of equal rows, that are shown.
const SHOWN: usize = 4;

/// An account, whatever it is named by: its address where that is known.
type Whom = (Option<Tz4Address>, u32);

/// A payment of a plan.
struct Payment<'p> {
    ticket: &'p TicketName,
    to: Whom,
    amount: Amount,
    memo: Option<String>,
    line: Option<u64>,
}

impl Plan {
    fn whom(&self, name: &Name) -> Whom {
        match name {
            Name::Address(address) => (Some(*address), 0),
            Name::Index(index) => match self.book.at(*index) {
                Some(address) => (Some(address), 0),
                None => (None, index.0),
            },
            Name::Registration(index) => (None, *index),
        }
    }

    fn payments(&self) -> Vec<Payment<'_>> {
        let mut all = Vec::new();
        for (number, one) in self.transactions.iter().enumerate() {
            let mut lines = self.lines.get(number).into_iter().flatten().copied();
            for operation in &one.transaction().operations {
                for one in &operation.actions {
                    let Action::Transfers { ticket, to } = one else { continue };
                    let memo = operation.memo.as_ref().map(explain::batch_v2::memo_text);
                    all.extend(to.iter().map(|(to, amount)| Payment {
                        ticket,
                        to: self.whom(to),
                        amount: *amount,
                        memo: memo.clone(),
                        line: lines.next(),
                    }));
                }
            }
        }
        all
    }

    /// Who signs what, where there is too much of it to be shown.
    pub(super) fn signers(&self) -> String {
        let mut counters: BTreeMap<Whom, (Name, u64, u64)> = BTreeMap::new();
        for operation in self.transactions.iter().flat_map(|one| &one.transaction().operations) {
            let counter = operation.counter.get();
            let signer = operation.signer;
            let new = (signer, counter, counter);
            let (_, first, last) = counters.entry(self.whom(&signer)).or_insert(new);
            (*first, *last) = (counter.min(*first), counter.max(*last));
        }
        let mut text = String::new();
        for (signer, first, last) in counters.values().take(SHOWN) {
            let who = self.book.account(signer);
            let counters = match first == last {
                true => format!("counter {first}"),
                false => format!("counters {first} to {last}"),
            };
            text.push_str(&format!("  {who}, {counters}\n"));
        }
        if let Some(more) = counters.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            text.push_str(&format!("  and {more} others\n"));
        }
        let ends: BTreeSet<_> =
            self.transactions.iter().map(|one| one.transaction().expires).collect();
        if let [Some(expires)] = ends.iter().collect::<Vec<_>>().as_slice() {
            text.push_str(&format!("  {}\n", self.validity(*expires)));
        }
        text
    }

    /// Rows, transactions and receivers, the sum of each ticket, and rows that are there twice. Nothing
    /// of a single payment.
    pub(super) fn totals(&self) -> String {
        let payments = self.payments();
        if payments.len() < 2 && self.title.is_none() {
            return String::new();
        }
        let receivers: BTreeSet<Whom> = payments.iter().map(|one| one.to).collect();
        let transactions = self.transactions.len();
        let made = match self.messages {
            Some(messages) if messages == transactions => counted(messages, "message"),
            Some(messages) => {
                let transactions = counted(transactions, "transaction");
                format!("{transactions}, {}", counted(messages, "message"))
            }
            None => counted(transactions, "transaction"),
        };
        let mut text = format!(
            "{} in {made}, to {}\n",
            counted(payments.len(), "payment"),
            counted(receivers.len(), "receiver")
        );
        let sums = sums(&payments);
        for (ticket, units) in sums.iter().take(SHOWN) {
            text.push_str(&format!("  in all {}\n", self.book.sum(ticket, *units)));
        }
        if let Some(more) = sums.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            text.push_str(&format!("  and {}\n", counted(more, "more ticket")));
        }
        let twice = twice(&payments);
        if !twice.is_empty() {
            let shown: Vec<String> =
                twice.iter().take(SHOWN).map(|lines| lines_told(lines)).collect();
            let more = twice.len().checked_sub(SHOWN).filter(|more| *more > 0);
            let more = more.map_or_else(String::new, |more| format!("; and {more} more"));
            text.push_str(&format!("  the same row more than once: {}{more}\n", shown.join("; ")));
        }
        text
    }

    /// The same as JSON.
    pub(super) fn totals_json(&self) -> Value {
        let payments = self.payments();
        let receivers: BTreeSet<Whom> = payments.iter().map(|one| one.to).collect();
        let sums = sums(&payments);
        let sums = sums.iter().map(|(ticket, units)| {
            let mut shown = self.book.ticket_json(ticket);
            shown["amount"] = json!(self.book.digits(ticket, *units));
            shown["units"] = json!(units.to_string());
            shown
        });
        json!({
            "rows": payments.len(),
            "transactions": self.transactions.len(),
            "messages": self.messages,
            "receivers": receivers.len(),
            "sums": sums.collect::<Value>(),
            "duplicates": twice(&payments),
        })
    }
}

/// The sum of each ticket, in the order in which they come.
fn sums<'p>(payments: &[Payment<'p>]) -> Vec<(&'p TicketName, u128)> {
    let mut sums: Vec<(&TicketName, u128)> = Vec::new();
    for one in payments {
        let units = u128::from(one.amount.get());
        match sums.iter_mut().find(|(ticket, _)| *ticket == one.ticket) {
            Some((_, sum)) => *sum = sum.saturating_add(units),
            None => sums.push((one.ticket, units)),
        }
    }
    sums
}

/// The lines of rows that pay the same to the same account, with the same remark.
fn twice(payments: &[Payment<'_>]) -> Vec<Vec<u64>> {
    let mut same: BTreeMap<_, Vec<u64>> = BTreeMap::new();
    let mut tickets: Vec<&TicketName> = Vec::new();
    for one in payments {
        let Some(line) = one.line else { continue };
        let known = tickets.iter().position(|ticket| *ticket == one.ticket);
        let ticket = known.unwrap_or_else(|| {
            tickets.push(one.ticket);
            tickets.len() - 1
        });
        same.entry((one.to, ticket, one.amount, one.memo.clone())).or_default().push(line);
    }
    let mut all: Vec<Vec<u64>> = same.into_values().filter(|lines| lines.len() > 1).collect();
    all.sort();
    all
}
