//! The deposits that are held: why, and how whoever made one gets it back.

use askama::Template;
use encoding::{Entrypoint, Kt1Address, Layer1Address};
use history::HeldRow;
use inbox::reclaim::Request;
use layer1::address::{Address, Kind};
use serde_json::Value;
use tx_kernel::layout::exit_path;
use wallet::error::RpcError;
use wallet::outbox::receiver_of;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::parts::{LongName, TicketName, When, decimal_text, reason, token_of};
use crate::text::Text;
use crate::times::Times;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "held.html")]
struct HeldPage {
    frame: Frame,
    all: bool,
    held: Vec<Row>,
    next: Option<String>,
}

/// A deposit that is held, or was.
struct Row {
    number: u64,
    when: When,
    place: u32,
    sender: LongName,
    source: LongName,
    ticket: Option<TicketName>,
    amount: Option<Text>,
    why: Text,
    paid: Option<When>,
    back: Back,
}

/// How it comes back.
enum Back {
    /// It has.
    Paid,
    /// The contract calls the rollup, by this command.
    Command(String),
    /// Otherwise.
    Words(&'static str),
}

/// The entrypoint by which our ticketers pay.
const BURN: &[u8] = b"burn";

/// Makes it.
///
/// # Errors
/// When the request is malformed, or the index cannot be read.
pub(crate) fn page(visit: &Visit<'_>) -> Result<Answer, Failure> {
    visit.asks_only(&["after", "all"])?;
    let part = visit.part()?;
    let all = match visit.asked("all")?.as_deref() {
        None => false,
        Some("1") => true,
        Some(_) => return Err(Failure::malformed("all is 1 or nothing")),
    };
    let (found, rollup, times) = visit.read(|reader| {
        let found = reader.held(!all, part)?;
        let levels =
            found.rows.iter().flat_map(|one| one.paid.into_iter().chain([one.message.level]));
        let times = Times::of(reader, levels)?;
        Ok((found, reader.rollup()?, times))
    })?;
    let page = HeldPage {
        frame: Frame::new(visit, "Deposits held"),
        all,
        held: found.rows.iter().map(|one| row(visit, one, &rollup, &times)).collect(),
        next: visit.next(found.next),
    };
    Ok(Answer::Page(page.render()?))
}

fn row(visit: &Visit<'_>, held: &HeldRow, rollup: &str, times: &Times) -> Row {
    let token = held.ticket.as_ref().map(|ticket| token_of(ticket, None, &visit.pins));
    let amount = held.amount.as_deref().map(|amount| match &token {
        Some(token) => decimal_text(amount, token),
        None => amount.to_owned(),
    });
    Row {
        number: held.number,
        when: times.when(held.message.level),
        place: held.message.index,
        sender: LongName::outside(&held.sender),
        source: LongName::outside(&held.source),
        ticket: token.as_ref().map(TicketName::of),
        amount: amount.as_deref().map(Text::of),
        why: Text::of(&reason(&held.outcome)),
        paid: held.paid.map(|level| times.when(level)),
        back: back(visit, held, rollup),
    }
}

fn back(visit: &Visit<'_>, held: &HeldRow, rollup: &str) -> Back {
    if held.paid.is_some() {
        return Back::Paid;
    }
    let Some(ticket) = &held.ticket else {
        return Back::Words("It carries no ticket that could be paid back.");
    };
    let Some(receiver) = receiver_of(&held.source) else {
        return Back::Words("Its source is not known, so nobody can be paid.");
    };
    let Ok(sender) = held.sender.parse::<Address>() else {
        return Back::Words("Its sender is not known, so nobody can ask for it.");
    };
    if sender.kind != Kind::Contract {
        return Back::Words("Its sender is no contract, so nobody can ask for it.");
    }
    command(visit, held, ticket.ticketer, receiver, &sender, rollup)
        .map_or(Back::Words("The request cannot be written."), Back::Command)
}

/// The call by which the contract that made the deposit asks for it, if it is our deposit helper.
fn command(
    visit: &Visit<'_>,
    held: &HeldRow,
    ticketer: Kt1Address,
    receiver: Layer1Address,
    sender: &Address,
    rollup: &str,
) -> Option<String> {
    let entrypoint = exit(visit, &ticketer).or_else(|| Entrypoint::new(BURN))?;
    let request = Request {
        number: held.number,
        destination: ticketer,
        entrypoint,
        receiver: Some(receiver),
    };
    let (source, bytes) = (held.source.parse::<Address>().ok()?, hex::encode(request.to_bytes()));
    // What the node says of its own address is not taken over into a command unread.
    let rollup = rollup.parse::<Address>().ok()?;
    Some(format!(
        "octez-client transfer 0 from {source} to {sender} --entrypoint reclaim \
         --arg 'Pair \"{rollup}\" 0x{bytes}' --burn-cap 1"
    ))
}

/// The entrypoint by which the rollup's configuration has a ticketer pay, if the node tells.
fn exit(visit: &Visit<'_>, ticketer: &Kt1Address) -> Option<Entrypoint> {
    let head = visit.look.seen()?;
    let asked = head.once(&format!("exit {ticketer}"), |head| {
        let value = head.session.node().value(&head.block.hash, &exit_path(ticketer))?;
        Ok::<_, RpcError>(value.map_or(Value::Null, |bytes| hex::encode(bytes).into()))
    });
    let bytes = hex::decode(asked.ok()?.as_str()?).ok()?;
    Entrypoint::new(&bytes)
}
