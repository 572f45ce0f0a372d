//! What a batcher's log says: what has changed since it was looked at last, a line for each thing that matters.

use batcher::{Health, Metrics};
use layer1::plain::one_line;
use serde_json::{Value, json};

/// Something that the log says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The node has told of a rollup, for the first time.
    Following { rollup: String, level: i32 },
    /// The node does not answer.
    NodeAway { why: String },
    /// The node answers again.
    NodeBack { level: Option<i32> },
    /// It takes no transactions.
    NotReady { why: String },
    /// It takes transactions again.
    Ready,
    /// Something that is counted has happened so often.
    Counted { what: &'static Counter, count: u64 },
}

/// What is counted and worth a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Counter {
    /// The event's name.
    name: &'static str,
    /// What is said of one.
    one: &'static str,
    /// What is said of several, after their number.
    several: &'static str,
}

type Get = fn(&Metrics) -> u64;

#[rustfmt::skip]
const COUNTERS: [(Get, Counter); 8] = [
    (|metrics| metrics.reorganisations, Counter { name: "reorganisation", one: "layer 1 went back to another branch", several: "times layer 1 went back to another branch" }),
    (|metrics| metrics.refused_batches, Counter { name: "batch_refused", one: "the kernel has refused a batch whole: its transactions go round once more", several: "batches were refused whole by the kernel: their transactions go round once more" }),
    (|metrics| metrics.injected_again, Counter { name: "sent_again", one: "a message left no trace, and was sent once more", several: "messages left no trace, and were sent once more" }),
    (|metrics| metrics.wrong_co_signatures, Counter { name: "wrong_signature", one: "a signature of a batch was wrong: its sender is not asked for a while", several: "signatures of batches were wrong: their senders are not asked for a while" }),
    (|metrics| metrics.failed, Counter { name: "failed", one: "a transaction has failed", several: "transactions have failed" }),
    (|metrics| metrics.expired, Counter { name: "expired", one: "a transaction has expired", several: "transactions have expired" }),
    (|metrics| metrics.dropped, Counter { name: "dropped", one: "a transaction was dropped", several: "transactions were dropped" }),
    (|metrics| metrics.cut_off, Counter { name: "cut_off", one: "an event stream was too slow, and was ended", several: "event streams were too slow, and were ended" }),
];

/// What was seen last.
#[derive(Debug, Default)]
pub(super) struct Watch {
    health: Health,
    metrics: Metrics,
    follows: bool,
    /// Whether the node was told to be away.
    away: bool,
    not_ready: bool,
}

impl Watch {
    /// What is new. Before the node has answered once, only that it does not is said.
    pub(super) fn look(&mut self, health: Health, metrics: Metrics) -> Vec<Event> {
        let mut events = Vec::new();
        if let Some((rollup, level)) =
            health.rollup.clone().zip(health.head).filter(|_| !self.follows)
        {
            self.follows = true;
            events.push(Event::Following { rollup, level });
        }
        let why = || one_line(health.why.as_deref().unwrap_or("it does not say why"));
        if !health.node && !self.away && !health.starting {
            self.away = true;
            events.push(Event::NodeAway { why: why() });
        } else if health.node && self.away {
            self.away = false;
            events.push(Event::NodeBack { level: health.head });
        }
        // A node that is away is said once.
        let not_ready = !health.ok && health.node;
        if not_ready && !self.not_ready && self.follows {
            self.not_ready = true;
            events.push(Event::NotReady { why: why() });
        } else if health.ok && self.not_ready {
            self.not_ready = false;
            events.push(Event::Ready);
        }
        for (get, what) in &COUNTERS {
            let count = get(&metrics).saturating_sub(get(&self.metrics));
            if count > 0 {
                events.push(Event::Counted { what, count });
            }
        }
        (self.health, self.metrics) = (health, metrics);
        events
    }

    /// What was seen last.
    pub(super) fn last(&self) -> (&Health, &Metrics) {
        (&self.health, &self.metrics)
    }
}

impl Event {
    /// On a line.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Following { rollup, level } => format!("follows {rollup}, at level {level}"),
            Self::NodeAway { why } => format!("the node does not answer: {why}"),
            Self::NodeBack { level: Some(level) } => format!("the node answers, at level {level}"),
            Self::NodeBack { level: None } => "the node answers".to_owned(),
            Self::NotReady { why } => format!("no transactions are taken: {why}"),
            Self::Ready => "transactions are taken again".to_owned(),
            Self::Counted { what, count: 1 } => what.one.to_owned(),
            Self::Counted { what, count } => format!("{count} {}", what.several),
        }
    }

    /// As an object.
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Following { rollup, level } => {
                json!({"event": "following", "rollup": rollup, "level": level})
            }
            Self::NodeAway { why } => json!({"event": "node_away", "why": why}),
            Self::NodeBack { level } => json!({"event": "node_back", "level": level}),
            Self::NotReady { why } => json!({"event": "not_ready", "why": why}),
            Self::Ready => json!({"event": "ready"}),
            Self::Counted { what, count } => json!({"event": what.name, "count": count}),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_said_once() {
        fn health(change: impl FnOnce(&mut Health)) -> Health {
            let mut health = Health::default();
            change(&mut health);
            health
        }
        fn metrics(failed: u64, reorganisations: u64) -> Metrics {
            let mut metrics = Metrics::default();
            (metrics.failed, metrics.reorganisations) = (failed, reorganisations);
            metrics
        }
        let mut watch = Watch::default();
        let away = health(|health| health.why = Some("refused\nconnection".to_owned()));
        let well = health(|health| {
            (health.ok, health.node) = (true, true);
            (health.rollup, health.head) = (Some("sr1".to_owned()), Some(7));
        });
        let mut full = well.clone();
        (full.ok, full.why) = (false, Some("full".to_owned()));
        let mut said = |health: &Health, metrics| -> Vec<String> {
            watch.look(health.clone(), metrics).iter().map(Event::words).collect()
        };
        let none: [&str; 0] = [];
        let starting = health(|health| {
            (health.starting, health.why) = (true, Some("it has not answered yet".to_owned()));
        });
        assert_eq!(said(&starting, metrics(0, 0)), none);
        assert_eq!(said(&away, metrics(0, 0)), ["the node does not answer: refused connection"]);
        assert_eq!(said(&away, metrics(0, 0)), none);
        let back = ["follows sr1, at level 7", "the node answers, at level 7"];
        assert_eq!(said(&well, metrics(0, 0)), back);
        assert_eq!(
            said(&full, metrics(1, 0)),
            ["no transactions are taken: full", "a transaction has failed"]
        );
        assert_eq!(said(&full, metrics(1, 0)), none);
        let more = [
            "transactions are taken again",
            "layer 1 went back to another branch",
            "2 transactions have failed",
        ];
        assert_eq!(said(&well, metrics(3, 1)), more);
        assert_eq!(said(&well, metrics(3, 1)), none);
    }
}
