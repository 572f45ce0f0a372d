//! The search: by hash or the beginning of one, address, level, block, ticket, and name.

use askama::Template;
use encoding::{TicketHash, TicketIndex, Tz4Address};
use history::limits::{HASHES_FOUND, MIN_HASH_DIGITS};
use history::{Page, Reader, TicketRow};
use layer1::address::{Address, Kind};
use layer1::plain::{grouped, quoted};

use crate::answer::Answer;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::limits::{FOUND, SEARCH_CHARS, TICKETS_LOOKED};
use crate::parts::{LongName, TicketName, token};
use crate::text::Text;
use crate::visit::{self, Visit, is_block};

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    searched: Text,
    hashes: Vec<LongName>,
    tickets: Vec<TicketName>,
    accounts: Vec<LongName>,
    more: bool,
}

/// What was found.
#[derive(Default)]
struct Found {
    /// Where it is, if it is one thing and nothing else.
    at: Option<String>,
    hashes: Vec<LongName>,
    tickets: Vec<TicketRow>,
    accounts: Vec<Tz4Address>,
    /// Whether there are tickets that were not looked through.
    tickets_left: bool,
}

/// Makes it, or leads to the one thing that was found.
///
/// # Errors
/// When the request is malformed, nothing is found, or the index cannot be read.
pub(crate) fn page(visit: &Visit<'_>) -> Result<Answer, Failure> {
    visit.asks_only(&["q"])?;
    let Some(text) = visit.asked("q")? else { return Ok(Answer::Elsewhere("/".to_owned())) };
    let wanted = text.trim();
    if wanted.chars().count() > SEARCH_CHARS {
        let message = format!("What is searched for has at most {SEARCH_CHARS} characters");
        return Err(Failure::malformed(message));
    }
    let found = match visit.read(|reader| by_form(reader, wanted))? {
        found if found.at.is_some() || !found.is_empty() => found,
        _ => by_name(visit, wanted)?,
    };
    if let Some(at) = found.only() {
        return Ok(Answer::Elsewhere(at));
    }
    if found.is_empty() {
        let left = match found.tickets_left {
            true => {
                format!(" Only the first {} tickets were looked through.", grouped(TICKETS_LOOKED))
            }
            false => String::new(),
        };
        return Err(Failure::missing(
            format!("Nothing is found for {}.{left}", quoted(wanted)),
            "It can be a level, a block's hash, an address, the hash of a transaction, of a batch \
             or of a ticket (of the first two, 8 digits are enough), a ticket's name, or # and its index.",
        ));
    }
    let mut frame = Frame::new(visit, "Search").still();
    frame.searched = Text::of(wanted);
    let tickets: Vec<_> = found.tickets.iter().map(|one| token(one, &visit.pins)).collect();
    let page = SearchPage {
        frame,
        searched: Text::of(wanted),
        more: found.hashes.len() >= HASHES_FOUND || found.tickets_left,
        hashes: found.hashes,
        tickets: tickets.iter().map(TicketName::of).collect(),
        accounts: found.accounts.iter().map(|one| visit.account(one)).collect(),
    };
    Ok(Answer::Page(page.render()?))
}

impl Found {
    fn at(path: String) -> Self {
        Found { at: Some(path), ..Found::default() }
    }

    fn is_empty(&self) -> bool {
        self.hashes.is_empty() && self.tickets.is_empty() && self.accounts.is_empty()
    }

    /// Where the one thing is that was found.
    fn only(&self) -> Option<String> {
        // One that is found among some need not be the only one.
        if self.at.is_some() || self.tickets_left {
            return self.at.clone();
        }
        match (self.hashes.as_slice(), self.tickets.as_slice(), self.accounts.as_slice()) {
            ([hash], [], []) => hash.link.clone(),
            ([], [ticket], []) => Some(format!("/ticket/{}", ticket.hash.0)),
            ([], [], [account]) => Some(format!("/account/{account}")),
            _ => None,
        }
    }
}

/// What a text can be by its form alone.
fn by_form(reader: &Reader<'_>, wanted: &str) -> Result<Found, history::HistoryError> {
    if let Some(level) = visit::level(wanted)
        && reader.level(level)?.is_some()
    {
        return Ok(Found::at(format!("/level/{level}")));
    }
    if is_block(wanted) && reader.block(wanted)?.is_some() {
        return Ok(Found::at(format!("/level/{wanted}")));
    }
    if let Ok(address) = wanted.parse::<Address>() {
        return of_address(reader, address);
    }
    if let Some(index) = wanted.strip_prefix('#').and_then(visit::whole) {
        let index = u32::try_from(index).ok().map(TicketIndex);
        let ticket = index.map(|index| reader.ticket_at(index)).transpose()?.flatten();
        return Ok(Found { tickets: ticket.into_iter().collect(), ..Found::default() });
    }
    let digits = wanted.strip_prefix("0x").unwrap_or(wanted).to_ascii_lowercase();
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hex || digits.len() < MIN_HASH_DIGITS || digits.len() > 64 {
        return Ok(Found::default());
    }
    if let Ok(hash) = visit::hash(&digits)
        && reader.ticket(&TicketHash(hash))?.is_some()
    {
        return Ok(Found::at(format!("/ticket/{hash}")));
    }
    let mut hashes = Vec::new();
    for hash in reader.hashes(&digits)? {
        let is_batch = reader.transactions(&hash, Page::first(1))?.rows.is_empty();
        hashes.push(if is_batch { LongName::batch(&hash) } else { LongName::transaction(&hash) });
    }
    Ok(Found { hashes, ..Found::default() })
}

fn of_address(reader: &Reader<'_>, address: Address) -> Result<Found, history::HistoryError> {
    match address.kind {
        Kind::Implicit(3) => Ok(Found::at(format!("/account/{address}"))),
        Kind::Rollup if reader.rollup()? == address.to_string() => Ok(Found::at("/".to_owned())),
        Kind::Contract => {
            let text = address.to_string();
            looked_through(reader, |ticket| ticket.ticket.ticketer.to_string() == text)
        }
        _ => Ok(Found::default()),
    }
}

/// The first tickets that fit, of those that are looked through.
fn looked_through(
    reader: &Reader<'_>,
    fits: impl Fn(&TicketRow) -> bool,
) -> Result<Found, history::HistoryError> {
    let (mut found, mut looked, mut part) = (Found::default(), 0, Page::first(0));
    loop {
        let some = reader.tickets(part)?;
        looked += some.rows.len();
        found.tickets.extend(some.rows.into_iter().filter(|ticket| fits(ticket)));
        found.tickets.truncate(FOUND);
        match some.next {
            Some(next) if looked < TICKETS_LOOKED && found.tickets.len() < FOUND => {
                part.after = Some(next);
            }
            more => {
                found.tickets_left = more.is_some();
                return Ok(found);
            }
        }
    }
}

/// What bears a name here, and tickets whose content says it. A pinned name means one ticket.
fn by_name(visit: &Visit<'_>, wanted: &str) -> Result<Found, Failure> {
    let mut found = Found::default();
    let all = visit.site.names.iter().filter(|(_, name)| name.eq_ignore_ascii_case(wanted));
    found.accounts = all.map(|(address, _)| *address).collect();
    if let Some(pin) = visit.pins.find(wanted) {
        let hash = pin.ticket.hash();
        found.tickets = visit.read(|reader| Ok(reader.ticket(&hash)?.into_iter().collect()))?;
        return Ok(found);
    }
    let says = |ticket: &TicketRow| {
        let token = token(ticket, &visit.pins);
        let same = |text: &Option<String>| {
            text.as_ref().is_some_and(|text| text.eq_ignore_ascii_case(wanted))
        };
        same(&token.pinned) || same(&token.symbol) || same(&token.name)
    };
    let looked = visit.read(|reader| looked_through(reader, says))?;
    Ok(Found { accounts: found.accounts, ..looked })
}
