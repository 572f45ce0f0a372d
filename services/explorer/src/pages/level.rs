//! A level: its inbox decoded, with what became of each message, and its outbox.

use askama::Template;
use encoding::{Level, Ticket, TicketIndex};
use history::LevelRow;
use layer1::plain::{grouped, quoted};
use serde_json::{Value, json};
use wallet::error::RpcError;
use wallet::outbox::{OutboxMessage, OutboxMessageId, messages};

use super::message_row::MessageRow;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::parts::{LongName, TicketName, When, decimal_text, token_of};
use crate::text::Text;
use crate::times::Times;
use crate::visit::{self, Visit};

#[derive(Template)]
#[template(path = "level.html")]
struct LevelPage {
    frame: Frame,
    number: i32,
    when: When,
    block: LongName,
    before: Option<i32>,
    after: Option<i32>,
    shown: bool,
    facts: Vec<(&'static str, String)>,
    messages: Vec<MessageRow>,
    next: Option<String>,
    outbox: Result<Vec<OutboxRow>, Text>,
}

/// The ticks of a run by the version of the PVM: since Paris, and before it.
const TICKS_PER_RUN: [u64; 2] = [50_000_000_000_000, 11_000_000_000];

/// A message of the outbox.
struct OutboxRow {
    index: u32,
    text: Text,
}

/// Makes it.
///
/// # Errors
/// When the request is malformed, there is no such level, or the index cannot be read.
pub(crate) fn page(visit: &Visit<'_>) -> Result<Answer, Failure> {
    visit.asks_only(&["after"])?;
    let part = visit.part()?;
    let named = visit.named(0);
    let by_number = visit::level(named);
    if by_number.is_none() && !visit::is_block(named) {
        let message = format!("{} is no level, and no block's hash", quoted(named));
        return Err(Failure::misnamed(message));
    }
    let (row, messages, beside) = visit.read(|reader| {
        let row = match by_number {
            Some(level) => reader.level(level)?,
            None => reader.block(named)?,
        };
        let Some(row) = row else { return Ok((None, None, [None, None])) };
        let there = |number: i32| reader.level(Level(number));
        let number = row.level.0;
        let beside = [there(number.saturating_sub(1))?, there(number.saturating_add(1))?];
        let beside =
            beside.map(|found| found.map(|found| found.level.0).filter(|at| *at != number));
        let messages = reader.messages(row.level, part)?;
        Ok((Some(row), Some(messages), beside))
    })?;
    let (Some(row), Some(messages)) = (row, messages) else {
        return Err(Failure::missing(
            format!("The index has no level {}.", quoted(named)),
            "It may be still to come, older than the index, or taken back by a reorganisation.",
        ));
    };
    let number = row.level.0;
    let [before, after] = beside;
    let page = LevelPage {
        frame: Frame::new(visit, &format!("Level {number}")),
        number,
        when: When::of(&row),
        block: LongName::block(&row.block).whole(),
        before,
        after,
        shown: row.shown,
        facts: facts(&row),
        messages: messages.rows.iter().map(|one| MessageRow::of(one, &Times::default())).collect(),
        next: visit.next(messages.next),
        outbox: outbox(visit, &row),
    };
    Ok(Answer::Page(page.render()?))
}

fn facts(row: &LevelRow) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Messages for this rollup", grouped(row.messages)),
        ("Their bytes", grouped(row.bytes)),
        ("Messages for others", grouped(row.others)),
        ("Transfers applied", grouped(row.transfers)),
        ("Operations applied", grouped(row.applied)),
        ("Operations not applied", grouped(row.failed)),
    ];
    let operations = row.applied.saturating_add(row.failed);
    if operations > 0 {
        let share = row.cosigned.saturating_mul(100).checked_div(operations).unwrap_or(0);
        facts.push(("Covered by a batch's one signature", format!("{share} %")));
    }
    if let Some(ticks) = row.ticks {
        facts.push(("Ticks of the PVM", grouped(ticks)));
        facts.extend(runs(ticks).map(|runs| ("Runs of the kernel", grouped(runs))));
    }
    facts
}

/// How often the kernel ran in a level that took so many ticks. The PVM counts as many for each run as one may take, and
/// as many for the loading of the inbox. Nothing for a number that no level comes to, such as that of one in which the
/// PVM got stuck.
fn runs(ticks: u64) -> Option<u64> {
    let periods = TICKS_PER_RUN.iter().find_map(|per_run| {
        ticks.is_multiple_of(*per_run).then_some(ticks / per_run).filter(|periods| *periods > 0)
    });
    periods.map(|periods| periods - 1)
}

/// What the node has in the level's outbox.
fn outbox(visit: &Visit<'_>, row: &LevelRow) -> Result<Vec<OutboxRow>, Text> {
    let away = || Text::of("The node is not there to tell.");
    let head = visit.look.seen().ok_or_else(away)?;
    let asked = head.once(&format!("outbox {}", row.level), |head| {
        let all = messages(head.session.node(), &head.block.hash, row.level)?;
        let told = all.into_iter().map(|one| json!([one.id.index, one.message]));
        Ok::<_, RpcError>(Value::Array(told.collect()))
    });
    let says = |error: RpcError| Text::of(&visit.site.heads.without_address(&error.to_string()));
    let all = asked.map_err(says)?;
    // They are as they were written above.
    let message = |entry: &Value| {
        let index = u32::try_from(entry[0].as_u64()?).ok()?;
        let id = OutboxMessageId { level: row.level, index };
        let words = in_words(visit, &OutboxMessage { id, message: entry[1].clone() });
        Some(OutboxRow { index, text: Text::of(&words) })
    };
    Ok(all.as_array().into_iter().flatten().filter_map(message).collect())
}

/// A message of an outbox in words: what it hands to whom.
fn in_words(visit: &Visit<'_>, message: &OutboxMessage) -> String {
    if message.is_results_root() {
        return "a root over results, for receipts: nobody executes it".to_owned();
    }
    let Some(calls) = message.message["transactions"].as_array() else {
        let kind = message.message["kind"].as_str();
        return kind.unwrap_or("a message of a form that is not known").to_owned();
    };
    let handed = message.tickets().unwrap_or_default();
    let call = |(at, call): (usize, &Value)| {
        let whom = call["destination"].as_str().unwrap_or("nobody");
        let entrypoint = call["entrypoint"].as_str().unwrap_or("default");
        match handed.get(at) {
            Some((ticket, amount)) => {
                let index = ticket_index(visit, ticket);
                let token = token_of(ticket, index, &visit.pins);
                let amount = decimal_text(&amount.to_string(), &token);
                let name = TicketName::of(&token);
                format!("hands {amount} {} to {whom}%{entrypoint}", name.label.plain())
            }
            None => format!("calls {whom}%{entrypoint}"),
        }
    };
    calls.iter().enumerate().map(call).collect::<Vec<_>>().join(", and ")
}

/// The index of a ticket, if the index knows it.
fn ticket_index(visit: &Visit<'_>, ticket: &Ticket) -> Option<TicketIndex> {
    visit.read(|reader| reader.ticket(&ticket.hash())).ok().flatten()?.index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_takes_as_many_ticks_as_the_pvm_has_for_one() {
        for version in pvm::Version::ALL {
            assert!(TICKS_PER_RUN.contains(&version.ticks_per_call()), "{version}");
        }
        for ticks in TICKS_PER_RUN {
            assert!(pvm::Version::ALL.iter().any(|one| one.ticks_per_call() == ticks), "{ticks}");
        }
        // What the PVM has counted in a level with no message: the loading, and one run.
        let ticks = 2 * pvm::Version::default().ticks_per_call();
        assert_eq!(runs(ticks), Some(1));
    }

    #[test]
    fn runs_are_the_periods_without_that_of_the_inbox() {
        for (ticks, expected) in [
            (100_000_000_000_000, Some(1)),
            (50_000_000_000_000, Some(0)),
            (22_000_000_000, Some(1)),
            (11_000_000_000_000, Some(999)),
            (100_000_000_000_001, None),
            (0, None),
        ] {
            assert_eq!(runs(ticks), expected, "{ticks}");
        }
    }
}
