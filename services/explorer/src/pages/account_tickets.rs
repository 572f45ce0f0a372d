//! All that an account has, as the index knows it: the page of an account shows the first of it.

use askama::Template;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::parts::{LongName, Sum, When, token};
use crate::times::Times;
use crate::visit::{self, Visit};

#[derive(Template)]
#[template(path = "account_tickets.html")]
struct AccountTicketsPage {
    frame: Frame,
    account: LongName,
    rows: Vec<Row>,
    next: Option<String>,
}

/// What it has of a ticket.
struct Row {
    sum: Sum,
    changed: When,
}

/// Makes it.
///
/// # Errors
/// When the request is malformed, or the index cannot be read.
pub(crate) fn page(visit: &Visit<'_>) -> Result<Answer, Failure> {
    visit.asks_only(&["after"])?;
    let address = visit::account(visit.named(0))?;
    let part = visit.part()?;
    let (found, times) = visit.read(|reader| {
        let found = match reader.account(&address)? {
            Some(account) => reader.balances(account.row, part)?,
            None => history::Paged::default(),
        };
        let times = Times::of(reader, found.rows.iter().map(|one| one.level))?;
        Ok((found, times))
    })?;
    let rows = found.rows.iter().map(|one| Row {
        sum: Sum::of(one.amount, &token(&one.ticket, &visit.pins)),
        changed: times.when(one.level),
    });
    let page = AccountTicketsPage {
        frame: Frame::new(visit, &format!("Tickets of {address}")),
        account: visit.account(&address),
        rows: rows.collect(),
        next: visit.next(found.next),
    };
    Ok(Answer::Page(page.render()?))
}
