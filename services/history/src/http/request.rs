//! A request to an endpoint, and what is read from it.

use encoding::{Hash32, TicketHash, TicketIndex, Tz4Address};
use layer1::address::{Address, Role};
use layer1::plain::quoted;

use super::failure::Failure;
use crate::api::{NotSince, Since};
use crate::limits::{MAX_PAGE, USUAL_PAGE};
use crate::read::Page;
use crate::words::MoveKind;

/// A request to an endpoint.
pub(super) struct Call {
    /// What the path has in its braces.
    pub(super) parameter: String,
    /// The query, decoded.
    pub(super) query: Vec<(String, String)>,
}

/// How a ticket is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TicketWord {
    /// By its identity.
    Hash(TicketHash),
    /// By its index in the registry.
    Index(TicketIndex),
}

impl Call {
    /// The hash in the path.
    pub(super) fn hash(&self) -> Result<Hash32, Failure> {
        hash(&self.parameter)
            .ok_or_else(|| malformed("hash", &self.parameter, "32 bytes in hexadecimal"))
    }

    /// The account in the path.
    pub(super) fn account(&self) -> Result<Tz4Address, Failure> {
        let text = &self.parameter;
        let address = Address::parse_as(Role::Account, text);
        let wrong = |error| Failure::malformed(format!("account: {} {error}", quoted(text)));
        address.map(|address| Tz4Address(address.hash)).map_err(wrong)
    }

    /// The value of a query that is there once at most.
    fn one(&self, name: &'static str) -> Result<Option<&str>, Failure> {
        let mut all = self.query.iter().filter(|(found, _)| found == name);
        match (all.next(), all.next()) {
            (_, Some(_)) => Err(Failure::malformed(format!("{name} is given twice"))),
            (one, None) => Ok(one.map(|(_, value)| value.as_str())),
        }
    }

    /// A query that is on or off.
    pub(super) fn flag(&self, name: &'static str) -> Result<bool, Failure> {
        match self.one(name)? {
            None | Some("false") => Ok(false),
            Some("" | "true") => Ok(true),
            Some(other) => Err(malformed(name, other, "true or false")),
        }
    }

    /// `after` and `limit`.
    pub(super) fn page(&self) -> Result<Page, Failure> {
        let after = match self.one("after")? {
            None => None,
            Some(text) => {
                let number = digits(text).and_then(|number| i64::try_from(number).ok());
                let expected = "the next of an answer before";
                Some(number.ok_or_else(|| malformed("after", text, expected))?)
            }
        };
        let rows = match self.one("limit")? {
            None => USUAL_PAGE,
            Some(text) => {
                let number = digits(text).and_then(|number| usize::try_from(number).ok());
                let expected = format!("a number from 1 to {MAX_PAGE}");
                let number = number.filter(|number| (1..=MAX_PAGE).contains(number));
                number.ok_or_else(|| malformed("limit", text, &expected))?
            }
        };
        Ok(Page { after, rows })
    }

    /// `kind`.
    pub(super) fn kind(&self) -> Result<Option<MoveKind>, Failure> {
        let expected = "deposit, transfer or withdrawal";
        let kind = |text| MoveKind::of_word(text).ok_or_else(|| malformed("kind", text, expected));
        self.one("kind")?.map(kind).transpose()
    }

    /// `ticket`.
    pub(super) fn ticket(&self) -> Result<Option<TicketWord>, Failure> {
        let Some(text) = self.one("ticket")? else { return Ok(None) };
        let of_hash = hash(text).map(|hash| TicketWord::Hash(TicketHash(hash)));
        let index = || digits(text).and_then(|number| u32::try_from(number).ok());
        let word = of_hash.or_else(|| index().map(|index| TicketWord::Index(TicketIndex(index))));
        let expected = "the index of a ticket, or its hash: 32 bytes in hexadecimal";
        word.map(Some).ok_or_else(|| malformed("ticket", text, expected))
    }

    /// `since`.
    pub(super) fn since(&self) -> Result<Option<Since>, Failure> {
        let Some(text) = self.one("since")? else { return Ok(None) };
        let wrong =
            |problem: NotSince| Failure::malformed(format!("since: {} {problem}", quoted(text)));
        text.parse().map(Some).map_err(wrong)
    }
}

/// A number of digits alone.
fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn hash(text: &str) -> Option<Hash32> {
    let bytes = hex::decode(text).ok()?;
    <[u8; 32]>::try_from(bytes).ok().map(Hash32)
}

/// A part of a request that is not what it should be.
fn malformed(what: &str, found: &str, expected: &str) -> Failure {
    Failure::malformed(format!("{what}: {} is not {expected}", quoted(found)))
}
