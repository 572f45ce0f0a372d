//! In what a transaction of an offered batch differs from the one that was meant.

use std::fmt;

use encoding::Level;
use inbox::v2::{Action, Memo, Name, Operation, TicketName, Transaction};

/// A part of a transaction that is another one than was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which part.
    pub part: Part,
    /// What the batch has.
    pub found: String,
    /// What was meant.
    pub meant: String,
}

/// A part of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The counter of the signer's operation.
    Counter,
    /// The last level in which it can be applied.
    Expiry,
    /// How the signer is named.
    Signer,
    /// The remark.
    Memo,
    /// Who is paid.
    Receiver,
    /// Of what.
    Ticket,
    /// How much.
    Amount,
    /// How many transfers and withdrawals there are, or what they are.
    Actions,
    /// What others do in the same transaction.
    Others,
}

impl Part {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Part::Counter => "counter",
            Part::Expiry => "last level",
            Part::Signer => "signer",
            Part::Memo => "memo",
            Part::Receiver => "receiver",
            Part::Ticket => "ticket",
            Part::Amount => "amount",
            Part::Actions => "actions",
            Part::Others => "operations of others",
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} instead of {}", self.part.word(), self.found, self.meant)
    }
}

/// In what a transaction differs from the one that was meant, in the order of the parts of it. `of` is the place of
/// the signer's operation in each.
#[must_use]
pub fn differences(found: (&Transaction, usize), meant: (&Transaction, usize)) -> Vec<Difference> {
    let mut all = Vec::new();
    let mut add = |part, found: String, meant: String| {
        if found != meant {
            all.push(Difference { part, found, meant });
        }
    };
    let ((found, at), (meant, of)) = (found, meant);
    add(Part::Expiry, level(found.expires), level(meant.expires));
    let others = |transaction: &Transaction, own: usize| -> Vec<Operation> {
        let all = transaction.operations.iter().enumerate();
        all.filter(|(place, _)| *place != own).map(|(_, one)| one.clone()).collect()
    };
    let (their, our) = (others(found, at), others(meant, of));
    if their != our || at != of {
        let words = |some: &[Operation]| format!("{} others", some.len());
        let (mut more, less) = (words(&their), words(&our));
        if more == less {
            more.push_str(" who do something else");
        }
        add(Part::Others, more, less);
    }
    let (Some(theirs), Some(ours)) = (found.operations.get(at), meant.operations.get(of)) else {
        return all;
    };
    add(Part::Counter, theirs.counter.to_string(), ours.counter.to_string());
    add(Part::Signer, name(theirs.signer), name(ours.signer));
    add(Part::Memo, memo(theirs.memo.as_ref()), memo(ours.memo.as_ref()));
    if theirs.actions.len() != ours.actions.len() {
        let words = |some: &[Action]| format!("{} of them", some.len());
        add(Part::Actions, words(&theirs.actions), words(&ours.actions));
    }
    for (theirs, ours) in theirs.actions.iter().zip(&ours.actions) {
        match (theirs, ours) {
            (
                Action::Transfers { ticket: their_ticket, to: their_to },
                Action::Transfers { ticket: our_ticket, to: our_to },
            ) => {
                add(Part::Ticket, ticket(their_ticket), ticket(our_ticket));
                let words = |some: &[_]| format!("{} transfers", some.len());
                add(Part::Actions, words(their_to), words(our_to));
                for ((their_name, theirs), (our_name, ours)) in their_to.iter().zip(our_to) {
                    add(Part::Receiver, name(*their_name), name(*our_name));
                    add(Part::Amount, theirs.get().to_string(), ours.get().to_string());
                }
            }
            (theirs, ours) if theirs != ours => {
                let words = |one: &Action| match one {
                    Action::Transfers { .. } => "transfers".to_owned(),
                    Action::Withdraw { to, entrypoint, amount, .. } => {
                        format!("a withdrawal of {} to {to}%{entrypoint}", amount.get())
                    }
                };
                let (mut more, less) = (words(theirs), words(ours));
                if more == less {
                    more.push_str(" with something else in it");
                }
                add(Part::Actions, more, less);
            }
            _ => {}
        }
    }
    all
}

/// An account as a transaction names it.
fn name(name: Name) -> String {
    match name {
        Name::Address(address) => address.to_string(),
        Name::Index(index) => format!("account {index}"),
        Name::Registration(number) => format!("registration {number}"),
    }
}

fn ticket(ticket: &TicketName) -> String {
    match ticket {
        TicketName::Index(index) => format!("#{index}"),
        TicketName::Full(ticket) => {
            format!("{}/{}", ticket.ticketer, hex::encode(ticket.content.to_micheline()))
        }
    }
}

fn memo(memo: Option<&Memo>) -> String {
    match memo {
        None => "nothing".to_owned(),
        Some(Memo::Bytes(bytes)) => hex::encode(bytes),
        Some(Memo::Hash(hash)) => format!("hash {}", hash),
    }
}

fn level(level: Option<Level>) -> String {
    level.map_or("none".to_owned(), |level| level.to_string())
}
