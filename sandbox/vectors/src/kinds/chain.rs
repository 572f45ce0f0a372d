//! Chains: an origination, and the levels after it, one after another in one state.

use super::level::{bytes, state};
use crate::difference::Differences;
use crate::kind::{Kind, Verdict, is_called};
use crate::storage::{self, Values};
use pvm::{Config, Pvm, Version};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The bytes of a chunk of a value.
const CHUNK_BYTES: usize = 512;

/// Chains. Keeps the rollup of the chain that is played.
#[derive(Default)]
pub struct Chain {
    rollup: Option<Rollup>,
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
    kernel: String,
}

/// One of its levels. Bytes are hex.
#[derive(Deserialize)]
struct Vector {
    chain: String,
    level: i32,
    inbox: Vec<String>,
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
    durable: BTreeMap<String, Stored>,
}

/// A value, whole or by those of its chunks that were ever written.
#[derive(Deserialize)]
struct Stored {
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
        rollup.ok_or("its chain has no origination before it")?.play(&vector)
    }
}

impl Chain {
    fn originate(&mut self, origination: Origination) -> Result<Verdict, String> {
        let Origination { chain, version, ticks_per_run, kernel } = origination;
        let version: Version =
            version.parse().map_err(|error: pvm::UnknownVersion| error.to_string())?;
        let mut differences = Differences::default();
        let ticks = version.ticks_per_call().to_string();
        differences.compare("the ticks of a run", &ticks_per_run, &ticks);
        let config = Config { version, ..Config::default() };
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
        if status == vector.status && status != super::level::STUCK {
            for (index, (trap, run)) in vector.traps.iter().zip(&report.runs).enumerate() {
                let what = format!("run {index} traps");
                differences.compare(&what, &trap.is_some(), &run.trap.is_some());
            }
        }
        self.compare_tick(vector, &report, &mut differences);
        let mut values = Values::new();
        for (path, stored) in &vector.facts.durable {
            values.insert(path.clone(), stored.value()?);
        }
        storage::compare(&values, self.pvm.durable(), &mut differences);
        let outbox = vector.outbox.iter().map(|message| bytes(message));
        let outbox = outbox.collect::<Result<Vec<_>, _>>()?;
        storage::compare_outbox(&outbox, &report.outbox, &mut differences);
        Ok(Verdict { name, differences, unchecked: Vec::new() })
    }

    fn compare_tick(
        &mut self,
        vector: &Vector,
        report: &pvm::LevelReport,
        differences: &mut Differences,
    ) {
        self.tick = self
            .tick
            .filter(|_| vector.status != super::level::STUCK)
            .and_then(|tick| tick.checked_add(report.padded_ticks()));
        if let Some(tick) = self.tick {
            differences.compare("the tick at the end", &vector.tick, &tick.to_string());
        }
    }
}

impl Stored {
    fn value(&self) -> Result<Vec<u8>, String> {
        if let Some(value) = &self.value {
            return bytes(value);
        }
        let chunks = self.chunks.as_ref().ok_or("a value has neither bytes nor chunks")?;
        let mut value = vec![0; self.length];
        for (index, chunk) in chunks {
            let chunk = bytes(chunk)?;
            let start = index.checked_mul(CHUNK_BYTES);
            let end = start.and_then(|start| start.checked_add(chunk.len()));
            let place = start.zip(end).and_then(|(start, end)| value.get_mut(start..end));
            place
                .ok_or_else(|| format!("chunk {index} is beyond its value"))?
                .copy_from_slice(&chunk);
        }
        Ok(value)
    }
}
