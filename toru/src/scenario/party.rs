//! Whom and what operations name, and in which way they do: by key, address, index or place.

use encoding::{AccountIndex, Ticket, TicketIndex, Tz4Address};
use inbox::v1::Signer;
use inbox::v2::{Name, Registration, TicketName};

use super::cast::Cast;
use super::error::Problem;
use super::words::Words;

/// Somebody in an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Party {
    pub who: Who,
    pub by: By,
}

/// Who that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Account(Tz4Address),
    /// Whoever has this index, if anybody.
    Index(u32),
    /// Nobody: 48 bytes in the place of a key.
    Key([u8; 48]),
}

/// How they are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// As a client would do it.
    Best,
    Address,
    Place,
}

/// A ticket in an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TicketWords {
    /// By index in v2, if it has one.
    Best(Ticket),
    InFull(Ticket),
    Index(u32),
}

/// `by address`, `by place`, or neither.
pub(super) fn by(words: &mut Words<'_>) -> By {
    match (words.phrase("by address"), words.phrase("by place")) {
        (Some(()), _) => By::Address,
        (None, Some(())) => By::Place,
        (None, None) => By::Best,
    }
}

/// `account 7`: whoever that is. A person may be called `account`.
pub(super) fn index(words: &mut Words<'_>) -> Option<Party> {
    let mut ahead = words.clone();
    ahead.phrase("account")?;
    let index = ahead.bounded()?;
    *words = ahead;
    Some(Party { who: Who::Index(index), by: By::Best })
}

/// A ticket as it is written, its name not yet looked up.
pub(super) enum Said<'w> {
    Name(&'w str),
    InFull(&'w str),
    Index(u32),
}

/// `gold`, `gold in full`, `of ticket 7`.
pub(super) fn ticket<'w>(words: &mut Words<'w>) -> Option<Said<'w>> {
    if words.phrase("of ticket").is_some() {
        return words.bounded().map(Said::Index);
    }
    let name = words.name()?;
    Some(match words.phrase("in full") {
        Some(()) => Said::InFull(name),
        None => Said::Name(name),
    })
}

impl Said<'_> {
    pub(super) fn find(&self, cast: &mut Cast) -> Result<TicketWords, Problem> {
        Ok(match self {
            Said::Name(name) => TicketWords::Best(cast.ticket(name)?),
            Said::InFull(name) => TicketWords::InFull(cast.ticket(name)?),
            Said::Index(index) => TicketWords::Index(*index),
        })
    }
}

/// What v1 has no way to say.
pub(super) fn only_v2(what: &str) -> Problem {
    Problem::unexpected(what, "what wire format v1 can say (format: v2)")
}

impl Party {
    /// The account of somebody, named as a client would do it.
    pub(super) fn account(address: Tz4Address) -> Self {
        Party { who: Who::Account(address), by: By::Best }
    }

    /// A signer as v1 names them.
    pub(super) fn as_signer(&self, key: Option<[u8; 48]>) -> Result<Signer, Problem> {
        match (self.who, self.by, key) {
            (Who::Key(key), ..) | (Who::Account(_), By::Best, Some(key)) => Ok(Signer::Key(key)),
            (Who::Account(address), By::Best | By::Address, _) => Ok(Signer::Address(address)),
            (Who::Index(_), ..) => Err(only_v2("an account by index")),
            (Who::Account(_), By::Place, _) => Err(only_v2("by place")),
        }
    }

    /// A receiver as v1 names them.
    pub(super) fn as_receiver(&self) -> Result<Tz4Address, Problem> {
        match (self.who, self.by) {
            (Who::Account(address), By::Best | By::Address) => Ok(address),
            (_, By::Place) => Err(only_v2("by place")),
            _ => Err(only_v2("an account by index")),
        }
    }

    /// As v2 names them: by index, if the rollup knows them, and otherwise by place, if the batch
    /// registers them.
    pub(super) fn as_name(
        &self,
        registrations: &[Registration],
        index: impl Fn(&Tz4Address) -> Option<AccountIndex>,
    ) -> Result<Name, Problem> {
        let address = match self.who {
            Who::Index(index) => return Ok(Name::Index(AccountIndex(index))),
            Who::Key(key) => {
                let place = registrations.iter().position(|one| one.key == key);
                let place = place.and_then(|at| u32::try_from(at).ok());
                let expected = "an account: v2 shows keys in registrations only";
                return place
                    .map(Name::Registration)
                    .ok_or_else(|| Problem::unexpected("a key", expected));
            }
            Who::Account(address) => address,
        };
        let is = |one: &Registration| Tz4Address::of_public_key(&one.key) == address;
        let place = registrations.iter().position(is).and_then(|at| u32::try_from(at).ok());
        match (self.by, place) {
            (By::Address, _) => Ok(Name::Address(address)),
            (By::Place, Some(place)) => Ok(Name::Registration(place)),
            (By::Place, None) => {
                Err(Problem::unexpected("by place", "somebody whom the batch registers"))
            }
            (By::Best, place) => Ok(match (index(&address), place) {
                (Some(index), _) => Name::Index(index),
                (None, Some(place)) => Name::Registration(place),
                (None, None) => Name::Address(address),
            }),
        }
    }
}

impl TicketWords {
    /// As v1 names it.
    pub(super) fn in_full(&self) -> Result<Ticket, Problem> {
        match self {
            TicketWords::Best(ticket) | TicketWords::InFull(ticket) => Ok(ticket.clone()),
            TicketWords::Index(_) => Err(only_v2("a ticket by index")),
        }
    }

    /// As v2 names it.
    pub(super) fn as_name(&self, index: impl Fn(&Ticket) -> Option<TicketIndex>) -> TicketName {
        match self {
            TicketWords::Index(index) => TicketName::Index(TicketIndex(*index)),
            TicketWords::InFull(ticket) => TicketName::Full(ticket.clone()),
            TicketWords::Best(ticket) => {
                index(ticket).map_or_else(|| TicketName::Full(ticket.clone()), TicketName::Index)
            }
        }
    }
}
