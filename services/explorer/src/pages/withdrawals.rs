//! The withdrawals: how far each is, when it can be executed, until when, and the command that does it.

use askama::Template;
use history::WithdrawalRow;

use super::countdown::{Clock, Countdown};
use super::stages::{Stage, of_withdrawal};
use crate::answer::Answer;
use crate::executable::command;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::limits::ROWS;
use crate::moves::MoveLine;
use crate::parts::{count, more_than};
use crate::text::Text;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "withdrawals.html")]
struct WithdrawalsPage {
    frame: Frame,
    all: bool,
    /// How many are on their way, and how many of them can be executed now.
    open: String,
    executable: String,
    withdrawals: Vec<Row>,
    next: Option<String>,
    /// Those of which the node does not tell whether they were executed.
    unknown: Vec<Row>,
    /// How many of them there are, and how many more than are shown.
    unknown_count: String,
    more_unknown: Option<String>,
    /// What times are worth, where there are any.
    caveat: Option<Text>,
}

/// A withdrawal as a row.
struct Row {
    id: i64,
    moved: MoveLine,
    stages: Vec<Stage>,
    outbox: Option<(i32, u32)>,
    /// When it can be executed.
    begins: Text,
    /// When that is over, and it is lost.
    ends: Text,
    command: Option<String>,
}

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
    // They are among all, and would never leave those on their way.
    let apart = !all && visit.is_first_part();
    let (found, (unknown, unknown_count), open, executable) = visit.read(|reader| {
        let unknown = match apart {
            true => (reader.unknown_withdrawals(ROWS)?, reader.count_unknown_withdrawals()?),
            false => (Vec::new(), 0),
        };
        let (open, executable) = (reader.count_open_withdrawals()?, reader.count_executable()?);
        Ok((reader.withdrawals(!all, part)?, unknown, open, executable))
    })?;
    let head = visit.look.head();
    let clock = Clock {
        pace: head.map(|head| head.pace),
        is_now: visit.look.seen().is_some(),
        times: visit.times()?,
    };
    let row = |one: &WithdrawalRow| row(visit, &clock, one);
    let page = WithdrawalsPage {
        frame: Frame::new(visit, "Withdrawals"),
        all,
        open: count(open, "withdrawal"),
        executable: layer1::plain::grouped(executable),
        withdrawals: found.rows.iter().map(row).collect(),
        next: visit.next(found.next),
        more_unknown: more_than(unknown_count, unknown.len()),
        unknown: unknown.iter().map(row).collect(),
        unknown_count: count(unknown_count, "withdrawal"),
        caveat: clock.caveat().map(|words| Text::of(&words)),
    };
    Ok(Answer::Page(page.render()?))
}

fn row(visit: &Visit<'_>, clock: &Clock, withdrawal: &WithdrawalRow) -> Row {
    let Countdown { begins, ends, is_now } = clock.countdown(withdrawal);
    Row {
        id: withdrawal.moved.row,
        moved: MoveLine::of(visit, &withdrawal.moved),
        stages: of_withdrawal(withdrawal.stage, withdrawal.outbox.is_some()),
        outbox: withdrawal.outbox.map(|(level, index)| (level.0, index)),
        begins: Text::of(&begins),
        ends: Text::of(&ends),
        command: withdrawal.outbox.filter(|_| is_now).map(|(level, index)| command(level.0, index)),
    }
}
