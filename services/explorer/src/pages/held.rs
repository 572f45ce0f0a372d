//! The deposits that are held: why, and how whoever made one gets it back.

use askama::Template;
use encoding::{Entrypoint, Kt1Address, Layer1Address, RollupAddress};
use history::HeldRow;
use inbox::reclaim::Request;
use layer1::address::{Address, Kind};
use serde_json::Value;
use tx_kernel::layout::exit_path;
use wallet::error::RpcError;
use wallet::held::helper_command;
use wallet::outbox::receiver_of;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::head::Head;
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
    /// The contract calls the rollup, by this command, which names such an entrypoint. If a tz4 made the deposit, the
    /// other command has it ask.
    Commands { contract: String, why: &'static str, signer: Option<String> },
    /// Otherwise.
    Words(&'static str),
}

/// By which entrypoint a ticketer pays.
enum Exit {
    /// As the rollup's configuration has it.
    Configured(Entrypoint),
    /// The rollup's configuration has none.
    Unconfigured,
    /// The node does not tell.
    Unknown,
}

/// The entrypoint by which our ticketer of tez pays.
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
    let mut exits = Exits { head: visit.look.seen().map(AsRef::as_ref) };
    let mut rows = Vec::with_capacity(found.rows.len());
    for one in &found.rows {
        rows.push(row(visit, one, &rollup, &times, &mut exits));
    }
    let page = HeldPage {
        frame: Frame::new(visit, "Deposits held"),
        all,
        held: rows,
        next: visit.next(found.next),
    };
    Ok(Answer::Page(page.render()?))
}

fn row(
    visit: &Visit<'_>,
    held: &HeldRow,
    rollup: &str,
    times: &Times,
    exits: &mut Exits<'_>,
) -> Row {
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
        back: back(held, rollup, exits),
    }
}

fn back(held: &HeldRow, rollup: &str, exits: &mut Exits<'_>) -> Back {
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
    let (entrypoint, why) = match exits.of(&ticket.ticketer) {
        Exit::Configured(entrypoint) => {
            (Some(entrypoint), "The rollup's configuration names the entrypoint in it.")
        }
        Exit::Unconfigured => (
            Entrypoint::new(BURN),
            "The rollup's configuration names no exit of this ticketer. The request names burn, by which the \
             ticketer of tez that comes with toru pays: another ticketer may have none, or one of another name.",
        ),
        Exit::Unknown => {
            return Back::Words(
                "The request names the entrypoint by which the ticketer pays. Which one that is is not known, \
                 as the node does not tell the rollup's configuration.",
            );
        }
    };
    let commands = entrypoint.and_then(|entrypoint| {
        let signer = signed_command(held, receiver, &entrypoint);
        let contract = command(held, ticket.ticketer, entrypoint, receiver, &sender, rollup)?;
        Some(Back::Commands { contract, why, signer })
    });
    commands.unwrap_or(Back::Words("The request cannot be written."))
}

/// The call by which the contract that made the deposit asks for it, if it is our deposit helper.
fn command(
    held: &HeldRow,
    ticketer: Kt1Address,
    entrypoint: Entrypoint,
    receiver: Layer1Address,
    sender: &Address,
    rollup: &str,
) -> Option<String> {
    let request = Request {
        number: held.number,
        destination: ticketer,
        entrypoint,
        receiver: Some(receiver),
    };
    let Layer1Address::Implicit(source) = receiver else { return None };
    // What the node says of its own address is not taken over into a command unread.
    let rollup = rollup.parse::<Address>().ok().filter(|address| address.kind == Kind::Rollup)?;
    Some(helper_command(&RollupAddress(rollup.hash), &request, &Kt1Address(sender.hash), source))
}

/// The command by which the tz4 that made a deposit signs the request itself.
fn signed_command(
    held: &HeldRow,
    receiver: Layer1Address,
    entrypoint: &Entrypoint,
) -> Option<String> {
    let Layer1Address::Implicit(source) = receiver else { return None };
    source.tz4().map(|_| format!("toru reclaim {} --from KEY --exit {entrypoint}", held.number))
}

/// What the node says of the exits of ticketers, as long as it answers.
struct Exits<'v> {
    head: Option<&'v Head>,
}

impl Exits<'_> {
    /// The entrypoint by which the rollup's configuration has a ticketer pay.
    fn of(&mut self, ticketer: &Kt1Address) -> Exit {
        let Some(head) = self.head else { return Exit::Unknown };
        let asked = head.once(&format!("exit {ticketer}"), |head| {
            let value = head.session.node().value(&head.block.hash, &exit_path(ticketer))?;
            Ok::<_, RpcError>(value.map_or(Value::Null, |bytes| hex::encode(bytes).into()))
        });
        match asked {
            Ok(Value::Null) => Exit::Unconfigured,
            Ok(text) => {
                let bytes = text.as_str().and_then(|text| hex::decode(text).ok());
                let entrypoint = bytes.and_then(|bytes| Entrypoint::new(&bytes));
                // What is no entrypoint is none that the kernel would call.
                entrypoint.map_or(Exit::Unconfigured, Exit::Configured)
            }
            Err(error) => {
                // A node that is silent is not waited for once more for each row.
                if matches!(error, RpcError::Connection { .. }) {
                    self.head = None;
                }
                Exit::Unknown
            }
        }
    }
}
