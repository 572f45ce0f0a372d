//! The rows of a load on a batcher.

use std::time::Duration;

use batcher_api::BatchAnswer;

use super::process::Used;
use super::shared::{Outcome, Plan, Times};
use crate::load::row::percentile;
use crate::report::Row;

/// What happens in the first seconds is not counted: everybody posts at once then.
const WARM_UP: u64 = 2;

/// A load, and what it came to.
pub(super) struct Run {
    pub plan: Plan,
    pub outcome: Outcome,
    pub batches: Vec<BatchAnswer>,
    /// What the batcher used for it, if the system tells.
    pub used: Option<Used>,
    /// CPU time of the node, the crowd left out.
    pub node: Duration,
}

impl Run {
    pub(super) fn rows(&self, round_ms: u64) -> Vec<Row> {
        let mut rows = self.rates();
        rows.extend(self.latencies(round_ms));
        rows.extend(self.costs());
        rows
    }

    fn row(&self, metric: &str, phase: &str, value: f64, unit: &str) -> Row {
        let Plan { clients, vanishing, pace, .. } = self.plan;
        let mut row = Row::new(metric, value, unit);
        let pace = pace.map_or_else(String::new, |pace| format!(", {pace} posted a second"));
        row.mode = format!("{clients} clients, {vanishing} % vanish{pace}");
        row.engine = "native".to_owned();
        row.phase = phase.to_owned();
        row.accounts = clients;
        row.n = self.outcome.times.len();
        row
    }

    fn times(&self, of: impl Fn(&Times) -> Option<Duration>) -> Vec<Duration> {
        let mut all: Vec<Duration> = self.outcome.times.iter().filter_map(of).collect();
        all.sort_unstable();
        all
    }

    /// Transfers a second: sealed, as that does not depend on when levels are, and applied.
    fn rates(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        let end = self.plan.time.as_secs();
        for (phase, of) in
            [("sealed", sealed as fn(&Times) -> Option<Duration>), ("applied", applied)]
        {
            let all = self.times(of);
            let in_second =
                |second: u64| all.iter().filter(|time| time.as_secs() == second).count() as f64;
            let mut seconds: Vec<f64> = (WARM_UP..end).map(in_second).collect();
            seconds.sort_unstable_by(f64::total_cmp);
            let mean = seconds.iter().sum::<f64>() / (seconds.len().max(1) as f64);
            let at = |place: usize| seconds.get(place).copied().unwrap_or(0.0);
            for (what, value) in [
                ("mean", mean),
                ("min of a second", at(0)),
                ("median of a second", at(seconds.len() / 2)),
                ("max of a second", at(seconds.len().saturating_sub(1))),
            ] {
                rows.push(self.row("batcher_transfers", &format!("{phase}, {what}"), value, "1/s"));
            }
        }
        let refused = self.outcome.refused as f64 / self.outcome.wall.as_secs_f64();
        rows.push(self.row("batcher_transfers", "refused, as there is no room", refused, "1/s"));
        rows
    }

    fn latencies(&self, round_ms: u64) -> Vec<Row> {
        let mut rows = Vec::new();
        let since_posted = |of: fn(&Times) -> Option<Duration>| {
            self.times(|times| Some(of(times)?.saturating_sub(times.posted)))
        };
        for (what, of) in [
            ("accepted", accepted as fn(&Times) -> Option<Duration>),
            ("sealed", sealed),
            ("included", included),
        ] {
            let all = since_posted(of);
            for (name, percent) in [("p50", 50), ("p99", 99), ("max", 100)] {
                let value = percentile(&all, percent);
                let row = self.row("batcher_ms", &format!("post to {what}, {name}"), value, "ms");
                rows.push(if what == "sealed" {
                    row.against("round", round_ms as f64)
                } else {
                    row
                });
            }
        }
        rows
    }

    /// Bytes, pairings and CPU time.
    fn costs(&self) -> Vec<Row> {
        let sum = |of: fn(&BatchAnswer) -> u32| {
            self.batches.iter().map(|batch| f64::from(of(batch))).sum::<f64>()
        };
        let transfers = sum(|batch| batch.signers).max(1.0);
        // One for all who signed the batch, one for each who did not, and that of the signature.
        let pairings =
            sum(|batch| 1 + batch.individual + u32::from(batch.individual < batch.signers));
        let cosigned = self.outcome.times.iter().filter(|times| times.cosigned).count() as f64;
        let all = self.outcome.times.len().max(1) as f64;
        let messages = self.batches.len() as f64;
        let mut rows = vec![
            self.row("batcher_cosigned", "total", cosigned / all, "of all"),
            self.row(
                "batcher_bytes",
                "of a transfer",
                sum(|b| b.bytes.unwrap_or(0)) / transfers,
                "bytes",
            ),
            self.row("batcher_pairings", "of a transfer", pairings / transfers, "pairings"),
            self.row("batcher_messages", "total", messages, "messages"),
            self.row(
                "batcher_messages",
                "transfers of one",
                transfers / messages.max(1.0),
                "transfers",
            ),
        ];
        let cores = |time: Duration| time.as_secs_f64() / self.outcome.wall.as_secs_f64();
        let mut of = |who: &str, time: Duration| {
            rows.push(self.row(
                "batcher_cpu",
                &format!("{who}, of the time"),
                cores(time),
                "cores",
            ));
            let each = time.as_secs_f64() * 1e3 / all;
            rows.push(self.row("batcher_cpu", &format!("{who}, of a transfer"), each, "ms"));
        };
        of("clients", self.outcome.cpu);
        of("node", self.node);
        if let Some(used) = self.used {
            of("batcher", used.cpu);
            let memory = used.memory as f64 / f64::from(1 << 20);
            rows.push(self.row("batcher_memory", "peak", memory, "MiB"));
        }
        rows
    }
}

fn accepted(times: &Times) -> Option<Duration> {
    times.accepted
}

fn sealed(times: &Times) -> Option<Duration> {
    times.sealed
}

fn included(times: &Times) -> Option<Duration> {
    times.included
}

fn applied(times: &Times) -> Option<Duration> {
    times.applied
}
