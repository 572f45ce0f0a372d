//! When a message is tried: at once, after a pause that grows with every refusal, or when it is known that what
//! was begun has come to nothing.

use std::time::Duration;

use encoding::Level;

use crate::limits::LAST_TRIES;

/// How patient the operator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The pause after the first refusal.
    pub first_pause: Duration,
    /// The longest pause.
    pub max_pause: Duration,
    /// How long an execution may run.
    pub command_time: Duration,
    /// Levels: how long an execution whose result is not known is waited for.
    pub settle_levels: i32,
    /// Whether an execution that layer 1 refuses costs nothing, whatever was done before: so in the sandbox.
    pub is_free: bool,
}

/// How an execution has ended, as far as whoever ran it can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Nothing was sent to layer 1.
    Refused,
    /// Something was sent, and the node will show what became of it.
    Sent,
    /// Nobody knows whether anything was sent.
    Unknown,
}

/// The last that is known of the tries of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastTry {
    /// How it has ended; `None` if that was never written down.
    pub ended: Option<Ended>,
    /// When that was, in seconds of Unix.
    pub at: i64,
    /// The head then.
    pub head: Level,
    /// How many tries there were with it.
    pub count: u32,
}

/// What is to be done about a message that can be executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is executed now.
    Try,
    /// It was refused, and is tried at this time.
    Pause(i64),
    /// Its execution may be on its way: the node is asked until this level and this time.
    Ask(Level, i64),
    /// Its execution was sent, and this node never tells what became of it.
    Done,
}

/// Whether the node tells of a message that it has not been executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeSays {
    /// It does.
    Open,
    /// It tells of none.
    Nothing,
}

impl Policy {
    /// What is to be done about a message that can be executed, at a time, in seconds of Unix, and at a head.
    /// `left` is the time until its deadline, if that is known.
    #[must_use]
    pub fn step(
        &self,
        last: Option<&LastTry>,
        told: NodeSays,
        now: i64,
        head: Level,
        left: Option<Duration>,
    ) -> Step {
        let Some(last) = last else { return Step::Try };
        let wait = |pause: Duration| {
            let seconds = i64::try_from(pause.as_secs()).unwrap_or(i64::MAX);
            last.at.saturating_add(seconds)
        };
        // A clock that was put back must not keep anything waiting for ever.
        let is_over = |until: i64| now >= until || now < last.at;
        match last.ended {
            Some(Ended::Refused) => {
                let until = wait(self.pause(last.count, left));
                if is_over(until) { Step::Try } else { Step::Pause(until) }
            }
            Some(Ended::Sent) if told == NodeSays::Nothing => Step::Done,
            ended => {
                if self.is_free {
                    return Step::Try;
                }
                let level = Level(last.head.0.saturating_add(self.settle_levels));
                // Who began it may have been killed, and it runs on.
                let until = match ended {
                    Some(_) => wait(self.first_pause),
                    None => wait(self.command_time),
                };
                // A head before that of the try is another chain's: nothing is known of how far it is.
                let has_settled = head >= level;
                if has_settled && is_over(until) { Step::Try } else { Step::Ask(level, until) }
            }
        }
    }

    /// The pause after so many refusals: it doubles, but some tries are left before the deadline.
    #[must_use]
    pub fn pause(&self, count: u32, left: Option<Duration>) -> Duration {
        let doublings = count.saturating_sub(1).min(30);
        let pause = self.first_pause.saturating_mul(1 << doublings).min(self.max_pause);
        let pause = left.map_or(pause, |left| pause.min(left / LAST_TRIES));
        pause.max(self.first_pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn policy() -> Policy {
        Policy {
            first_pause: MINUTE,
            max_pause: 60 * MINUTE,
            command_time: 5 * MINUTE,
            settle_levels: 20,
            is_free: false,
        }
    }

    fn last(ended: Option<Ended>, count: u32) -> LastTry {
        LastTry { ended, at: 1_000, head: Level(100), count }
    }

    fn step(ended: Option<Ended>, count: u32, now: i64, head: i32) -> Step {
        policy().step(Some(&last(ended, count)), NodeSays::Open, now, Level(head), None)
    }

    #[test]
    fn what_was_never_tried_is_tried() {
        assert_eq!(policy().step(None, NodeSays::Open, 0, Level(0), None), Step::Try);
        assert_eq!(policy().step(None, NodeSays::Nothing, 0, Level(0), None), Step::Try);
    }

    #[test]
    fn pauses_grow_and_end_before_the_deadline() {
        let refused = Some(Ended::Refused);
        for (count, seconds) in [(1, 60), (2, 120), (3, 240), (6, 1_920), (7, 3_600), (99, 3_600)] {
            let until = 1_000 + seconds;
            assert_eq!(step(refused, count, until - 1, 100), Step::Pause(until), "{count}");
            assert_eq!(step(refused, count, until, 100), Step::Try, "{count}");
        }
        // With an hour left, there is a try every quarter of an hour, and never more than one a minute.
        let pause = |left| policy().pause(99, Some(left));
        assert_eq!(pause(60 * MINUTE), 15 * MINUTE);
        assert_eq!(pause(MINUTE), MINUTE);
        assert_eq!(pause(600 * MINUTE), 60 * MINUTE);
        assert_eq!(policy().pause(1, Some(600 * MINUTE)), MINUTE);
    }

    #[test]
    fn what_may_be_on_its_way_is_asked_for_and_not_repeated() {
        for ended in [Some(Ended::Sent), Some(Ended::Unknown)] {
            let asks = Step::Ask(Level(120), 1_060);
            assert_eq!(step(ended, 1, 1_000, 100), asks);
            assert_eq!(step(ended, 1, 9_999, 119), asks, "time alone is not enough");
            assert_eq!(step(ended, 1, 1_059, 500), asks, "levels alone are not enough");
            assert_eq!(step(ended, 1, 1_060, 120), Step::Try);
        }
        // Whoever began it was killed: what was begun may run as long as it may.
        assert_eq!(step(None, 1, 1_299, 500), Step::Ask(Level(120), 1_300));
        assert_eq!(step(None, 1, 1_300, 120), Step::Try);
    }

    #[test]
    fn a_node_that_tells_of_no_execution_is_believed_once() {
        let tell = |ended| {
            policy().step(Some(&last(ended, 1)), NodeSays::Nothing, 9_999, Level(999), None)
        };
        assert_eq!(tell(Some(Ended::Sent)), Step::Done);
        assert_eq!(tell(Some(Ended::Unknown)), Step::Try);
        assert_eq!(tell(Some(Ended::Refused)), Step::Try);
    }

    #[test]
    fn a_clock_that_was_put_back_and_a_chain_that_went_back() {
        assert_eq!(step(Some(Ended::Refused), 5, 10, 100), Step::Try);
        assert_eq!(step(Some(Ended::Sent), 1, 10, 120), Step::Try);
        assert_eq!(step(Some(Ended::Sent), 1, 5_000, 50), Step::Ask(Level(120), 1_060));
    }

    #[test]
    fn in_the_sandbox_nothing_is_lost_by_trying_again() {
        let policy = Policy { is_free: true, ..policy() };
        for ended in [None, Some(Ended::Sent), Some(Ended::Unknown)] {
            let step = policy.step(Some(&last(ended, 1)), NodeSays::Open, 1_000, Level(100), None);
            assert_eq!(step, Step::Try);
        }
        let refused = policy.step(
            Some(&last(Some(Ended::Refused), 1)),
            NodeSays::Open,
            1_000,
            Level(100),
            None,
        );
        assert_eq!(refused, Step::Pause(1_060));
    }
}
