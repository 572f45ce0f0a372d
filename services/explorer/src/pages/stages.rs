//! How far a transaction is, as a bar of stages.

use encoding::Level;
use history::WithdrawalWord;
use wallet::follow::Settlement;

use crate::head::Head;

/// A stage of the bar.
#[derive(Debug)]
pub(crate) struct Stage {
    /// In a word.
    pub word: &'static str,
    /// `done`, `now`, `bad`, or nothing for one that is still to come.
    pub class: &'static str,
    /// The same for those who do not see it.
    pub said: &'static str,
    /// Whether it is the last one that was reached.
    pub is_now: bool,
}

/// The bar of a withdrawal, which is known to be in an outbox or not.
pub(crate) fn of_withdrawal(word: WithdrawalWord, in_outbox: bool) -> Vec<Stage> {
    let last = match word {
        WithdrawalWord::Lost => "lost",
        WithdrawalWord::Unknown => "executed, perhaps",
        _ => "executed",
    };
    let words = ["queued", "in an outbox", "committed", "cementing", "executable", last];
    let reached = match word {
        WithdrawalWord::Queued => 0,
        WithdrawalWord::Outbox => 1,
        WithdrawalWord::Committed => 2,
        WithdrawalWord::Cementing => 3,
        // It has left the queue, and nobody says in which outbox it is.
        WithdrawalWord::Unknown if !in_outbox => 1,
        // Of one that is not told of it is known that it was executable.
        WithdrawalWord::Executable | WithdrawalWord::Unknown => 4,
        WithdrawalWord::Executed | WithdrawalWord::Lost => 5,
    };
    let all = words.into_iter().enumerate();
    let all = all.map(|(at, word)| (word, at <= reached)).collect::<Vec<_>>();
    bar(&all)
}

/// A bar of words, each with whether it was reached.
fn bar(all: &[(&'static str, bool)]) -> Vec<Stage> {
    let last = all.iter().rposition(|(_, reached)| *reached);
    let stage = |(at, (word, reached)): (usize, &(&'static str, bool))| {
        let is_now = Some(at) == last;
        let (class, said) = match (*reached, *word) {
            (true, "not applied" | "lost") => ("bad", "reached"),
            (true, _) if is_now => ("now", "reached last"),
            (true, _) => ("done", "reached"),
            (false, _) => ("", "still to come"),
        };
        Stage { word, class, said, is_now }
    };
    all.iter().enumerate().map(stage).collect()
}

/// What a transaction has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Come {
    /// It is in the node's queue, and in no level.
    Queued,
    /// It is in a level, and the kernel has put it off.
    Included,
    /// This level has applied it.
    Applied(Level),
    /// This level has not.
    NotApplied(Level),
}

/// The bar of a transaction. Without a node it is not known how far layer 1 is.
pub(crate) fn stages(come: Come, head: Option<&Head>) -> Vec<Stage> {
    let settled = match come {
        Come::Queued | Come::Included => None,
        Come::Applied(level) | Come::NotApplied(level) => {
            head.and_then(|head| head.pace.settled.stage(level))
        }
    };
    let is_at = |stage| settled.is_some_and(|settled| settled >= stage);
    let failed = matches!(come, Come::NotApplied(_));
    let has_result = matches!(come, Come::Applied(_) | Come::NotApplied(_));
    let all = [
        ("queued", true),
        ("in a level", come != Come::Queued),
        (if failed { "not applied" } else { "applied" }, has_result),
        ("final", is_at(Settlement::Final)),
        ("committed", is_at(Settlement::Committed)),
        ("cemented", is_at(Settlement::Cemented)),
    ];
    bar(&all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_node_nothing_is_said_of_layer_1() {
        let reached = |come| {
            let all = stages(come, None);
            let now = all.iter().position(|stage| stage.is_now);
            (all.iter().filter(|stage| !stage.class.is_empty()).count(), now, all[2].word)
        };
        assert_eq!(reached(Come::Queued), (1, Some(0), "applied"));
        assert_eq!(reached(Come::Included), (2, Some(1), "applied"));
        assert_eq!(reached(Come::Applied(Level(3))), (3, Some(2), "applied"));
        assert_eq!(reached(Come::NotApplied(Level(3))), (3, Some(2), "not applied"));
    }

    #[test]
    fn every_stage_of_a_withdrawal_is_a_step() {
        let steps = WithdrawalWord::ALL.map(|word| {
            let all = of_withdrawal(word, true);
            (all.iter().rposition(|stage| stage.is_now).unwrap(), all[5].word, all[5].class)
        });
        assert_eq!(steps.map(|(at, _, _)| at), [0, 1, 2, 3, 4, 5, 5, 4]);
        let lost_sight = of_withdrawal(WithdrawalWord::Unknown, false);
        assert_eq!(lost_sight.iter().rposition(|stage| stage.is_now), Some(1));
        assert_eq!((steps[5].2, steps[6].1, steps[6].2), ("now", "lost", "bad"));
    }
}
