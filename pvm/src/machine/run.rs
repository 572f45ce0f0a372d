//! One run: the kernel is loaded and called, and the way it ended leaves its marks.

use super::{Pvm, keys};
use crate::engine::{Outcome, Program, RunEnd};
use crate::host::{Halt, Host};
use crate::report::{PvmError, RunReport, Status};

impl Pvm {
    /// One call of `kernel_run`, or the attempt.
    pub(super) fn run_once(&mut self) -> Result<RunReport, PvmError> {
        let calls_before = self.host.calls;
        let (outcome, instructions) = match self.kernel.load(&self.host.durable, &*self.engine) {
            Ok(program) => {
                let RunEnd { outcome, instructions } = run(program, &mut self.host);
                (outcome, instructions)
            }
            // Noticed only after everything else is in order, when it is too late to fall back.
            Err(error) if error.is_only_entry_point() => {
                (Outcome::Stuck(error.to_string()), Some(0))
            }
            Err(error) => (Outcome::InitFailed(error.to_string()), Some(0)),
        };
        let mut report = RunReport {
            instructions,
            host_calls: self.host.calls - calls_before,
            trap: None,
            upgrade_error: None,
        };
        let outcome = match self.host.halt.take() {
            Some(Halt::MissingPreimage { hash }) => {
                let place = self.host.preimages.as_ref().map(|preimages| preimages.place(&hash));
                let place = place.unwrap_or_default();
                return Err(PvmError::MissingPreimage { hash, place });
            }
            Some(Halt::InjectedTrap { host_call }) => {
                Outcome::Trapped(format!("injected instead of host call {host_call}"))
            }
            Some(Halt::CallDuringInit { function }) => {
                Outcome::InitFailed(format!("the start function called {function}"))
            }
            None => outcome,
        };
        match outcome {
            Outcome::Returned => {
                self.remove(keys::STUCK);
                self.remove(keys::UPGRADE_ERROR);
            }
            Outcome::Trapped(trap) => {
                self.put(keys::STUCK, b"");
                report.trap = Some(trap);
            }
            Outcome::Stuck(reason) => {
                self.status = Status::Stuck(reason.clone());
                report.trap = Some(reason);
            }
            Outcome::InitFailed(reason) => self.fall_back(reason, &mut report),
        }
        Ok(report)
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

/// Runs a program. The kernel is known to be good once it is instantiated, and is the fallback
/// from then on; as nothing can look in between, it is made so before, and unmade if need be.
fn run(program: &mut dyn Program, host: &mut Host) -> RunEnd {
    let durable = &mut host.durable;
    let kernel = durable.value(keys::KERNEL);
    let is_fallback = match (kernel, durable.value(keys::FALLBACK)) {
        (Some(kernel), Some(fallback)) => kernel.same(fallback),
        (kernel, _) => kernel.is_none(),
    };
    if is_fallback {
        return program.run(host);
    }
    let before = durable.clone();
    durable.copy_tree(keys::KERNEL, keys::FALLBACK);
    let end = program.run(host);
    if matches!(end.outcome, Outcome::InitFailed(_)) {
        host.durable = before;
    }
    end
}
