//! Playing scenarios: on one engine, or on both with nothing different between them.

use std::collections::BTreeMap;

use encoding::{Level, MessageId};
use pvm::{Config, Durable, LevelReport, Pvm, Snapshot};

use super::check::{self, Seen};
use super::error::{Problem, ScenarioError};
use super::{Scenario, sign, stage};
use crate::cli::Engines;
use crate::error::Failure;
use crate::plain::one_line;
use crate::view;

/// Messages that the protocol puts before those of a level: start of level and info.
const MESSAGES_BEFORE: usize = 2;

/// Something that went otherwise than a scenario says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where in the scenario.
    pub place: String,
    /// What it says.
    pub expected: String,
    /// What came.
    pub found: String,
}

/// One engine with a rollup on it.
struct Stage {
    name: &'static str,
    pvm: Pvm,
    fresh: Snapshot,
}

/// The engines, made once for all scenarios: compiling the kernel takes longer than most of them.
pub struct Theatre {
    stages: Vec<Stage>,
}

impl Theatre {
    /// With these engines.
    pub fn open(engines: Engines) -> Result<Self, Failure> {
        let mut stages = Vec::new();
        if engines != Engines::Wasm {
            let pvm = Pvm::originate(view::native_program(), Config::default());
            stages.push(Stage { name: "native", fresh: pvm.snapshot(), pvm });
        }
        if engines != Engines::Native {
            let pvm = Pvm::originate_wasm(kernel_wasm::EMBEDDED, Config::default())
                .map_err(|error| Failure::Internal(one_line(&error.to_string())))?;
            stages.push(Stage { name: "WASM", fresh: pvm.snapshot(), pvm });
        }
        Ok(Theatre { stages })
    }

    /// Plays a scenario from a fresh rollup; returns what went otherwise than it says.
    pub fn play(&mut self, scenario: &Scenario) -> Result<Vec<Difference>, ScenarioError> {
        let values = stage::values(scenario).map_err(|problem| problem.at("start"))?;
        let mut labelled = sign::Labelled::new();
        for Stage { pvm, fresh, .. } in &mut self.stages {
            pvm.restore(fresh);
            for (path, value) in &values {
                let set = pvm.durable_mut().set(path, value);
                set.map_err(|error| Problem::Start(error.to_string()).at("start"))?;
            }
        }
        let mut differences = Vec::new();
        let mut labels: BTreeMap<String, Vec<MessageId>> = BTreeMap::new();
        for (number, level) in scenario.levels.iter().enumerate() {
            let place = format!("level {number}");
            let Some(Stage { pvm, .. }) = self.stages.first() else { break };
            let sent = &sign::level(level, &scenario.cast, &mut labelled, pvm.durable())
                .map_err(|error| error.inside(place.clone()))?;
            let raws: Vec<Vec<u8>> = sent.iter().map(|sent| sent.raw.clone()).collect();
            let id = Level(i32::try_from(number).unwrap_or(i32::MAX));
            for (at, one) in sent.iter().enumerate() {
                let Some(label) = &one.label else { continue };
                let index = u32::try_from(at + MESSAGES_BEFORE).unwrap_or(u32::MAX);
                labels.entry(label.clone()).or_default().push(MessageId { level: id, index });
            }
            let (before, after, report) = self
                .level(&raws, &mut differences, &place)
                .map_err(|problem| Problem::Unplayable(problem).at(place.clone()))?;
            let seen = Seen {
                cast: &scenario.cast,
                level: id,
                place: &place,
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
                    place: place.clone(),
                    expected: "a state that can be read".to_owned(),
                    found: problem,
                }),
            }
        }
        Ok(differences)
    }

    /// Plays a level on every engine and compares them. Returns what the first one came to.
    fn level(
        &mut self,
        raws: &[Vec<u8>],
        differences: &mut Vec<Difference>,
        place: &str,
    ) -> Result<(Durable, Durable, LevelReport), String> {
        let mut first: Option<(Durable, Durable, LevelReport, &'static str)> = None;
        for Stage { name, pvm, .. } in &mut self.stages {
            let before = pvm.durable().clone();
            let report = pvm.run_level(raws).map_err(|error| error.to_string())?;
            let after = pvm.durable().clone();
            let Some((_, native, reported, other)) = &first else {
                first = Some((before, after, report, name));
                continue;
            };
            let mut differ = |what: &str, expected: String, found: String| {
                differences.push(Difference {
                    place: format!("{place}, {what}"),
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
