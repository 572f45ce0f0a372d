//! Runs scenarios: on one engine, or on both, which must not differ.

use std::collections::BTreeMap;

use encoding::{Level, MessageId};
use layer1::plain::one_line;
use pvm::{Config, Durable, Engine, LevelReport, Pvm, Snapshot};

use crate::check::{self, CheckedLevel, Difference};
use crate::error::{Problem, ScenarioError};
use crate::model::Scenario;
use crate::native::native_program;
use crate::{encode, initial_state};

/// Messages that the protocol puts before those of a level: start of level and info.
const MESSAGES_BEFORE: usize = 2;

/// One engine with a rollup on it.
struct Rollup {
    name: &'static str,
    pvm: Pvm,
    fresh: Snapshot,
}

/// Which engines run the scenarios.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engines {
    /// The kernel as it is compiled into this crate.
    Native,
    /// The kernel's WASM.
    Wasm,
    /// Both. Durable storage, the outbox and the number of runs must be the same after every level.
    Both,
}

/// The WASM engine cannot load the kernel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RunnerError(String);

/// The engines. They are made once for all scenarios, as compiling the kernel takes longer than most of them.
pub struct Runner {
    rollups: Vec<Rollup>,
}

impl Runner {
    /// A runner on these engines. `kernel` is the kernel's WASM; the native engine runs the kernel that this
    /// crate was built with.
    ///
    /// # Errors
    /// When the WASM engine cannot load the kernel.
    pub fn new(engines: Engines, kernel: &[u8]) -> Result<Self, RunnerError> {
        Self::on(engines, kernel, Config::default().engine)
    }

    /// The same, with what runs WASM.
    ///
    /// # Errors
    /// When the WASM engine cannot load the kernel.
    pub fn on(
        engines: Engines,
        kernel: &[u8],
        engine: Box<dyn Engine>,
    ) -> Result<Self, RunnerError> {
        let mut rollups = Vec::new();
        if engines != Engines::Wasm {
            let pvm = Pvm::originate(native_program(), Config::default());
            rollups.push(Rollup { name: "native", fresh: pvm.snapshot(), pvm });
        }
        if engines != Engines::Native {
            let pvm = Pvm::originate_wasm(kernel, Config { engine, ..Config::default() })
                .map_err(|error| RunnerError(one_line(&error.to_string())))?;
            rollups.push(Rollup { name: "WASM", fresh: pvm.snapshot(), pvm });
        }
        Ok(Runner { rollups })
    }

    /// Runs a scenario on a fresh rollup, and returns where the result differs from the expectation.
    ///
    /// # Errors
    /// When the scenario asks for a state or a message that cannot be.
    pub fn run(&mut self, scenario: &Scenario) -> Result<Vec<Difference>, ScenarioError> {
        let values = initial_state::values(scenario).map_err(|problem| problem.at("start"))?;
        let mut labelled = encode::Labelled::new();
        for Rollup { pvm, fresh, .. } in &mut self.rollups {
            pvm.restore(fresh);
            for (path, value) in &values {
                let set = pvm.durable_mut().set(path, value);
                set.map_err(|error| Problem::Start(error.to_string()).at("start"))?;
            }
        }
        let mut differences = Vec::new();
        let mut labels: BTreeMap<String, Vec<MessageId>> = BTreeMap::new();
        for (number, level) in scenario.levels.iter().enumerate() {
            let location = format!("level {number}");
            let Some(Rollup { pvm, .. }) = self.rollups.first() else { break };
            let sent = &encode::level(level, &scenario.fixtures, &mut labelled, pvm.durable())
                .map_err(|error| error.inside(location.clone()))?;
            let raws: Vec<Vec<u8>> = sent.iter().map(|sent| sent.raw.clone()).collect();
            let id = Level(i32::try_from(number).unwrap_or(i32::MAX));
            for (at, one) in sent.iter().enumerate() {
                let Some(label) = &one.label else { continue };
                let index = u32::try_from(at + MESSAGES_BEFORE).unwrap_or(u32::MAX);
                labels.entry(label.clone()).or_default().push(MessageId { level: id, index });
            }
            let (before, after, report) = self
                .level(&raws, &mut differences, &location)
                .map_err(|problem| Problem::LevelFailed(problem).at(location.clone()))?;
            let seen = CheckedLevel {
                fixtures: &scenario.fixtures,
                level: id,
                location: &location,
                sent,
                expect: &level.expect,
                labels: &labels,
                before: &before,
                after: &after,
                report: &report,
            };
            match check::level(&seen) {
                Ok(found) => differences.extend(found),
                Err(problem) => differences.push(Difference {
                    location: location.clone(),
                    expected: "a state that can be read".to_owned(),
                    found: problem,
                }),
            }
        }
        Ok(differences)
    }

    /// Runs a level on every engine and compares them. Returns the result of the first one.
    fn level(
        &mut self,
        raws: &[Vec<u8>],
        differences: &mut Vec<Difference>,
        location: &str,
    ) -> Result<(Durable, Durable, LevelReport), String> {
        let mut first: Option<(Durable, Durable, LevelReport, &'static str)> = None;
        for Rollup { name, pvm, .. } in &mut self.rollups {
            let before = pvm.durable().clone();
            let report = pvm.run_level(raws).map_err(|error| error.to_string())?;
            let after = pvm.durable().clone();
            let Some((_, native, reported, other)) = &first else {
                first = Some((before, after, report, name));
                continue;
            };
            let mut differ = |what: &str, expected: String, found: String| {
                differences.push(Difference {
                    location: format!("{location}, {what}"),
                    expected: format!("{other}: {expected}"),
                    found: format!("{name}: {found}"),
                });
            };
            if reported.outbox != report.outbox {
                let hex = |outbox: &[Vec<u8>]| {
                    outbox.iter().map(hex::encode).collect::<Vec<_>>().join(" ")
                };
                differ("outbox", hex(&reported.outbox), hex(&report.outbox));
            }
            if reported.runs.len() != report.runs.len() {
                differ("runs", reported.runs.len().to_string(), report.runs.len().to_string());
            }
            if let Some((path, ours, theirs)) = first_difference(native, &after) {
                differ(&format!("durable {path}"), ours, theirs);
            }
        }
        first
            .map(|(before, after, report, _)| (before, after, report))
            .ok_or_else(|| "no engine".to_owned())
    }
}

/// The first path at which two states differ. The kernels' own code is no state.
fn first_difference(ours: &Durable, theirs: &Durable) -> Option<(String, String, String)> {
    let of = |durable: &Durable| -> BTreeMap<String, Vec<u8>> {
        durable.iter_values().filter(|(path, _)| !path.ends_with("/kernel/boot.wasm")).collect()
    };
    let (ours, theirs) = (of(ours), of(theirs));
    let shown = |value: Option<&Vec<u8>>| value.map_or_else(|| "nothing".to_owned(), hex::encode);
    ours.keys()
        .chain(theirs.keys())
        .find(|path| ours.get(*path) != theirs.get(*path))
        .map(|path| (path.clone(), shown(ours.get(path)), shown(theirs.get(path))))
}
