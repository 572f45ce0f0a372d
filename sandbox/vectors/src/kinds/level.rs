//! Single levels: a storage, an inbox, and what the reference made of them.

use crate::difference::Differences;
use crate::kind::{Kind, Verdict};
use crate::storage::{self, Stored, Values};
use layer1::hashes;
use pvm::ticks::Phases;
use pvm::{
    Config, Durable, LevelReport, Pvm, PvmError, Reveals, RunReport, Status, UnknownHash, Version,
};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Where the kernel is.
const KERNEL: &str = "/kernel/boot.wasm";

/// What stands before the path of a value that was there before.
const SAME_AS: &str = "= ";

/// Levels for which these rollups keep outboxes, whatever their version.
const OUTBOX_VALIDITY_LEVELS: i32 = 241_920;

/// Single levels.
pub struct Level;

/// Values by path.
type Bytes = BTreeMap<String, Vec<u8>>;

/// A level as the file has it. Bytes are hex.
#[derive(Deserialize)]
struct Vector {
    id: String,
    version: String,
    /// The ticks of a run.
    tick_limit: u64,
    level: i32,
    /// The values before, by path.
    before: Vec<(String, String)>,
    inbox: Vec<String>,
    /// What a reveal of each request answered.
    reveals: Vec<(String, String)>,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    /// What the PVM does at the end. Nothing, if there is no end.
    r#final: Option<String>,
    runs: Vec<Run>,
    after: Option<Vec<(String, String)>>,
    outbox: Option<Vec<String>>,
    /// The hash of the state at the end, where it is known.
    state_hash: Option<String>,
    /// The tick at the end.
    tick: Option<String>,
    /// What the reference itself failed of.
    error: Option<String>,
}

/// The ticks of a run.
#[derive(Deserialize)]
pub(super) struct Run {
    decode: u64,
    link: u64,
    init: u64,
    eval: u64,
    trap: Option<String>,
}

/// Answers of reveals.
struct Answers(HashMap<Vec<u8>, Vec<u8>>);

impl Reveals for Answers {
    fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
        self.0.get(request).cloned()
    }
}

impl Kind for Level {
    fn name(&self) -> &'static str {
        "levels"
    }

    fn takes(&self, vector: &Value) -> bool {
        ["before", "inbox", "expected"].iter().all(|member| vector.get(member).is_some())
    }

    fn play(&mut self, vector: &Value) -> Result<Verdict, String> {
        let vector = Vector::deserialize(vector).map_err(|error| error.to_string())?;
        let before = values(&vector.before, &Bytes::new())?;
        let version: Version =
            vector.version.parse().map_err(|error: pvm::UnknownVersion| error.to_string())?;
        let reveals = vector
            .reveals
            .iter()
            .map(|(request, answer)| Ok::<_, String>((bytes(request)?, bytes(answer)?)));
        let config = Config {
            version,
            first_level: vector.level,
            tick_limit: Some(vector.tick_limit),
            outbox_validity: Some(OUTBOX_VALIDITY_LEVELS),
            reveals: Some(Box::new(Answers(reveals.collect::<Result<_, _>>()?))),
            ..Config::default()
        };
        let mut pvm =
            Pvm::originate_unchecked(before.get(KERNEL).map_or(&[], Vec::as_slice), config);
        let mut durable = Durable::default();
        for (path, value) in &before {
            durable.set(path, value).map_err(|error| error.to_string())?;
        }
        *pvm.durable_mut() = durable;
        let inbox =
            vector.inbox.iter().map(|message| bytes(message)).collect::<Result<Vec<_>, _>>()?;
        let played = pvm.run_whole_inbox(vector.level, &inbox);
        let name = format!("{} in {}", vector.id, vector.version);
        let mut verdict = Verdict { name, ..Verdict::default() };
        compare(&vector, version, &before, &pvm, played, &mut verdict)?;
        Ok(verdict)
    }
}

fn compare(
    vector: &Vector,
    version: Version,
    before: &Bytes,
    pvm: &Pvm,
    played: Result<LevelReport, PvmError>,
    verdict: &mut Verdict,
) -> Result<(), String> {
    let differences = &mut verdict.differences;
    let expected = &vector.expected;
    let Some(end) = &expected.r#final else {
        let error = expected.error.as_deref().ok_or("it has neither an end nor an error")?;
        match played {
            // Whatever the reference fails of, and whatever a node stops at.
            Err(found) if !matches!(found, PvmError::Limited(_)) => {}
            Err(found) => differences.add("the level", format!("failed of {error}"), found),
            Ok(report) => {
                differences.add("the level", format!("failed of {error}"), state(&report.status))
            }
        }
        return Ok(());
    };
    let report = match played {
        Ok(report) => report,
        Err(error) => {
            differences.add("the level", end, error);
            return Ok(());
        }
    };
    differences.compare("the state at the end", end, &state(&report.status).to_owned());
    compare_runs(&expected.runs, &report.runs, end == STUCK, differences);
    let after = expected.after.as_ref().ok_or("it has an end, and no storage after it")?;
    let after = values(after, before)?.into_iter();
    let after: Values = after.map(|(path, value)| (path, Stored::Whole(value))).collect();
    storage::compare(&after, pvm.durable(), differences);
    let outbox = expected.outbox.as_ref().ok_or("it has an end, and no outbox")?;
    let outbox = outbox.iter().map(|message| bytes(message)).collect::<Result<Vec<_>, _>>()?;
    storage::compare_outbox(&outbox, &report.outbox, differences);
    // What fails is not padded, and the count of it is an estimate of its phases, which were compared.
    let tick = expected.tick.as_ref().filter(|_| end != STUCK);
    let is_usual = vector.tick_limit == version.ticks_per_call();
    if let Some(tick) = tick {
        let periods = u64::try_from(report.runs.len()).unwrap_or(u64::MAX).saturating_add(1);
        let found = if is_usual { report.padded_ticks() } else { periods * vector.tick_limit };
        differences.compare("the tick at the end", tick, &found.to_string());
    }
    let state_hash = expected.state_hash.as_ref().filter(|hash| !hash.is_empty());
    match (state_hash, pvm.state_hash()) {
        (None, _) => {}
        // It is part of the state.
        (Some(_), _) if !is_usual => {
            let why =
                "the hash of the state: a run may take another number of ticks in its version";
            verdict.unchecked.push(why.to_owned());
        }
        (Some(_), Err(UnknownHash::Stuck)) if end == STUCK => {
            verdict.unchecked.push(format!("the hash of the state: {}", UnknownHash::Stuck));
        }
        (Some(hash), Ok(found)) => {
            differences.compare("the hash of the state", hash, &hashes::STATE.text(&found));
        }
        (Some(hash), Err(error)) => differences.add("the hash of the state", hash, error),
    }
    Ok(())
}

/// What the reference says of a PVM that is stuck for good.
pub(super) const STUCK: &str = "stuck";

/// What the reference says of a state.
pub(super) fn state(status: &Status) -> &'static str {
    match status {
        Status::Running => "collect",
        Status::Stuck(_) => STUCK,
    }
}

/// Notes where runs differ. The reference does not call it a trap if it is stuck for good after.
fn compare_runs(
    expected: &[Run],
    runs: &[RunReport],
    is_stuck: bool,
    differences: &mut Differences,
) {
    differences.compare("runs", &expected.len(), &runs.len());
    for (index, (expected, run)) in expected.iter().zip(runs).enumerate() {
        let is_last = index + 1 == runs.len();
        let found = run.trap.as_deref().filter(|_| !(is_stuck && is_last));
        if expected.trap.is_some() != found.is_some() {
            let text = |trap: Option<&str>| trap.unwrap_or("none").to_owned();
            let what = format!("the trap of run {index}");
            differences.add(what, text(expected.trap.as_deref()), text(found));
        }
        let Some(phases) = run.phases else { continue };
        compare_phases(index, expected, phases, differences);
    }
}

fn compare_phases(index: usize, expected: &Run, found: Phases, differences: &mut Differences) {
    for (phase, reference, found) in [
        ("decode", expected.decode, found.decode),
        ("link", expected.link, found.link),
        ("init", expected.init, found.init),
        ("eval", expected.eval, found.eval),
    ] {
        differences.compare_ticks(format!("ticks to {phase} in run {index}"), reference, found);
    }
}

/// Bytes from hex.
pub(super) fn bytes(text: &str) -> Result<Vec<u8>, String> {
    hex::decode(text).map_err(|error| format!("{text:?} is no hex: {error}"))
}

/// Values by path, of which some are those that others had before.
fn values(rows: &[(String, String)], before: &Bytes) -> Result<Bytes, String> {
    let mut values = Bytes::new();
    for (path, value) in rows {
        let value = match value.strip_prefix(SAME_AS) {
            Some(other) => {
                before.get(other).ok_or_else(|| format!("there was no {other} before"))?.clone()
            }
            None => bytes(value)?,
        };
        values.insert(path.clone(), value);
    }
    Ok(values)
}
