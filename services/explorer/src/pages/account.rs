//! An account: what it has, as the state says, and its history.

use askama::Template;
use encoding::{Amount, Tz4Address};
use history::{
    AccountRow, BalanceRow, BoundedCount, Filter, HistoryError, MoveRow, Page, Paged, Reader,
    TicketRow,
};
use serde_json::{Value, json};
use wallet::error::StateError;
use wallet::ticket::Token;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::head::Head;
use crate::history_filter::{ASKED, filter, query};
use crate::holdings::{Holdings, holdings, pinned};
use crate::limits::{ASKED_PINS, ASKED_TICKETS, HOLDINGS, ROWS};
use crate::moves::MoveLine;
use crate::parts::{LongName, Sum, When, counted, token, token_of};
use crate::text::Text;
use crate::times::Times;
use crate::visit::{self, Visit};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    address: LongName,
    called: Option<Text>,
    path: String,
    index: Option<u64>,
    counter: Option<u64>,
    registered: Option<bool>,
    since: Option<When>,
    /// The level whose state says what it has; none if that is what the index knows.
    stated: Option<i32>,
    sums: Vec<Sum>,
    /// Where there is all that it has, if it has more.
    more: Option<String>,
    tickets: Vec<Choice>,
    kinds: Vec<Choice>,
    asked_since: String,
    applied: bool,
    count: String,
    moves: Vec<MoveLine>,
    next: Option<String>,
    /// Whether there may be more of what the filter takes than this part of it has.
    looks_on: bool,
    csv: String,
    is_known: bool,
}

/// Something that can be chosen in a form.
struct Choice {
    value: String,
    words: Text,
    chosen: bool,
}

/// Makes it.
///
/// # Errors
/// When the request is malformed, or the index cannot be read.
pub(crate) fn page(visit: &Visit<'_>) -> Result<Answer, Failure> {
    visit.asks_only(&[&ASKED[..], &["after"]].concat())?;
    let address = visit::account(visit.named(0))?;
    let (part, filter) = (visit.part()?, filter(visit)?);
    let asked_ticket = visit.asked("ticket")?;
    let Read { account, has, found, count, times, asked } =
        visit.read(|reader| read(visit, reader, &address, filter, part))?;
    let balances = &has.rows;
    let stated = visit.look.seen().and_then(|head| stated(head, &address, balances).ok());
    let is_known = account.is_some() || stated.as_ref().is_some_and(|one| one["index"].is_u64());
    let mut frame = Frame::new(visit, &format!("Account {address}"));
    if visit.look.seen().is_some() && stated.is_none() {
        let note = "The node does not tell what the account has: this is what the index knows.";
        frame.notes.push(Text::of(note));
    }
    let kinds = ["deposit", "transfer", "withdrawal"];
    let asked_kind = visit.asked("kind")?;
    // What is asked for can be chosen again, whether it is among those that are shown or not.
    let shown = balances.iter().map(|one| &one.ticket);
    let is_shown = |ticket: &TicketRow| balances.iter().any(|one| one.ticket.row == ticket.row);
    let choices = shown.chain(asked.as_ref().filter(|ticket| !is_shown(ticket)));
    let page = AccountPage {
        frame,
        address: LongName::plain(&address.to_string()).whole(),
        called: visit.site.called(&address).map(Text::of),
        path: visit.path.to_owned(),
        index: number(
            stated.as_ref(),
            "index",
            account.as_ref().and_then(|one| one.index).map(|index| index.0.into()),
        ),
        counter: number(stated.as_ref(), "counter", None),
        registered: is_registered(stated.as_ref(), account.as_ref()),
        since: account.as_ref().map(|account| times.when(account.since)),
        stated: stated.as_ref().and(visit.look.seen()).map(|head| head.level().0),
        sums: sums(visit, stated.as_ref(), balances),
        more: has.more.then(|| format!("/account/{address}/tickets")),
        tickets: choices.map(|one| choice(visit, one, asked_ticket.as_deref())).collect(),
        kinds: kinds
            .into_iter()
            .map(|kind| Choice {
                value: kind.to_owned(),
                words: Text::of(kind),
                chosen: asked_kind.as_deref() == Some(kind),
            })
            .collect(),
        asked_since: filter.since.map(|level| level.to_string()).unwrap_or_default(),
        applied: filter.applied,
        count: counted(count, "move"),
        looks_on: found.next.is_some() && found.rows.len() < ROWS,
        moves: found.rows.iter().map(|one| MoveLine::of(visit, one)).collect(),
        next: visit.next(found.next),
        csv: format!("/account/{address}/history.csv{}", query(visit)?),
        is_known,
    };
    Ok(Answer::Page(page.render()?))
}

/// What the index has of it.
#[derive(Default)]
struct Read {
    account: Option<AccountRow>,
    has: Holdings,
    found: Paged<MoveRow>,
    count: BoundedCount,
    times: Times,
    /// The ticket that the filter names.
    asked: Option<TicketRow>,
}

fn read(
    visit: &Visit<'_>,
    reader: &Reader<'_>,
    address: &Tz4Address,
    filter: Filter,
    part: Page,
) -> Result<Read, HistoryError> {
    let Some(account) = reader.account(address)? else { return Ok(Read::default()) };
    let asked = match filter.ticket {
        Some(row) => reader.ticket_of_row(row)?,
        None => None,
    };
    Ok(Read {
        has: holdings(reader, account.row, &pinned(reader, &visit.pins)?, HOLDINGS)?,
        found: reader.moves_of_account(account.row, filter, part)?,
        count: reader.count_of_account(account.row)?,
        times: Times::of(reader, [account.since])?,
        account: Some(account),
        asked,
    })
}

fn choice(visit: &Visit<'_>, ticket: &TicketRow, asked: Option<&str>) -> Choice {
    let value = ticket.hash.0.to_string();
    let words = token(ticket, &visit.pins).among(&[]);
    Choice { chosen: asked == Some(value.as_str()), value, words: Text::of(&words) }
}

/// What the state at the head says of an account, as it is kept for all who ask about this head: its index, its
/// counter, whether its key is registered, and how much it has of the tickets that it could have.
fn stated(head: &Head, address: &Tz4Address, balances: &[BalanceRow]) -> Result<Value, StateError> {
    head.once(&format!("account {address}"), |head| {
        let state = head.state()?;
        let account = state.account(address)?;
        // The first tickets, some that are pinned, and those that the page shows the account to have: anybody can
        // send it others, and each is a question of its own.
        let mut tokens: Vec<Token> = Vec::new();
        for index in 0..state.ticket_count()?.min(ASKED_TICKETS) {
            tokens.extend(state.token_at(encoding::TicketIndex(index))?);
        }
        let known = balances.iter().map(|one| &one.ticket.ticket);
        let pinned = state.pins().entries().iter().take(ASKED_PINS).map(|pin| &pin.ticket);
        for ticket in known.chain(pinned) {
            if !tokens.iter().any(|token| token.ticket == *ticket) {
                let name = inbox::v2::TicketName::Full(ticket.clone());
                tokens.extend(state.token_named(&name)?);
            }
        }
        let mut held = Vec::new();
        for token in tokens {
            let amount = state.balance(&account, &token)?;
            if !amount.is_zero() {
                let record = hex::encode(token.ticket.to_record());
                held.push(json!([token.known_index().map(|index| index.0), record, amount.get()]));
            }
        }
        Ok(json!({
            "index": account.index.map(|index| index.0),
            "counter": account.counter.get(),
            "registered": account.registered,
            "held": held,
        }))
    })
}

fn number(stated: Option<&Value>, field: &str, known: Option<u64>) -> Option<u64> {
    stated.map_or(known, |stated| stated[field].as_u64())
}

fn is_registered(stated: Option<&Value>, account: Option<&AccountRow>) -> Option<bool> {
    let known = || account.and_then(|account| account.registered).map(|_| true);
    stated.map_or_else(known, |stated| stated["registered"].as_bool())
}

/// What it has: as the state says, or as the index knows it. What is pinned comes first.
fn sums(visit: &Visit<'_>, stated: Option<&Value>, balances: &[BalanceRow]) -> Vec<Sum> {
    let of_state = |one: &Value| {
        let record = hex::decode(one[1].as_str()?).ok()?;
        let ticket = encoding::Ticket::from_record(&record)?;
        let index = one[0].as_u64().and_then(|index| u32::try_from(index).ok());
        let token = token_of(&ticket, index.map(encoding::TicketIndex), &visit.pins);
        Some((Amount::new(one[2].as_u64()?), token))
    };
    let mut all: Vec<(Amount, Token)> = match stated {
        Some(stated) => {
            stated["held"].as_array().into_iter().flatten().filter_map(of_state).collect()
        }
        None => balances.iter().map(|one| (one.amount, token(&one.ticket, &visit.pins))).collect(),
    };
    all.sort_by_key(|(_, token)| (token.pinned.is_none(), token.index));
    all.iter().map(|(amount, token)| Sum::of(*amount, token)).collect()
}
