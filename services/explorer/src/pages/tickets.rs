//! The tickets: those that are pinned here, and all that the rollup knows.

use askama::Template;
use history::{SupplyRow, TicketRow};

use crate::answer::Answer;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::limits::PINS_LOOKED;
use crate::parts::{LongName, TicketName, When, digits, token};
use crate::text::Text;
use crate::times::Times;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "tickets.html")]
struct TicketsPage {
    frame: Frame,
    pinned: Vec<Row>,
    tickets: Vec<Row>,
    next: Option<String>,
}

/// A ticket as a row.
struct Row {
    ticket: TicketName,
    ticketer: LongName,
    detail: Option<Text>,
    supply: Option<String>,
    index: Option<u32>,
    since: When,
}

/// Makes it.
///
/// # Errors
/// When the request is malformed, or the index cannot be read.
pub(crate) fn page(visit: &Visit<'_>) -> Result<Answer, Failure> {
    visit.asks_only(&["after"])?;
    let part = visit.part()?;
    let (pinned, rows, next, times) = visit.read(|reader| {
        let supply = |ticket: TicketRow| {
            let supply = reader.supplies(ticket.row, 1)?.pop();
            Ok::<_, history::HistoryError>((ticket, supply))
        };
        let mut pinned = Vec::new();
        if part.after.is_none() {
            for pin in visit.pins.entries().iter().take(PINS_LOOKED) {
                if let Some(ticket) = reader.ticket(&pin.ticket.hash())? {
                    pinned.push(supply(ticket)?);
                }
            }
        }
        let found = reader.tickets(part)?;
        let mut rows = Vec::with_capacity(found.rows.len());
        for ticket in found.rows {
            rows.push(supply(ticket)?);
        }
        let since = pinned.iter().chain(&rows).map(|(ticket, _)| ticket.since);
        let times = Times::of(reader, since)?;
        Ok((pinned, rows, found.next, times))
    })?;
    let row = |(ticket, supply): &(TicketRow, Option<SupplyRow>)| {
        row(visit, ticket, supply.as_ref(), &times)
    };
    let page = TicketsPage {
        frame: Frame::new(visit, "Tickets"),
        pinned: pinned.iter().map(row).collect(),
        tickets: rows.iter().map(row).collect(),
        next: visit.next(next),
    };
    Ok(Answer::Page(page.render()?))
}

fn row(visit: &Visit<'_>, ticket: &TicketRow, supply: Option<&SupplyRow>, times: &Times) -> Row {
    let token = token(ticket, &visit.pins);
    Row {
        ticket: TicketName::of(&token),
        ticketer: LongName::outside(&ticket.ticket.ticketer.to_string()),
        detail: token.detail().map(|detail| Text::of(&detail)),
        supply: supply.map(|supply| digits(supply.on_rollup, &token)),
        index: ticket.index.map(|index| index.0),
        since: times.when(ticket.since),
    }
}
