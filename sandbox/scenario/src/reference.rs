//! Whom and what operations name, and in which way they do: by key, address, index or place.

use encoding::{AccountIndex, Ticket, TicketIndex, Tz4Address};
use inbox::v1::Signer;
use inbox::v2::{Name, Registration, TicketName};

use crate::error::Problem;
use crate::fixtures::Fixtures;
use crate::words::Words;

/// Somebody in an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AccountRef {
    pub who: Referent,
    pub by: NamedBy,
}

/// Somebody in an operation, however they are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Referent {
    Account(Tz4Address),
    /// Whoever has this index, if anybody.
    Index(u32),
    /// Nobody: 48 bytes in the place of a key.
    Key([u8; 48]),
}

/// How they are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NamedBy {
    /// As a client would do it.
    Best,
    Address,
    Index,
}

/// A ticket in an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TicketRef {
    /// By index in v2, if it has one.
    Best(Ticket),
    InFull(Ticket),
    Index(u32),
}

/// `by address`, `by place`, or neither.
pub(crate) fn by(words: &mut Words<'_>) -> NamedBy {
    match (words.phrase("by address"), words.phrase("by place")) {
        (Some(()), _) => NamedBy::Address,
        (None, Some(())) => NamedBy::Index,
        (None, None) => NamedBy::Best,
    }
}

/// `account 7`: whoever that is. A person may be called `account`.
pub(crate) fn index(words: &mut Words<'_>) -> Option<AccountRef> {
    let mut ahead = words.clone();
    ahead.phrase("account")?;
    let index = ahead.bounded()?;
    *words = ahead;
    Some(AccountRef { who: Referent::Index(index), by: NamedBy::Best })
}

/// A ticket as it is written, its name not yet looked up.
pub(crate) enum TicketPhrase<'w> {
    Name(&'w str),
    InFull(&'w str),
    Index(u32),
}

/// `gold`, `gold in full`, `of ticket 7`.
pub(crate) fn ticket<'w>(words: &mut Words<'w>) -> Option<TicketPhrase<'w>> {
    if words.phrase("of ticket").is_some() {
        return words.bounded().map(TicketPhrase::Index);
    }
    let name = words.name()?;
    Some(match words.phrase("in full") {
        Some(()) => TicketPhrase::InFull(name),
        None => TicketPhrase::Name(name),
    })
}

impl TicketPhrase<'_> {
    pub(crate) fn find(&self, fixtures: &mut Fixtures) -> Result<TicketRef, Problem> {
        Ok(match self {
            TicketPhrase::Name(name) => TicketRef::Best(fixtures.ticket(name)?),
            TicketPhrase::InFull(name) => TicketRef::InFull(fixtures.ticket(name)?),
            TicketPhrase::Index(index) => TicketRef::Index(*index),
        })
    }
}

/// What v1 has no way to say.
pub(crate) fn only_v2(what: &str) -> Problem {
    Problem::unexpected(what, "what wire format v1 can say (format: v2)")
}

impl AccountRef {
    /// The account of somebody, named as a client would do it.
    pub(crate) fn account(address: Tz4Address) -> Self {
        AccountRef { who: Referent::Account(address), by: NamedBy::Best }
    }

    /// A signer as v1 names them.
    pub(crate) fn as_signer(&self, key: Option<[u8; 48]>) -> Result<Signer, Problem> {
        match (self.who, self.by, key) {
            (Referent::Key(key), ..) | (Referent::Account(_), NamedBy::Best, Some(key)) => {
                Ok(Signer::Key(key))
            }
            (Referent::Account(address), NamedBy::Best | NamedBy::Address, _) => {
                Ok(Signer::Address(address))
            }
            (Referent::Index(_), ..) => Err(only_v2("an account by index")),
            (Referent::Account(_), NamedBy::Index, _) => Err(only_v2("by place")),
        }
    }

    /// A receiver as v1 names them.
    pub(crate) fn as_receiver(&self) -> Result<Tz4Address, Problem> {
        match (self.who, self.by) {
            (Referent::Account(address), NamedBy::Best | NamedBy::Address) => Ok(address),
            (_, NamedBy::Index) => Err(only_v2("by place")),
            _ => Err(only_v2("an account by index")),
        }
    }

    /// The name in v2: by index, if the rollup knows the account, and otherwise by registration, if the
    /// batch registers it.
    pub(crate) fn as_name(
        &self,
        registrations: &[Registration],
        index: impl Fn(&Tz4Address) -> Option<AccountIndex>,
    ) -> Result<Name, Problem> {
        let address = match self.who {
            Referent::Index(index) => return Ok(Name::Index(AccountIndex(index))),
            Referent::Key(key) => {
                let registration = registrations.iter().position(|one| one.key == key);
                let registration = registration.and_then(|at| u32::try_from(at).ok());
                let expected = "an account: v2 shows keys in registrations only";
                return registration
                    .map(Name::Registration)
                    .ok_or_else(|| Problem::unexpected("a key", expected));
            }
            Referent::Account(address) => address,
        };
        let is = |one: &Registration| Tz4Address::of_public_key(&one.key) == address;
        let registration = registrations.iter().position(is).and_then(|at| u32::try_from(at).ok());
        match (self.by, registration) {
            (NamedBy::Address, _) => Ok(Name::Address(address)),
            (NamedBy::Index, Some(registration)) => Ok(Name::Registration(registration)),
            (NamedBy::Index, None) => {
                Err(Problem::unexpected("by place", "somebody whom the batch registers"))
            }
            (NamedBy::Best, registration) => Ok(match (index(&address), registration) {
                (Some(index), _) => Name::Index(index),
                (None, Some(registration)) => Name::Registration(registration),
                (None, None) => Name::Address(address),
            }),
        }
    }
}

impl TicketRef {
    /// As v1 names it.
    pub(crate) fn in_full(&self) -> Result<Ticket, Problem> {
        match self {
            TicketRef::Best(ticket) | TicketRef::InFull(ticket) => Ok(ticket.clone()),
            TicketRef::Index(_) => Err(only_v2("a ticket by index")),
        }
    }

    /// As v2 names it.
    pub(crate) fn as_name(&self, index: impl Fn(&Ticket) -> Option<TicketIndex>) -> TicketName {
        match self {
            TicketRef::Index(index) => TicketName::Index(TicketIndex(*index)),
            TicketRef::InFull(ticket) => TicketName::Full(ticket.clone()),
            TicketRef::Best(ticket) => {
                index(ticket).map_or_else(|| TicketName::Full(ticket.clone()), TicketName::Index)
            }
        }
    }
}
