//! Runs levels through the PVM and keeps what came out of each.

mod error;
mod trap;

use std::cell::RefCell;
use std::mem;
use std::path::PathBuf;
use std::rc::Rc;

use pvm::{
    Config, DefaultNode, Durable, EngineLimit, Interrupt, LevelReport, ModuleError, PreimageDir,
    Profile, Pvm, PvmError, Status, Version, never_runs,
};

use crate::error::Failure;
use crate::inputs::Levels;
use crate::kernel::KernelError;
use crate::progress::Progress;
use crate::setup::Set;
use crate::state::{Rollup, State};
pub use error::LevelError;
use layer1::address::Address;
use layer1::hashes::STATE;
use layer1::plain::one_line;
pub use trap::Trap;
use trap::traps;

/// How many lines of a kernel's own output are kept per level; a kernel may print for ever.
const LOG_LINES_MAX: usize = 100;

/// What runs the kernel.
pub enum Engine {
    /// Our kernel as WASM.
    Embedded,
    /// Somebody else's module, from this file.
    Foreign(PathBuf, Vec<u8>),
    /// Our kernel, compiled into this binary.
    Native,
}

/// The configuration of a run: all that is settled before the first level.
pub struct RunConfig {
    /// What runs.
    pub engine: Engine,
    /// The rollup's own address.
    pub rollup: Address,
    /// Where preimages are.
    pub preimages: Option<PathBuf>,
    /// What is written to durable storage first.
    pub setup: Vec<Set>,
    /// The version of the PVM.
    pub version: Version,
    /// What runs WASM.
    pub wasm_engine: Box<dyn pvm::Engine>,
    /// Whether each level has a profile.
    pub profiled: bool,
    /// Stops it.
    pub interrupt: Interrupt,
    /// Told level by level.
    pub progress: Progress,
    /// Where the rollup is kept.
    pub state: State,
}

/// What came out of a run.
pub struct RunResult {
    /// Durable storage before the first level.
    pub origin: Durable,
    /// Level by level.
    pub levels: Vec<LevelResult>,
    /// Durable storage at the end.
    pub durable: Durable,
}

/// What came out of a level.
pub struct LevelResult {
    /// Its number.
    pub level: i32,
    /// The messages given, raw.
    pub inputs: Vec<Vec<u8>>,
    /// How often `kernel_run` was called.
    pub runs: usize,
    /// Whether the kernel trapped at the end of the level, or cannot run any more.
    pub stuck: bool,
    /// Why it cannot run any more, if so.
    pub stuck_for_good: Option<String>,
    /// The runs that trapped.
    pub traps: Vec<Trap>,
    /// The WASM operators executed; `None` natively.
    pub instructions: Option<u64>,
    /// An estimate of the PVM's ticks; `None` natively.
    pub ticks: Option<u64>,
    /// How many seconds the longest run would take to replay in a dispute; `None` natively.
    pub refutation_seconds: Option<u64>,
    /// What the default node would do otherwise, in words.
    pub default_node: Option<String>,
    /// The instructions by stack of functions, if asked for.
    pub profile: Option<Profile>,
    /// The hash of the state after the level, `srs1…`; `None` natively, and where it is not known.
    pub state_hash: Option<String>,
    /// The outbox of the level.
    pub outbox: Vec<Vec<u8>>,
    /// What a person should know about how the level went.
    pub notes: Vec<String>,
    /// What the kernel printed.
    pub log: Log,
    /// Durable storage after the level. A clone of it costs nothing: it shares all it can.
    pub durable: Durable,
}

impl LevelResult {
    /// In a line, why it is stuck.
    pub fn why_stuck(&self) -> String {
        let trap =
            || self.traps.last().map(|trap| format!("its last run trapped: {}", trap.text()));
        let for_good = self.stuck_for_good.as_ref();
        for_good
            .map(|why| format!("it will never run again: {why}"))
            .or_else(trap)
            .unwrap_or_default()
    }
}

/// The lines that a kernel prints, and how many are beyond the limit.
#[derive(Debug, Default)]
pub struct Log {
    /// Those within.
    pub lines: Vec<String>,
    /// How many are beyond.
    pub dropped: usize,
}

impl Log {
    fn push(&mut self, text: &str) {
        if self.lines.len() < LOG_LINES_MAX {
            self.lines.push(one_line(text));
        } else {
            self.dropped += 1;
        }
    }
}

/// Runs the levels, the first as level 0 of a rollup originated at level 0, unless it is kept
/// already and goes on.
pub fn run_levels(run: RunConfig, levels: Levels) -> Result<RunResult, Failure> {
    let log = Rc::new(RefCell::new(Log::default()));
    let has_preimages = run.preimages.is_some();
    let mut pvm_config = Config {
        rollup: run.rollup.hash,
        version: run.version,
        profiled: run.profiled,
        interrupt: run.interrupt,
        engine: run.wasm_engine,
        ..Config::default()
    };
    let kernel_log = Rc::clone(&log);
    pvm_config.log = Box::new(move |text| kernel_log.borrow_mut().push(text));
    if let Some(folder) = run.preimages {
        pvm_config.preimages = Box::new(PreimageDir::new(folder));
    }
    let file = match run.state {
        State::Kept(file, store) => {
            let native = matches!(run.engine, Engine::Native);
            let rollup = Rollup::resume(&file, *store, pvm_config, native)?;
            return continue_run(rollup, levels, &log, has_preimages, &run.progress);
        }
        State::New(file) => Some(file),
        State::Memory => None,
    };
    let mut pvm = match run.engine {
        Engine::Embedded => Pvm::originate_wasm(kernel_wasm::EMBEDDED, pvm_config)
            .map_err(|error| Failure::internal(one_line(&error.to_string())))?,
        Engine::Foreign(path, module) => {
            if let Some(problem) = never_runs(&module) {
                return Err(KernelError::CannotRun { path, problem }.into());
            }
            Pvm::originate_wasm(&module, pvm_config).map_err(|error| {
                let problem = one_line(&error.to_string());
                match error {
                    ModuleError::Rules(_) => KernelError::CannotRun { path, problem },
                    ModuleError::Engine(_) => KernelError::EngineLimit { path, problem },
                }
            })?
        }
        Engine::Native => Pvm::originate(scenario::native_program(), pvm_config),
    };
    for Set { path, value } in run.setup {
        pvm.durable_mut()
            .set(&path, &value)
            .map_err(|error| Failure::internal(format!("setup of {path}: {error}")))?;
    }
    let rollup = Rollup::new(pvm, file.as_deref())?;
    continue_run(rollup, levels, &log, has_preimages, &run.progress)
}

fn continue_run(
    mut rollup: Rollup,
    levels: Levels,
    log: &RefCell<Log>,
    has_preimages: bool,
    progress: &Progress,
) -> Result<RunResult, Failure> {
    let origin = rollup.pvm().durable().clone();
    let of = levels.len();
    let mut results = Vec::with_capacity(of);
    for inputs in levels {
        progress.at(results.len(), of);
        let level = rollup.pvm().level();
        let mut report =
            rollup.run_level(&inputs, |error| level_failed(level, error, has_preimages))?;
        let log = mem::take(&mut *log.borrow_mut());
        let traps = traps(&report);
        results.push(LevelResult {
            level: report.level,
            inputs,
            runs: report.runs.len(),
            stuck: report.stuck || report.status != Status::Running,
            stuck_for_good: match &report.status {
                Status::Running => None,
                Status::Stuck(why) => Some(one_line(why)),
            },
            instructions: report.instructions(),
            ticks: report.ticks(),
            refutation_seconds: report.refutation_time().map(|time| time.as_secs()),
            default_node: default_node(&report),
            profile: report.profile.take(),
            notes: notes(&report, &traps, &log),
            log,
            traps,
            state_hash: state_hash(rollup.pvm()),
            outbox: report.outbox,
            durable: rollup.pvm().durable().clone(),
        });
    }
    Ok(RunResult { origin, levels: results, durable: rollup.pvm().durable().clone() })
}

/// The hash of the state, if it is that of a rollup on chain: there the kernel is part of the state.
fn state_hash(pvm: &Pvm) -> Option<String> {
    let hash = pvm.state_hash().ok().filter(|_| !pvm.identity().fixed_kernel)?;
    Some(STATE.text(&hash))
}

fn level_failed(level: i32, error: &PvmError, has_preimages: bool) -> Failure {
    let hint = match error {
        PvmError::Interrupted => return LevelError::Interrupted { level }.into(),
        PvmError::CorruptPreimage { .. } | PvmError::LongPreimage { .. } => {
            "the file is not what its name says: write the preimages anew"
        }
        PvmError::Limited(EngineLimit::Memory { .. } | EngineLimit::Stack { .. }) => {
            "--memory-limit MIB gives it more"
        }
        PvmError::Limited(_) => "toru kernel check says whether a rollup node can run it",
        PvmError::AdaptiveDal => "leave out that request: no node can answer it",
        PvmError::MissingPreimage { .. } if has_preimages => "put the preimage into that file",
        PvmError::MissingPreimage { .. } => "--preimages DIR names the folder to look into",
        _ => "layer 1 would not produce such a level",
    };
    LevelError::Failed { level, problem: one_line(&error.to_string()), hint }.into()
}

/// What a rollup node with default options does otherwise than the PVM.
fn default_node(report: &LevelReport) -> Option<String> {
    match report.default_node() {
        DefaultNode::Same => None,
        DefaultNode::Exits(why) => Some(format!("exits here: {}", one_line(why))),
        DefaultNode::MayFail(why) => Some(format!("may fail here: {}", one_line(why))),
        DefaultNode::RunsOn(why) => Some(format!("does not stop here: {}", one_line(why))),
    }
}

fn notes(report: &LevelReport, traps: &[Trap], log: &Log) -> Vec<String> {
    let mut notes: Vec<String> =
        traps.iter().map(|trap| format!("run {} trapped: {}", trap.run(), trap.text())).collect();
    for (i, run) in report.runs.iter().enumerate() {
        if let Some(error) = &run.upgrade_error {
            notes.push(format!("run {i}: the kernel was put back: {}", one_line(error)));
        }
    }
    if report.forced_yield {
        notes.push("the kernel rebooted too often: the PVM ended the level".to_owned());
    }
    if report.unread > 0 {
        notes.push(format!("{} messages of the inbox were never read", report.unread));
    }
    if let Status::Stuck(why) = &report.status {
        notes.push(format!("the kernel will never run again: {}", one_line(why)));
    }
    notes.extend(default_node(report).map(|text| format!("a default node {text}")));
    notes.extend(log.lines.iter().map(|line| format!("kernel: {line}")));
    if log.dropped > 0 {
        notes.push(format!("kernel: … and {} lines more", log.dropped));
    }
    notes
}
