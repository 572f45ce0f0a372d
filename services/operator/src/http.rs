//! What the operator serves over HTTP: whether it is well, figures for Prometheus, and what it watches.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};
use web::{Access, Budgets, FigureKind, Figures, Refusal, Site, told_path};

use crate::limits::{READY_TIME, WEB};

/// The name of the service, before the ids of its errors.
pub const SITE: Site = Site { name: "operator", limits: WEB, form: Refusal::octez_form };

/// What is served: what was known in the last round.
#[derive(Debug)]
pub struct Snapshot {
    /// When the operator began.
    pub started: Instant,
    /// When the last round was that the node answered.
    pub last_round: Option<Instant>,
    /// Why the node has not answered since, if it has not.
    pub problem: Option<String>,
    /// The head then.
    pub level: i32,
    /// The last final level then.
    pub finalized: i32,
    /// The last cemented level then.
    pub cemented: i32,
    /// Up to which level outboxes were looked through, where the node does not list what is not executed.
    pub searched: Option<i32>,
    /// How many seconds a level takes, if that is known.
    pub seconds_a_level: Value,
    /// The withdrawals, as JSON.
    pub withdrawals: Vec<Value>,
    /// How many are at each stage.
    pub stages: Vec<(&'static str, usize)>,
    /// Levels until the next deadline of something that can be executed.
    pub next_deadline: Option<i32>,
    /// Figures that only grow.
    pub counters: Counters,
    /// What may have been paid in the last day, in mutez.
    pub spent_mutez: u64,
}

/// Figures that only grow, since the operator began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Rounds in which the node answered.
    pub rounds: u64,
    /// Rounds in which it did not.
    pub failed_rounds: u64,
    /// Executions that were begun.
    pub tries: u64,
    /// Tries that have failed.
    pub failed_tries: u64,
    /// Messages that were executed, by this operator or by others.
    pub executed: u64,
    /// Messages that were lost.
    pub lost: u64,
    /// Notices that the webhook has taken.
    pub notices_delivered: u64,
    /// Notices that it has not.
    pub notices_dropped: u64,
}

/// The snapshot that the operator writes and the interface reads.
#[derive(Clone, Debug)]
pub struct Shared(Arc<Mutex<Snapshot>>);

impl Default for Shared {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Snapshot {
            started: Instant::now(),
            last_round: None,
            problem: None,
            level: 0,
            finalized: 0,
            cemented: 0,
            searched: None,
            seconds_a_level: Value::Null,
            withdrawals: Vec::new(),
            stages: Vec::new(),
            next_deadline: None,
            counters: Counters::default(),
            spent_mutez: 0,
        })))
    }
}

impl Shared {
    /// The snapshot.
    pub fn lock(&self) -> MutexGuard<'_, Snapshot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct HttpServer {
    shared: Shared,
    budgets: Budgets,
}

/// The interface, for those alone who may ask.
pub fn router(shared: Shared, any_host: bool) -> Router {
    let served = Arc::new(HttpServer { shared, budgets: Budgets::new(WEB) });
    let router = Router::new()
        .route("/health", get(health).fallback(not_allowed))
        .route("/metrics", get(metrics).fallback(not_allowed))
        .route("/v1/withdrawals", get(withdrawals).fallback(not_allowed))
        .fallback(nothing)
        .with_state(served);
    web::guarded(router, Access { any_host, ..Access::default() })
}

async fn health(State(served): State<Arc<HttpServer>>) -> Response {
    let snapshot = served.shared.lock();
    let ready = snapshot.is_ready();
    let told = json!({
        "ready": ready,
        "level": snapshot.last_round.map(|_| snapshot.level),
        "cemented": snapshot.last_round.map(|_| snapshot.cemented),
        "age_seconds": snapshot.age(),
        "problem": snapshot.problem,
    });
    drop(snapshot);
    let mut response = web::json(told.to_string().into_bytes(), &served.budgets);
    if !ready {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
}

async fn metrics(State(served): State<Arc<HttpServer>>) -> Figures {
    served.shared.lock().figures()
}

async fn withdrawals(State(served): State<Arc<HttpServer>>) -> Response {
    let snapshot = served.shared.lock();
    let told = json!({
        "level": snapshot.level,
        "cemented": snapshot.cemented,
        "seconds_a_level": snapshot.seconds_a_level,
        "age_seconds": snapshot.age(),
        "searched_up_to": snapshot.searched,
        "withdrawals": snapshot.withdrawals,
    });
    drop(snapshot);
    web::json(told.to_string().into_bytes(), &served.budgets)
}

async fn not_allowed(uri: Uri) -> Response {
    web::not_allowed(&uri, "GET, HEAD")
}

async fn nothing(uri: Uri) -> Refusal {
    let served = "/health, /metrics and /v1/withdrawals are";
    let message = format!("nothing is served at {:?}; {served}", told_path(&uri));
    Refusal::new(StatusCode::NOT_FOUND, "not_found", message)
}

impl Snapshot {
    /// Whether the node has answered lately.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.last_round.is_some_and(|round| round.elapsed() < READY_TIME)
    }

    /// Seconds since the node has answered.
    fn age(&self) -> Option<u64> {
        self.last_round.map(|round| round.elapsed().as_secs())
    }

    /// All figures.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let mut figures = Figures::new("toru_operator");
        let Counters {
            rounds,
            failed_rounds,
            tries,
            failed_tries,
            executed,
            lost,
            notices_delivered,
            notices_dropped,
        } = self.counters;
        let ready = u8::from(self.is_ready());
        figures.gauge("ready", "Whether the node has answered lately", Some(ready));
        let up = self.started.elapsed().as_secs();
        figures.gauge("uptime_seconds", "How long the operator has been running", Some(up));
        figures.gauge("age_seconds", "How long ago the node has answered", self.age());
        let level = self.last_round.map(|_| self.level);
        figures.gauge("level", "The head that was seen last", level);
        let cemented = self.last_round.map(|_| self.cemented);
        figures.gauge("cemented_level", "The last cemented level that was seen", cemented);
        let help = "Withdrawals that are followed, by stage";
        let stages = self.stages.iter().copied();
        figures.labelled("withdrawals", FigureKind::Gauge, help, "stage", stages);
        let help = "Levels until something that can be executed is lost";
        figures.gauge("next_deadline_levels", help, self.next_deadline);
        let seconds = self.next_deadline.zip(self.seconds_a_level.as_f64());
        let seconds =
            seconds.map(|(levels, a_level)| format!("{:.0}", f64::from(levels) * a_level));
        let help = "An estimate of the same in seconds";
        figures.gauge("next_deadline_seconds", help, seconds);
        let help = "What may have been paid in the last day, at most";
        figures.gauge("spent_mutez", help, Some(self.spent_mutez));
        for (name, help, value) in [
            ("rounds_total", "Rounds in which the node answered", rounds),
            ("failed_rounds_total", "Rounds in which it did not", failed_rounds),
            ("tries_total", "Executions that were begun", tries),
            ("failed_tries_total", "Executions that have failed", failed_tries),
            ("executed_total", "Messages that were executed", executed),
            ("lost_total", "Messages that were lost", lost),
            ("notices_delivered_total", "Notices that the webhook has taken", notices_delivered),
            ("notices_dropped_total", "Notices that were dropped", notices_dropped),
        ] {
            figures.counter(name, help, value);
        }
        figures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_in_prometheuss_format() {
        let shared = Shared::default();
        let mut snapshot = shared.lock();
        let before = snapshot.figures().into_text();
        assert!(before.contains("toru_operator_ready 0\n"), "{before}");
        assert!(!before.contains("toru_operator_level "), "{before}");
        snapshot.last_round = Some(Instant::now());
        snapshot.level = 77;
        snapshot.stages = vec![("executable", 2), ("in the outbox", 1)];
        snapshot.next_deadline = Some(100);
        snapshot.seconds_a_level = json!(7.5);
        snapshot.counters.tries = 3;
        let text = snapshot.figures().into_text();
        for line in [
            "toru_operator_ready 1",
            "toru_operator_level 77",
            "# TYPE toru_operator_withdrawals gauge",
            "toru_operator_withdrawals{stage=\"executable\"} 2",
            "toru_operator_withdrawals{stage=\"in the outbox\"} 1",
            "toru_operator_next_deadline_levels 100",
            "toru_operator_next_deadline_seconds 750",
            "# TYPE toru_operator_tries_total counter",
            "toru_operator_tries_total 3",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}: {text}");
        }
        // Each is a comment, or a name with labels, and a number.
        for line in text.lines().filter(|line| !line.starts_with("# ")) {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(name.starts_with("toru_operator_") && value.parse::<f64>().is_ok(), "{line}");
        }
    }
}
