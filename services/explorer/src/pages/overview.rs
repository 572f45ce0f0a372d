//! The overview: how far the rollup is, what waits and what failed first, and what the last levels were.

use askama::Template;
use history::{
    AlarmRow, BoundedCount, HistoryError, LevelRow, Message, Page, Reader, Status, WithdrawalRow,
};
use layer1::plain::grouped;
use wallet::block_times::BlockTimes;

use super::levels::Row;
use super::message_row::MessageRow;
use super::next_commitment::next_commitment;
use crate::answer::Answer;
use crate::draw::{Drawing, Series, bars};
use crate::executable::Executable;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::head::Head;
use crate::limits::{DRAWN_LEVELS, SOME_ROWS};
use crate::parts::{LongName, When, count, more_of};
use crate::text::Text;
use crate::times::Times;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    frame: Frame,
    rollup: LongName,
    last: Option<When>,
    block: Option<LongName>,
    facts: Vec<Fact>,
    alarms: Vec<Alarm>,
    waiting: Vec<MessageRow>,
    more_waiting: Option<String>,
    refused: Vec<MessageRow>,
    failed: Vec<Row>,
    open_withdrawals: String,
    /// How many withdrawals can be executed now, and the oldest message of an outbox with some of them.
    executable: String,
    oldest: Option<Executable>,
    open_held: String,
    levels: Vec<Row>,
    drawings: Vec<Drawing>,
}

/// Something that is known, with its name.
struct Fact {
    name: &'static str,
    value: Text,
    more: Text,
}

/// Where state and moves differ.
struct Alarm {
    when: When,
    text: Text,
    stated: Text,
    derived: Text,
}

/// Makes it.
///
/// # Errors
/// When the request is malformed, or the index cannot be read.
pub(crate) fn page(visit: &Visit<'_>) -> Result<Answer, Failure> {
    visit.asks_only(&[])?;
    let Read {
        status,
        levels,
        waiting,
        all_waiting,
        refused,
        alarms,
        open,
        executable,
        held,
        times,
    } = visit.read(read)?;
    let (executable, oldest) = executable;
    let forecast = visit.times()?;
    let alarm = |alarm: AlarmRow| Alarm {
        when: times.when(alarm.level),
        text: Text::of(&alarm.text),
        stated: Text::of(&alarm.stated),
        derived: Text::of(&alarm.derived),
    };
    let head = visit.look.head().map(AsRef::as_ref);
    let failed = levels.iter().filter(|level| level.failed > 0).take(SOME_ROWS);
    let page = Overview {
        frame: Frame::new(visit, "Overview"),
        rollup: LongName::plain(&status.rollup).whole(),
        last: status.last.as_ref().map(When::of),
        block: status.last.as_ref().map(|last| LongName::block(&last.block)),
        facts: facts(&status, head, forecast.as_ref()),
        alarms: alarms.into_iter().map(alarm).collect(),
        more_waiting: more_of(all_waiting, waiting.len()),
        waiting: waiting.iter().map(|one| MessageRow::of(one, &times)).collect(),
        refused: refused.iter().map(|one| MessageRow::of(one, &times)).collect(),
        failed: failed.map(Row::of).collect(),
        open_withdrawals: grouped(open),
        executable: count(executable, "withdrawal"),
        oldest: Executable::of(visit, &oldest).into_iter().next(),
        open_held: grouped(held),
        levels: levels.iter().take(SOME_ROWS).map(Row::of).collect(),
        drawings: drawings(&levels),
    };
    Ok(Answer::Page(page.render()?))
}

/// What the index has of it.
struct Read {
    status: Status,
    levels: Vec<LevelRow>,
    waiting: Vec<Message>,
    all_waiting: BoundedCount,
    refused: Vec<Message>,
    alarms: Vec<AlarmRow>,
    /// How many withdrawals are open.
    open: u64,
    /// How many withdrawals can be executed, and the oldest of them.
    executable: (u64, Vec<WithdrawalRow>),
    held: u64,
    /// Of the levels that messages and alarms are of.
    times: Times,
}

fn read(reader: &Reader<'_>) -> Result<Read, HistoryError> {
    let some = Page::first(SOME_ROWS);
    let (waiting, refused) = (reader.waiting(some)?.rows, reader.refused(some)?.rows);
    let alarms = reader.alarms(some)?.rows;
    let of_messages = waiting.iter().chain(&refused).map(|message| message.id.level);
    Ok(Read {
        status: reader.status()?,
        levels: reader.levels(Page::first(DRAWN_LEVELS))?.rows,
        all_waiting: reader.count_waiting()?,
        open: reader.count_open_withdrawals()?,
        executable: (reader.count_executable()?, reader.executable(SOME_ROWS)?),
        held: reader.count_held()?,
        times: Times::of(reader, of_messages.chain(alarms.iter().map(|alarm| alarm.level)))?,
        waiting,
        refused,
        alarms,
    })
}

fn facts(status: &Status, head: Option<&Head>, times: Option<&BlockTimes>) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut fact = |name, value: String, more: String| {
        facts.push(Fact { name, value: Text::of(&value), more: Text::of(&more) });
    };
    if let Some(head) = head {
        let level = head.level().0;
        let indexed = status.last.as_ref().map_or(0, |last| last.level.0);
        let behind = u64::try_from(level.saturating_sub(indexed)).unwrap_or(0);
        fact(
            "The node's head",
            format!("level {level}"),
            match behind {
                0 => "the index has it".to_owned(),
                behind => format!("the index is {} behind", count(behind, "level")),
            },
        );
        let pace = &head.pace;
        let settled = pace.settled;
        fact(
            "Final",
            format!("level {}", settled.finalized),
            "no reorganisation takes it back".to_owned(),
        );
        let published = match pace.published {
            Some(published) => format!("published up to level {published}"),
            None => "none is known to be published".to_owned(),
        };
        fact("Last commitment", format!("level {}", settled.committed), published);
        let next = next_commitment(head, times);
        fact("Cemented", format!("level {}", settled.cemented), next);
        if let Some(queue) = head.last_queue() {
            let messages = count(u64::try_from(queue.messages).unwrap_or(u64::MAX), "message");
            fact("Waiting for a level", messages, format!("{} bytes", grouped(queue.bytes)));
        }
        fact(
            "Waiting for the outbox",
            count(head.outbox_queue, "message"),
            "at most 100 leave in a level".to_owned(),
        );
    }
    if status.unseen > 0 {
        fact(
            "Levels without their messages",
            grouped(status.unseen),
            "the node did not show what was sent to them".to_owned(),
        );
    }
    facts
}

/// Transfers a level, bytes a transfer, and the share that was co-signed, from the oldest level to the newest.
fn drawings(levels: &[LevelRow]) -> Vec<Drawing> {
    let series = |id, title, unit, value: fn(&LevelRow) -> Option<(f64, String)>| Series {
        id,
        title,
        unit,
        place: "level",
        values: levels.iter().rev().map(|one| (one.level.to_string(), value(one))).collect(),
    };
    let transfers = series("transfers", "Transfers a level", "", |level| {
        level.shown.then(|| (float(level.transfers), grouped(level.transfers)))
    });
    let bytes = series("bytes", "Bytes a transfer", "", |level| {
        (level.shown && level.transfers > 0).then(|| {
            let each = float(level.bytes) / float(level.transfers);
            (each, format!("{each:.1}"))
        })
    });
    let share = series(
        "cosigned",
        "Share of operations covered by a batch's one signature",
        " %",
        |level| {
            let operations = level.applied.saturating_add(level.failed);
            (level.shown && operations > 0).then(|| {
                let share = 100.0 * float(level.cosigned) / float(operations);
                (share, format!("{share:.0}"))
            })
        },
    );
    vec![bars(&transfers), bars(&bytes), bars(&share)]
}

/// A count for a drawing, where it matters no further than a pixel.
fn float(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}
