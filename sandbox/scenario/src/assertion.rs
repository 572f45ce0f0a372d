//! Statements about the state, as sentences: the same at the start and after a level.

use encoding::{Ticket, Tz4Address};

use crate::error::Problem;
use crate::fixtures::Fixtures;
use crate::outcome::Expected;
use crate::words::{Words, range};

/// What can be said of the state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fact {
    /// How much somebody has of a ticket.
    Balance(Tz4Address, Ticket),
    /// The next counter of an account.
    Counter(Tz4Address),
    /// Whether the rollup knows an account's key.
    Key(Tz4Address),
    /// Whether that key is proven: then it can sign v2.
    Proven(Tz4Address),
    /// The index of an account.
    Account(Tz4Address),
    /// The index of a ticket.
    Ticket(Ticket),
    /// How much of a ticket has ever been deposited.
    Deposited(Ticket),
    /// How much of it has left through the outbox.
    Left(Ticket),
    /// The next index of a registry.
    Next(Registry),
    /// How many messages wait for the outbox.
    Pending,
}

/// What gives out indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Registry {
    Account,
    Ticket,
}

/// A fact and its value. `None` is 0 where it is a number, and no where it is an index or a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assertion {
    pub fact: Fact,
    pub value: Option<u128>,
}

/// What is expected after a level.
#[derive(Clone, Debug)]
pub(crate) enum Expectation {
    Is(Assertion),
    HasNothing(Tz4Address),
    EverythingElseUnchanged,
    NothingChanges,
    /// The deposits that are held: how many, …
    HeldCount(usize),
    /// … or each one's reason.
    Held(Vec<Expected>),
    OutboxCount(usize),
    /// Each message as the list of its calls.
    Outbox(Vec<Vec<String>>),
    Runs(usize),
    ForOthers(u32),
    /// What has become of an earlier message by now.
    Message(String, Expected),
}

/// The forms of a assertion.
pub(crate) const FORMS: [&str; 13] = [
    "NAME has NUMBER TICKET",
    "NAME has no TICKET",
    "NAME's counter is NUMBER",
    "NAME's key is known (or unknown, registered, not registered)",
    "NAME is account NUMBER",
    "NAME is no account",
    "TICKET is ticket NUMBER",
    "TICKET is no ticket",
    "NUMBER TICKET were ever deposited",
    "NUMBER TICKET have left",
    "the next account (or ticket) index is NUMBER",
    "NUMBER messages wait for the outbox",
    "NAME1 to NAME9 have NUMBER TICKET, NAME1 to NAME9's keys are registered",
];

/// Those of them that are for expectations alone.
pub(crate) const NOT_AT_THE_START: [&str; 4] = [
    "TICKET is ticket NUMBER",
    "TICKET is no ticket",
    "NUMBER TICKET have left",
    "NUMBER messages wait for the outbox",
];

/// How names are looked up: at the start they introduce, later they have to be there.
pub(crate) struct Names<'c> {
    pub fixtures: &'c mut Fixtures,
    pub introduce: bool,
}

impl Names<'_> {
    pub(crate) fn account(&mut self, word: &str) -> Result<Tz4Address, Problem> {
        if self.introduce { self.fixtures.account(word) } else { self.fixtures.known_account(word) }
    }

    fn ticket(&mut self, word: &str) -> Result<Ticket, Problem> {
        if self.introduce { self.fixtures.ticket(word) } else { self.fixtures.known_ticket(word) }
    }
}

/// A sentence about several people, `p1 to p9 have 5 gold` or `p1 to p9's keys are registered`, as
/// one about each.
pub(crate) fn each(text: &str) -> Vec<String> {
    let several = || {
        let (first, rest) = text.split_once(" to ")?;
        let (last, rest) = rest.split_once(' ')?;
        let (last, is_keys) = match last.strip_suffix("'s") {
            Some(last) => (last, true),
            None => (last, false),
        };
        let about = |name: String| {
            Some(match is_keys {
                false => format!("{name} has {}", rest.strip_prefix("have ")?),
                true => format!("{name}'s key is {}", rest.strip_prefix("keys are ")?),
            })
        };
        range(first, last)?.into_iter().map(about).collect::<Option<Vec<String>>>()
    };
    several().unwrap_or_else(|| vec![text.to_owned()])
}

/// A assertion with its names not yet looked up.
enum Shape<'a> {
    Account(fn(Tz4Address) -> Fact, &'a str, Option<u128>),
    Ticket(fn(Ticket) -> Fact, &'a str, Option<u128>),
    Balance(&'a str, &'a str, u128),
    Plain(Fact, u128),
}

/// Reads a assertion, if the sentence is one.
pub(crate) fn assertion(text: &str, names: &mut Names<'_>) -> Result<Option<Assertion>, Problem> {
    let shape = owned(text)
        .or_else(|| balance(text))
        .or_else(|| index(text))
        .or_else(|| supply(text))
        .or_else(|| registry(text));
    let number = |value: u128| (value > 0).then_some(value);
    Ok(Some(match shape {
        None => return Ok(None),
        Some(Shape::Account(fact, name, value)) => {
            Assertion { fact: fact(names.account(name)?), value }
        }
        Some(Shape::Ticket(fact, name, value)) => {
            Assertion { fact: fact(names.ticket(name)?), value }
        }
        Some(Shape::Balance(account, ticket, amount)) => {
            let fact = Fact::Balance(names.account(account)?, names.ticket(ticket)?);
            Assertion { fact, value: number(amount) }
        }
        Some(Shape::Plain(fact, value)) => Assertion { fact, value: number(value) },
    }))
}

/// `alice's counter is 7`, `alice's key is known`.
fn owned(text: &str) -> Option<Shape<'_>> {
    let mut words = Words::of(text);
    let name = words.next()?.strip_suffix("'s")?;
    let what = words.next()?;
    words.phrase("is")?;
    let shape = match what {
        "counter" => {
            let value: u64 = words.bounded()?;
            Shape::Account(Fact::Counter, name, (value > 0).then_some(value.into()))
        }
        "key" => match words.next()? {
            "known" => Shape::Account(Fact::Key, name, Some(1)),
            "unknown" => Shape::Account(Fact::Key, name, None),
            "registered" | "proven" => Shape::Account(Fact::Proven, name, Some(1)),
            "not" if words.phrase("registered").or_else(|| words.phrase("proven")).is_some() => {
                Shape::Account(Fact::Proven, name, None)
            }
            _ => return None,
        },
        _ => return None,
    };
    words.end().map(|()| shape)
}

/// `alice has 5 gold`, `alice has no gold`.
fn balance(text: &str) -> Option<Shape<'_>> {
    let mut words = Words::of(text);
    let name = words.next()?;
    words.phrase("has")?;
    let amount = match words.phrase("no") {
        Some(()) => 0,
        None => u128::from(words.bounded::<u64>()?),
    };
    let ticket = words.name()?;
    words.end().map(|()| Shape::Balance(name, ticket, amount))
}

/// `alice is account 0`, `gold is no ticket`.
fn index(text: &str) -> Option<Shape<'_>> {
    let mut words = Words::of(text);
    let name = words.next()?;
    words.phrase("is")?;
    let none = words.phrase("no").is_some();
    let what = words.next()?;
    let value = if none { None } else { Some(u128::from(words.bounded::<u32>()?)) };
    words.end()?;
    match what {
        "account" => Some(Shape::Account(Fact::Account, name, value)),
        "ticket" => Some(Shape::Ticket(Fact::Ticket, name, value)),
        _ => None,
    }
}

/// `5 gold were ever deposited`, `5 gold have left`.
fn supply(text: &str) -> Option<Shape<'_>> {
    let mut words = Words::of(text);
    let value: u128 = words.bounded()?;
    let ticket = words.name()?;
    let fact = match words.phrase("were ever deposited") {
        Some(()) => Fact::Deposited,
        None => words.phrase("have left").map(|()| Fact::Left as fn(Ticket) -> Fact)?,
    };
    words.end().map(|()| Shape::Ticket(fact, ticket, (value > 0).then_some(value)))
}

/// `the next account index is 5`, `5 messages wait for the outbox`.
fn registry(text: &str) -> Option<Shape<'_>> {
    let mut words = Words::of(text);
    if words.phrase("the next").is_none() {
        let value: u64 = words.bounded()?;
        words.phrase("messages wait for the outbox")?;
        return words.end().map(|()| Shape::Plain(Fact::Pending, value.into()));
    }
    let registry = match words.next()? {
        "account" => Registry::Account,
        "ticket" => Registry::Ticket,
        _ => return None,
    };
    words.phrase("index is")?;
    let value: u32 = words.bounded()?;
    words.end().map(|()| Shape::Plain(Fact::Next(registry), value.into()))
}

impl Assertion {
    /// The assertion as a sentence.
    pub(crate) fn sentence(&self, fixtures: &Fixtures) -> String {
        let account = |address: &Tz4Address| fixtures.name_of_account(address);
        let ticket = |ticket: &Ticket| fixtures.name_of_ticket(ticket);
        let number = explain::text::grouped(&self.value.unwrap_or(0).to_string());
        let index = self.value.map(|_| number.clone());
        match &self.fact {
            Fact::Balance(whose, of) => match self.value {
                None => format!("{} has no {}", account(whose), ticket(of)),
                Some(_) => format!("{} has {number} {}", account(whose), ticket(of)),
            },
            Fact::Counter(whose) => format!("{}'s counter is {number}", account(whose)),
            Fact::Key(whose) => {
                let known = if self.value.is_some() { "known" } else { "unknown" };
                format!("{}'s key is {known}", account(whose))
            }
            Fact::Proven(whose) => {
                let not = if self.value.is_some() { "" } else { "not " };
                format!("{}'s key is {not}registered", account(whose))
            }
            Fact::Account(whose) => match index {
                None => format!("{} is no account", account(whose)),
                Some(index) => format!("{} is account {index}", account(whose)),
            },
            Fact::Ticket(of) => match index {
                None => format!("{} is no ticket", ticket(of)),
                Some(index) => format!("{} is ticket {index}", ticket(of)),
            },
            Fact::Deposited(of) => format!("{number} {} were ever deposited", ticket(of)),
            Fact::Left(of) => format!("{number} {} have left", ticket(of)),
            Fact::Next(Registry::Account) => format!("the next account index is {number}"),
            Fact::Next(Registry::Ticket) => format!("the next ticket index is {number}"),
            Fact::Pending => format!("{number} messages wait for the outbox"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_at_the_start_is_a_form() {
        for form in NOT_AT_THE_START {
            assert!(FORMS.contains(&form), "{form}");
        }
    }
}
