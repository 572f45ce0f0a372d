//! How far a transaction is, as a bar of stages.

use encoding::Level;
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
    let last = all.iter().rposition(|(_, reached)| *reached);
    let stage = |(at, (word, reached)): (usize, (&'static str, bool))| {
        let is_now = Some(at) == last;
        let (class, said) = match (reached, word) {
            (true, "not applied") => ("bad", "reached"),
            (true, _) if is_now => ("now", "reached last"),
            (true, _) => ("done", "reached"),
            (false, _) => ("", "still to come"),
        };
        Stage { word, class, said, is_now }
    };
    all.into_iter().enumerate().map(stage).collect()
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
}
