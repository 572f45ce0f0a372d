//! When a withdrawal can be executed, and how long: counted from where the node's head is, as things go now.

use encoding::Level;
use history::{WithdrawalRow, WithdrawalWord};
use wallet::block_times::BlockTimes;
use wallet::outbox::Listed;
use wallet::withdrawal::{SettlementPace, WithdrawalStage};

use crate::parts::count;

/// From what it is counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    /// How layer 1 settles, if the node has told.
    pub pace: Option<SettlementPace>,
    /// Whether that is what the node says now, and not what it said before it went away.
    pub is_now: bool,
    /// When levels will be there, if that is known.
    pub times: Option<BlockTimes>,
}

/// When a withdrawal can be executed, in words, and when that ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Countdown {
    /// When it can be executed.
    pub begins: String,
    /// When it cannot any more.
    pub ends: String,
    /// Whether it can now, as far as anybody knows.
    pub is_now: bool,
}

const NOT_KNOWN_YET: &str = "not known yet: nothing of this rollup is cemented";
const NOT_TOLD: &str = "not known: the node does not tell";

impl Clock {
    /// When a withdrawal can be executed, and when that ends.
    pub(crate) fn countdown(&self, withdrawal: &WithdrawalRow) -> Countdown {
        let of = |begins: &str, ends: &str, is_now| {
            let (begins, ends) = (begins.to_owned(), ends.to_owned());
            Countdown { begins, ends, is_now }
        };
        match (withdrawal.stage, withdrawal.outbox) {
            (WithdrawalWord::Executed, _) => {
                let level = withdrawal.executed.map(|level| format!("executed in level {level}"));
                of(level.as_deref().unwrap_or("executed"), "never: it is paid", false)
            }
            (WithdrawalWord::Lost, _) => of("never", "lost: nobody executed it", false),
            (WithdrawalWord::Unknown, None) => of(
                "not known: it has left the queue, and the node does not show its outboxes",
                "not known",
                false,
            ),
            (WithdrawalWord::Queued, _) | (_, None) => {
                let words = "when it has left the queue, of which 100 messages leave a level";
                of(words, "counted from then on", false)
            }
            (WithdrawalWord::Unknown, Some((level, _))) if self.is_over(level) => of(
                "not any more",
                "its time is over: it was executed or is lost, and the node does not tell which",
                false,
            ),
            (WithdrawalWord::Unknown, Some((level, _))) => {
                let begins = "now, if nobody has done it: the node does not tell";
                of(begins, &self.ends(level, withdrawal.expires), true)
            }
            (WithdrawalWord::Executable, Some((level, _))) => {
                of("now", &self.ends(level, withdrawal.expires), true)
            }
            (_, Some((level, _))) => {
                of(&self.begins(level), &self.ends(level, withdrawal.expires), false)
            }
        }
    }

    /// What its times are worth, where there are any.
    pub(crate) fn caveat(&self) -> Option<String> {
        self.pace.and(self.times).map(|times| times.caveat())
    }

    /// Whether the time of a level's outbox is over, as the node says now.
    fn is_over(&self, level: Level) -> bool {
        let stage = self.pace.map(|pace| pace.stage(level, Listed::Unknown));
        stage == Some(WithdrawalStage::Expired)
    }

    /// When a level will be cemented.
    fn begins(&self, level: Level) -> String {
        match self.pace.map(|pace| (pace, pace.left(level))) {
            Some((pace, Some(left))) => {
                self.until(pace, Level(pace.settled.head.0.saturating_add(left)))
            }
            Some((_, None)) => NOT_KNOWN_YET.to_owned(),
            None => NOT_TOLD.to_owned(),
        }
    }

    /// When the time of a level's outbox is over: as the node says, or else as the index knew. The index has the last
    /// level in which it is not.
    fn ends(&self, level: Level, expires: Option<Level>) -> String {
        match (self.pace.map(|pace| (pace, pace.over(level))), expires) {
            (Some((pace, Some(over))), _) => {
                let last = over.0.saturating_sub(1);
                format!("{}, after level {last}", self.until(pace, over))
            }
            (_, Some(last)) => format!("after about level {last}, as the index knew last"),
            (Some((_, None)), None) => NOT_KNOWN_YET.to_owned(),
            (None, None) => NOT_TOLD.to_owned(),
        }
    }

    /// How many levels it is from the head to another one, with the time where that is known.
    fn until(&self, pace: SettlementPace, level: Level) -> String {
        let head = pace.settled.head;
        let left = level.0.saturating_sub(head.0).max(0);
        let left = count(u64::try_from(left).unwrap_or(0), "level");
        let from = if self.is_now { String::new() } else { format!(" from level {head} on") };
        let when = self.times.and_then(|times| times.words(head, level));
        let when = when.map_or_else(String::new, |words| format!(" ({words})"));
        format!("in about {left}{from}{when}")
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

    fn pace(head: i32, cemented: i32) -> SettlementPace {
        let settled = Settled {
            head: Level(head),
            finalized: Level(head - 2),
            committed: Level(head - 10),
            cemented: Level(cemented),
        };
        SettlementPace { settled, published: Some(Level(head - 10)), known: true }
    }

    const AT: Option<(Level, u32)> = Some((Level(20), 0));

    #[test]
    fn both_ends_are_counted_down() {
        let now = Clock { pace: Some(pace(40, 10)), is_now: true, times: None };
        let away = Clock { is_now: false, ..now };
        let ends = "in about 151,210 levels, after level 151249";
        for (clock, stage, outbox, expected) in [
            (
                now,
                WithdrawalWord::Queued,
                None,
                ("when it has left the queue", "counted from then on", false),
            ),
            (now, WithdrawalWord::Outbox, AT, ("in about 10 levels", ends, false)),
            (now, WithdrawalWord::Cementing, AT, ("in about 10 levels", ends, false)),
            (now, WithdrawalWord::Executable, AT, ("now", ends, true)),
            (now, WithdrawalWord::Executed, AT, ("executed", "never", false)),
            (now, WithdrawalWord::Lost, AT, ("never", "lost", false)),
            (now, WithdrawalWord::Unknown, AT, ("now, if nobody has done it", ends, true)),
            (now, WithdrawalWord::Unknown, None, ("not known: it has left", "not known", false)),
            (
                away,
                WithdrawalWord::Outbox,
                AT,
                ("in about 10 levels from level 40 on", "in about 151,210 levels from", false),
            ),
            (Clock::default(), WithdrawalWord::Outbox, AT, (NOT_TOLD, NOT_TOLD, false)),
        ] {
            let told = clock.countdown(&withdrawal(stage, outbox));
            let (begins, ends, is_now) = expected;
            assert!(told.begins.starts_with(begins), "{stage:?}: {told:?}");
            assert!(told.ends.starts_with(ends) && told.is_now == is_now, "{stage:?}: {told:?}");
        }
    }

    #[test]
    fn what_the_node_says_and_what_the_index_knew_are_one_end() {
        let mut row = withdrawal(WithdrawalWord::Executable, AT);
        let clock = Clock { pace: Some(pace(40, 10)), is_now: true, times: None };
        let by_node = clock.countdown(&row).ends;
        // As the index has it: the last level in which it can be executed.
        row.expires =
            clock.pace.and_then(|pace| pace.over(Level(20))).map(|over| Level(over.0 - 1));
        assert_eq!(clock.countdown(&row).ends, by_node);
        assert!(by_node.ends_with(", after level 151249"), "{by_node}");
        let without = Clock::default().countdown(&row).ends;
        assert_eq!(without, "after about level 151249, as the index knew last");
        // An estimate of before does not win over what is so now.
        row.expires = Some(Level(99));
        assert_eq!(clock.countdown(&row).ends, by_node);
    }

    #[test]
    fn a_time_that_is_over_is_not_now() {
        let head = 20 + wallet::limits::ACTIVE_OUTBOX_LEVELS + 100;
        let over = Clock { pace: Some(pace(head, head - 100)), is_now: true, times: None };
        let told = over.countdown(&withdrawal(WithdrawalWord::Unknown, AT));
        assert!(!told.is_now && told.ends.starts_with("its time is over"), "{told:?}");
        let still = Clock { pace: Some(pace(head - 1, head - 101)), ..over };
        assert!(still.countdown(&withdrawal(WithdrawalWord::Unknown, AT)).is_now);
    }
}
