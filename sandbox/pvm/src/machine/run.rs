//! One run: the kernel is loaded and called, and the way it ended leaves its marks.

use super::trace::run_traced;
use super::{Pvm, keys};
use crate::durable::Value;
use crate::engine::{ModuleError, Outcome, RunEnd, Target};
use crate::host::Halt;
use crate::preimages::PreimageHash;
use crate::report::{DefaultNode, PvmError, RunReport, Status};
use crate::ticks::Phases;
use crate::ticks::module::ModuleTicks;

impl Pvm {
    /// One call of `kernel_run`, or the attempt.
    pub(super) fn run_once(&mut self, target: Target) -> Result<RunReport, PvmError> {
        if self.host.interrupt.is_set() {
            return Err(PvmError::Interrupted);
        }
        let calls_before = self.host.calls;
        let mut exits = None;
        let end = match self.kernel.load(&self.host.durable, &*self.engine, target) {
            Ok(program) => {
                exits = program.default_node_exits().map(str::to_owned);
                run_traced(program, &mut self.host)
            }
            // It has no consequences that the PVM would know.
            Err(ModuleError::Engine(limit)) => return Err(PvmError::Limited(limit)),
            Err(error) => {
                let wasm = self.host.durable.value(keys::KERNEL).map(Value::to_vec);
                not_run(&wasm.unwrap_or_default(), target, Outcome::InitFailed(error.to_string()))
            }
        };
        let mut report = RunReport {
            instructions: end.instructions,
            ticks: end.ticks.map(Phases::total),
            phases: end.ticks,
            host_calls: self.host.calls - calls_before,
            trap: None,
            stack: Vec::new(),
            upgrade_error: None,
            default_node: DefaultNode::Same,
        };
        if let Some(reason) = self.host.default_node_may_fail.take() {
            report.default_node = DefaultNode::MayFail(reason);
        }
        let outcome = match self.host.halt.take() {
            Some(halt) => self.outcome_of(halt, &mut report)?,
            None => end.outcome,
        };
        let exit = |why: &str| DefaultNode::Exits(why.to_owned());
        match outcome {
            Outcome::Returned => {
                self.remove(keys::STUCK);
                self.remove(keys::UPGRADE_ERROR);
            }
            Outcome::Trapped(trap) => {
                self.put(keys::STUCK, b"");
                report.trap = Some(trap);
            }
            Outcome::Overflowed(trap) => {
                self.put(keys::STUCK, b"");
                report.default_node = exit(&trap);
                report.trap = Some(trap);
            }
            Outcome::Stuck(reason) | Outcome::NoEntryPoint(reason) => {
                if report.default_node == DefaultNode::Same {
                    report.default_node = exit(&reason);
                }
                self.status = Status::Stuck(reason.clone());
                report.trap = Some(reason);
            }
            Outcome::InitFailed(reason) => {
                report.default_node = exit(&reason);
                self.fall_back(reason, &mut report);
            }
            Outcome::Limited(limit) => return Err(PvmError::Limited(limit)),
        }
        if report.trap.is_some() {
            report.stack = end.stack;
        }
        // It does not get as far as the rest.
        if let Some(reason) = exits {
            report.default_node = DefaultNode::Exits(reason);
        }
        Ok(report)
    }

    /// What becomes of a run that the host ended.
    fn outcome_of(&self, halt: Halt, report: &mut RunReport) -> Result<Outcome, PvmError> {
        let location = |hash: &PreimageHash| {
            let location = self.host.preimages.as_ref().map(|preimages| preimages.location(hash));
            location.unwrap_or_default()
        };
        Err(match halt {
            Halt::InjectedTrap { host_call } => {
                let trap = format!("injected instead of host call {host_call}");
                return Ok(Outcome::Trapped(trap));
            }
            Halt::CallDuringInit { function } => {
                let reason = format!("the start function called {function}");
                return Ok(Outcome::InitFailed(reason));
            }
            Halt::TooManyTicks { limit } => {
                let why = "it counts no ticks, and goes on until the kernel returns";
                report.default_node = DefaultNode::RunsOn(why.to_owned());
                return Ok(Outcome::Stuck(format!("the run takes more than {limit} ticks")));
            }
            Halt::MissingPreimage { hash } => {
                PvmError::MissingPreimage { location: location(&hash), hash }
            }
            Halt::CorruptPreimage { hash, found } => {
                PvmError::CorruptPreimage { location: location(&hash), hash, found }
            }
            Halt::LongPreimage { hash, size } => {
                PvmError::LongPreimage { location: location(&hash), hash, size }
            }
            Halt::BadDalPage { page, size, expected } => {
                let location =
                    self.host.dal.as_ref().map(|dal| dal.location(page)).unwrap_or_default();
                PvmError::BadDalPage { page, size, expected, location }
            }
            Halt::AdaptiveDal => PvmError::AdaptiveDal,
            Halt::Raised(raised) => PvmError::Raised(raised),
            Halt::NoReveal { request } => PvmError::NoReveal { request },
            Halt::StuckCall(call) => return Ok(Outcome::Stuck(call.to_string())),
            Halt::Interrupted => PvmError::Interrupted,
        })
    }

    /// Puts back the last kernel that could be run, if it is another one.
    fn fall_back(&mut self, reason: String, report: &mut RunReport) {
        let durable = &mut self.host.durable;
        let fallback = durable.value(keys::FALLBACK);
        if fallback.is_some() && fallback != durable.value(keys::KERNEL) {
            durable.copy_tree(keys::FALLBACK, keys::KERNEL);
            self.put(keys::UPGRADE_ERROR, b"");
            report.upgrade_error = Some(reason);
        } else {
            self.status = Status::Stuck(reason.clone());
            report.trap = Some(reason);
        }
    }
}

/// A kernel that did not get as far as running.
fn not_run(wasm: &[u8], target: Target, outcome: Outcome) -> RunEnd {
    let ModuleTicks { decode, link, init, .. } = ModuleTicks::of(wasm, target.version);
    let phases = Phases { decode, link, init, eval: 0 };
    RunEnd { instructions: Some(0), ticks: Some(phases), ..RunEnd::uncounted(outcome) }
}
