//! The withdrawals: how far each is, when it can be executed, until when, and the command that does it.

use askama::Template;
use encoding::Level;
use history::{WithdrawalRow, WithdrawalWord};
use wallet::block_times::BlockTimes;
use wallet::withdrawal::SettlementPace;

use super::stages::{Stage, of_withdrawal};
use crate::answer::Answer;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::moves::MoveLine;
use crate::parts::count;
use crate::text::Text;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "withdrawals.html")]
struct WithdrawalsPage {
    frame: Frame,
    all: bool,
    withdrawals: Vec<Row>,
    next: Option<String>,
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
    let found = visit.read(|reader| reader.withdrawals(!all, part))?;
    let page = WithdrawalsPage {
        frame: Frame::new(visit, "Withdrawals"),
        all,
        withdrawals: found.rows.iter().map(|one| row(visit, one)).collect(),
        next: visit.next(found.next),
    };
    Ok(Answer::Page(page.render()?))
}

fn row(visit: &Visit<'_>, withdrawal: &WithdrawalRow) -> Row {
    let head = visit.look.head();
    let pace = head.map(|head| head.pace);
    let times = head.and_then(|head| head.times);
    let (begins, ends) = countdown(withdrawal, pace.as_ref(), times.as_ref());
    let executable = withdrawal.stage == WithdrawalWord::Executable;
    let command = withdrawal.outbox.filter(|_| executable);
    Row {
        id: withdrawal.moved.row,
        moved: MoveLine::of(visit, &withdrawal.moved),
        stages: of_withdrawal(withdrawal.stage),
        outbox: withdrawal.outbox.map(|(level, index)| (level.0, index)),
        begins: Text::of(&begins),
        ends: Text::of(&ends),
        command: command
            .map(|(level, index)| format!("toru execute --level {level} --index {index}")),
    }
}

/// When it can be executed, and when that is over.
fn countdown(
    withdrawal: &WithdrawalRow,
    pace: Option<&SettlementPace>,
    times: Option<&BlockTimes>,
) -> (String, String) {
    let unknown = || "the node would know".to_owned();
    let levels = |levels: i32| count(u64::try_from(levels).unwrap_or(0), "level");
    let until = |pace: &SettlementPace, over: Level| {
        let left = over.0.saturating_sub(pace.settled.head.0).max(0);
        let when = times.and_then(|times| times.words(pace.settled.head, over));
        let when = when.map_or_else(String::new, |words| format!(" ({words})"));
        format!("in about {}{when}", levels(left))
    };
    let ends = |level: Level| {
        let over = withdrawal.expires.or_else(|| pace.and_then(|pace| pace.over(level)));
        match (over, pace) {
            (Some(over), Some(pace)) => until(pace, over),
            (None, Some(_)) => "not known yet: nothing of this rollup is cemented".to_owned(),
            (_, None) => unknown(),
        }
    };
    match (withdrawal.stage, withdrawal.outbox) {
        (WithdrawalWord::Executed, _) => {
            let level = withdrawal.executed.map(|level| format!("executed in level {level}"));
            (level.unwrap_or_else(|| "executed".to_owned()), "never: it is paid".to_owned())
        }
        (WithdrawalWord::Lost, _) => ("never".to_owned(), "lost: nobody executed it".to_owned()),
        (WithdrawalWord::Queued, _) | (_, None) => {
            let words = "when it has left the queue, of which 100 messages leave a level";
            (words.to_owned(), "counted from then on".to_owned())
        }
        (WithdrawalWord::Executable, Some((level, _))) => ("now".to_owned(), ends(level)),
        (WithdrawalWord::Unknown, Some((level, _))) => {
            ("now, if nobody has done it: the node does not tell".to_owned(), ends(level))
        }
        (_, Some((level, _))) => {
            let left = pace.and_then(|pace| pace.left(level).map(|left| (pace, left)));
            let begins = match (left, pace) {
                (Some((pace, left)), _) => {
                    until(pace, Level(pace.settled.head.0.saturating_add(left)))
                }
                (None, Some(_)) => "not known yet: nothing of this rollup is cemented".to_owned(),
                (None, None) => unknown(),
            };
            (begins, ends(level))
        }
    }
}

#[cfg(test)]
mod tests {
    use encoding::{Amount, Kt1Address, MessageId, Ticket, TicketContent};
    use history::{MoveKind, MoveRow, MoveState, TicketRow};
    use wallet::rpc::Settled;

    use super::*;

    fn withdrawal(stage: WithdrawalWord, outbox: Option<(Level, u32)>) -> WithdrawalRow {
        let ticket =
            Ticket { ticketer: Kt1Address([1; 20]), content: TicketContent::String(vec![]) };
        let (hash, since) = (ticket.hash(), Level(1));
        let ticket = TicketRow { row: 1, hash, ticket, since, index: None };
        let moved = MoveRow {
            row: 7,
            message: MessageId { level: Level(20), index: 2 },
            hash: None,
            kind: MoveKind::Withdrawal,
            sender: None,
            receiver: None,
            outside: None,
            entrypoint: None,
            pays: None,
            ticket,
            amount: Amount::new(5),
            memo: None,
            state: MoveState::Applied,
            result: None,
            time: None,
        };
        WithdrawalRow { moved, outbox, stage, executed: None, expires: None, ended: None }
    }

    #[test]
    fn both_ends_are_counted_down() {
        let settled = Settled {
            head: Level(40),
            finalized: Level(38),
            committed: Level(30),
            cemented: Level(10),
        };
        let pace = SettlementPace { settled, published: Some(Level(30)), known: true };
        let at = Some((Level(20), 0));
        for (stage, outbox, begins, ends) in [
            (WithdrawalWord::Queued, None, "when it has left the queue", "counted from then on"),
            (WithdrawalWord::Outbox, at, "in about 10 levels", "in about 151,210 levels"),
            (WithdrawalWord::Cementing, at, "in about 10 levels", "in about 151,210 levels"),
            (WithdrawalWord::Executable, at, "now", "in about 151,210 levels"),
            (WithdrawalWord::Executed, at, "executed", "never"),
            (WithdrawalWord::Lost, at, "never", "lost"),
        ] {
            let (from, to) = countdown(&withdrawal(stage, outbox), Some(&pace), None);
            assert!(from.starts_with(begins) && to.starts_with(ends), "{stage:?}: {from} / {to}");
        }
        let (from, to) = countdown(&withdrawal(WithdrawalWord::Outbox, at), None, None);
        assert_eq!(
            (from, to),
            ("the node would know".to_owned(), "the node would know".to_owned())
        );
    }
}
