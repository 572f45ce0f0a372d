//! Chains: an origination, and the levels after it, one after another in one state.

use super::level::{STUCK, bytes, state};
use super::state::States;
use crate::difference::Differences;
use crate::kind::{Kind, Verdict, is_called};
use crate::storage::{self, CHUNK_BYTES, Stored, Values};
use pvm::{Config, Pvm, UnknownHash, Version};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Chains. Keeps the rollup of the chain that is played.
pub struct Chain {
    rollup: Option<Rollup>,
    states: States,
}

struct Rollup {
    chain: String,
    pvm: Pvm,
    /// All ticks so far, as long as they are known: those of a level that fails are an estimate.
    tick: Option<u64>,
}

/// The first of a chain.
#[derive(Deserialize)]
struct Origination {
    chain: String,
    version: String,
    ticks_per_run: String,
    outbox_validity_period: i32,
    kernel: String,
    initial_state_hash_hex: String,
}

/// One of its levels. Bytes are hex.
#[derive(Deserialize)]
struct Vector {
    chain: String,
    level: i32,
    inbox: Vec<String>,
    state_hash_hex: String,
    tick: String,
    status: String,
    runs: usize,
    traps: Vec<Option<String>>,
    outbox: Vec<String>,
    facts: Facts,
}

/// What of the state is written out.
#[derive(Deserialize)]
struct Facts {
    durable: BTreeMap<String, Written>,
}

/// A value, whole or by those of its chunks that were ever written.
#[derive(Deserialize)]
struct Written {
    length: usize,
    value: Option<String>,
    chunks: Option<BTreeMap<usize, String>>,
}

impl Kind for Chain {
    fn name(&self) -> &'static str {
        "chains"
    }

    fn takes(&self, vector: &Value) -> bool {
        let is_one = is_called(vector, "origination") || is_called(vector, "level");
        is_one && vector.get("chain").is_some()
    }

    fn play(&mut self, vector: &Value) -> Result<Verdict, String> {
        if is_called(vector, "origination") {
            self.rollup = None;
            let origination =
                Origination::deserialize(vector).map_err(|error| error.to_string())?;
            return self.originate(origination);
        }
        let vector = Vector::deserialize(vector).map_err(|error| error.to_string())?;
        let rollup = self.rollup.as_mut().filter(|rollup| rollup.chain == vector.chain);
        let rollup = rollup.ok_or("its chain has no origination before it")?;
        let verdict = rollup.play(&vector)?;
        if let Ok(hash) = rollup.pvm.state_hash() {
            self.states.keep(hash, rollup.pvm.snapshot());
        }
        Ok(verdict)
    }
}

impl Chain {
    /// Keeps the state after each level here.
    #[must_use]
    pub fn new(states: States) -> Self {
        Self { rollup: None, states }
    }

    fn originate(&mut self, origination: Origination) -> Result<Verdict, String> {
        let Origination { chain, version, ticks_per_run, kernel, .. } = origination;
        let version: Version =
            version.parse().map_err(|error: pvm::UnknownVersion| error.to_string())?;
        let mut differences = Differences::default();
        let ticks = version.ticks_per_call().to_string();
        differences.compare("the ticks of a run", &ticks_per_run, &ticks);
        let initial = hex::encode(Pvm::initial_state_hash(version));
        let what = "the hash of the state before there is a kernel";
        differences.compare(what, &origination.initial_state_hash_hex, &initial);
        let outbox_validity = Some(origination.outbox_validity_period);
        let config = Config { version, outbox_validity, ..Config::default() };
        let pvm = Pvm::originate_unchecked(&bytes(&kernel)?, config);
        let name = format!("{chain}, its origination");
        self.rollup = Some(Rollup { chain, pvm, tick: Some(0) });
        Ok(Verdict { name, differences, unchecked: Vec::new() })
    }
}

impl Rollup {
    fn play(&mut self, vector: &Vector) -> Result<Verdict, String> {
        let mut differences = Differences::default();
        let name = format!("{}, level {}", vector.chain, vector.level);
        let inbox = vector.inbox.iter().map(|message| bytes(message));
        let inbox = inbox.collect::<Result<Vec<_>, _>>()?;
        let report = match self.pvm.run_whole_inbox(vector.level, &inbox) {
            Ok(report) => report,
            Err(error) => {
                differences.add("the level", &vector.status, error);
                return Ok(Verdict { name, differences, unchecked: Vec::new() });
            }
        };
        let status = state(&report.status);
        differences.compare("the state at the end", &vector.status.as_str(), &status);
        differences.compare("runs", &vector.runs, &report.runs.len());
        if status == vector.status && status != STUCK {
            for (index, (trap, run)) in vector.traps.iter().zip(&report.runs).enumerate() {
                let what = format!("run {index} traps");
                differences.compare(&what, &trap.is_some(), &run.trap.is_some());
            }
        }
        self.compare_tick(vector, &report, &mut differences);
        let mut values = Values::new();
        for (path, written) in &vector.facts.durable {
            values.insert(path.clone(), written.stored()?);
        }
        storage::compare(&values, self.pvm.durable(), &mut differences);
        let outbox = vector.outbox.iter().map(|message| bytes(message));
        let outbox = outbox.collect::<Result<Vec<_>, _>>()?;
        storage::compare_outbox(&outbox, &report.outbox, &mut differences);
        let mut unchecked = Vec::new();
        match self.pvm.state_hash() {
            Ok(hash) => {
                let what = "the hash of the state";
                differences.compare(what, &vector.state_hash_hex, &hex::encode(hash));
            }
            // Better none than a wrong one.
            Err(UnknownHash::Stuck) if vector.status == STUCK => {
                unchecked.push(format!("the hash of the state: {}", UnknownHash::Stuck));
            }
            Err(error) => differences.add("the hash of the state", &vector.state_hash_hex, error),
        }
        Ok(Verdict { name, differences, unchecked })
    }

    fn compare_tick(
        &mut self,
        vector: &Vector,
        report: &pvm::LevelReport,
        differences: &mut Differences,
    ) {
        let Some(before) = self.tick.take() else { return };
        if vector.status != STUCK {
            let tick = before.saturating_add(report.padded_ticks());
            differences.compare("the tick at the end", &vector.tick, &tick.to_string());
            self.tick = Some(tick);
            return;
        }
        // All periods but that of the run that failed are padded.
        let failed = report.runs.last().and_then(|run| run.ticks);
        let reference: Option<u64> = vector.tick.parse().ok();
        let periods = u64::try_from(report.runs.len()).unwrap_or(u64::MAX);
        let padded = before.saturating_add(periods.saturating_mul(report.ticks_per_run));
        if let Some((reference, failed)) = reference.zip(failed) {
            let reference = reference.saturating_sub(padded);
            differences.compare_ticks("ticks of the run that failed", reference, failed);
        }
    }
}

impl Written {
    fn stored(&self) -> Result<Stored, String> {
        if let Some(value) = &self.value {
            return Ok(Stored::Whole(bytes(value)?));
        }
        let written = self.chunks.as_ref().ok_or("a value has neither bytes nor chunks")?;
        let mut chunks = BTreeMap::new();
        for (index, chunk) in written {
            let mut chunk = bytes(chunk)?;
            let end =
                index.checked_mul(CHUNK_BYTES).and_then(|start| start.checked_add(chunk.len()));
            if chunk.len() > CHUNK_BYTES || end.is_none_or(|end| end > self.length) {
                return Err(format!("chunk {index} is beyond its value"));
            }
            chunk.resize(CHUNK_BYTES, 0);
            chunks.insert(*index, chunk);
        }
        Ok(Stored::Sparse { length: self.length, chunks })
    }
}
