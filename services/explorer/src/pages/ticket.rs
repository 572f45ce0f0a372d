//! A ticket: who makes it, whether it is pinned, how much there is of it, whether that is backed, and who has it.

use askama::Template;
use encoding::{Amount, TicketHash};
use history::{BalanceRow, Filter, HolderCursor, Page, SupplyRow};
use wallet::ticket::{Token, content_words};

use crate::answer::Answer;
use crate::backing::{Backing, backing};
use crate::draw::{Drawing, Series, steps};
use crate::failure::Failure;
use crate::frame::Frame;
use crate::limits::{DRAWN_SUPPLIES, ROWS, SOME_ROWS};
use crate::moves::MoveLine;
use crate::parts::{LongName, TicketName, When, counted, decimal_text, digits, token};
use crate::text::Text;
use crate::times::Times;
use crate::visit::{self, Visit};

#[derive(Template)]
#[template(path = "ticket.html")]
struct TicketPage {
    frame: Frame,
    ticket: TicketName,
    resembles: Option<Text>,
    hash: LongName,
    ticketer: LongName,
    content: Text,
    name: Option<Text>,
    index: Option<u32>,
    decimals: u8,
    claimed_decimals: Option<u8>,
    since: When,
    supply: Option<Supply>,
    drawing: Drawing,
    backing: Option<Result<Backing, Text>>,
    holder_count: String,
    holders: Vec<Holder>,
    next: Option<String>,
    moves: Vec<MoveLine>,
    is_first: bool,
}

/// How much there is of it.
struct Supply {
    when: When,
    on_rollup: String,
    deposited: String,
    withdrawn: String,
}

/// Somebody who has some.
struct Holder {
    account: LongName,
    amount: String,
    share: Option<String>,
}

/// Makes it.
///
/// # Errors
/// When the hash is malformed, nothing has it, or the index cannot be read.
pub(crate) fn page(visit: &Visit<'_>) -> Result<Answer, Failure> {
    visit.asks_only(&[AFTER, BELOW])?;
    let hash = TicketHash(visit::hash(visit.named(0))?);
    let after = holders_after(visit)?;
    let found = visit.read(|reader| {
        let Some(ticket) = reader.ticket(&hash)? else { return Ok(None) };
        let supplies = reader.supplies(ticket.row, DRAWN_SUPPLIES)?;
        let holders = reader.holders(ticket.row, after, ROWS)?;
        let count = reader.count_holders(ticket.row)?;
        let filter = Filter { ticket: Some(ticket.row), ..Filter::default() };
        let moves = match after {
            None => reader.moves(filter, Page::first(SOME_ROWS))?.rows,
            Some(_) => Vec::new(),
        };
        let levels = supplies.first().map(|last| last.level);
        let times = Times::of(reader, levels.into_iter().chain([ticket.since]))?;
        Ok(Some((ticket, supplies, holders, count, moves, times)))
    })?;
    let Some((row, supplies, holders, count, moves, times)) = found else {
        return Err(Failure::missing(
            format!("The index has no ticket {}.", hash.0),
            "The hash of a ticket is that of its ticketer and content: the search finds tickets by name.",
        ));
    };
    let token = token(&row, &visit.pins);
    let last = supplies.first();
    let name = TicketName::of(&token);
    let page = TicketPage {
        frame: Frame::new(visit, &format!("Ticket {}", name.label.plain())),
        ticket: name,
        resembles: token.resembles.as_deref().map(Text::of),
        hash: LongName::plain(&hash.0.to_string()),
        ticketer: LongName::outside(&row.ticket.ticketer.to_string()),
        content: Text::of(&content_words(&row.ticket.content)),
        name: token.name.as_deref().map(Text::of),
        index: row.index.map(|index| index.0),
        decimals: token.decimals,
        claimed_decimals: token.claimed_decimals.filter(|claimed| *claimed != token.decimals),
        since: times.when(row.since),
        supply: last.map(|last| supply(last, &token, &times)),
        drawing: drawing(&supplies, &token),
        backing: if after.is_none() { backing(visit, &token) } else { None },
        holder_count: counted(count, "account"),
        holders: holders.rows.iter().map(|one| holder(visit, one, last, &token)).collect(),
        next: holders.next.map(|next| onward(visit, next)),
        moves: moves.iter().map(|one| MoveLine::of(visit, one)).collect(),
        is_first: after.is_none(),
    };
    Ok(Answer::Page(page.render()?))
}

/// After whom the holders go on, and below what that one has.
const AFTER: &str = "after";
const BELOW: &str = "below";

/// Where the list of holders goes on, as the request says it.
fn holders_after(visit: &Visit<'_>) -> Result<Option<HolderCursor>, Failure> {
    match (visit.asked(AFTER)?, visit.asked(BELOW)?) {
        (None, None) => Ok(None),
        (Some(after), Some(below)) => {
            let amount = Some(below.as_str()).filter(|text| visit::is_digits(text));
            let amount = amount.and_then(|text| text.parse().ok()).map(Amount::new);
            let cursor = amount.zip(visit::whole(&after));
            let cursor = cursor.map(|(amount, account)| HolderCursor { amount, account });
            let wrong = || Failure::malformed(format!("{AFTER} and {BELOW} are numbers"));
            cursor.ok_or_else(wrong).map(Some)
        }
        _ => Err(Failure::malformed(format!("{AFTER} and {BELOW} are asked for together"))),
    }
}

/// The page with the holders after these.
fn onward(visit: &Visit<'_>, next: HolderCursor) -> String {
    visit.with(&[(BELOW, next.amount.to_string()), (AFTER, next.account.to_string())])
}

fn supply(last: &SupplyRow, token: &Token, times: &Times) -> Supply {
    Supply {
        when: times.when(last.level),
        on_rollup: digits(last.on_rollup, token),
        deposited: decimal_text(&last.deposited, token),
        withdrawn: decimal_text(&last.withdrawn, token),
    }
}

fn holder(visit: &Visit<'_>, row: &BalanceRow, last: Option<&SupplyRow>, token: &Token) -> Holder {
    let all = last.map_or(0, |last| u128::from(last.on_rollup.get()));
    // In hundredths of a per cent.
    let share = u128::from(row.amount.get()).saturating_mul(10_000).checked_div(all);
    Holder {
        account: visit.account(&row.account),
        amount: digits(row.amount, token),
        share: share.map(|share| format!("{}.{:02} %", share / 100, share % 100)),
    }
}

fn drawing(supplies: &[SupplyRow], token: &Token) -> Drawing {
    let value = |one: &SupplyRow| {
        let words = digits(one.on_rollup, token);
        (one.level.to_string(), Some((float(one.on_rollup.get()), words)))
    };
    let series = Series {
        id: "supply",
        title: "Supply over time, at each level that changed it",
        unit: "",
        place: "level",
        values: supplies.iter().rev().map(value).collect(),
    };
    steps(&series)
}

/// A supply for a drawing, where it matters no further than a pixel.
fn float(units: u64) -> f64 {
    let half = |part: u64| u32::try_from(part).map_or(0.0, f64::from);
    half(units >> 32) * 4_294_967_296.0 + half(units & 0xffff_ffff)
}
