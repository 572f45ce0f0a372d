//! One run of a kernel: what is done in which order, and what is counted. The same on every engine, which brings an
//! [`Instance`].

use super::{Outcome, Prepared, RunEnd};
use crate::check::Entry;
use crate::host::{Halted, Host};
use crate::ticks::module::ModuleTicks;
use crate::ticks::{PER_START, PER_START_CALL, Phases};
use crate::version::Version;

/// A kernel in an engine, for one run.
pub(super) trait Instance {
    /// What the kernel talks to.
    fn host(&mut self) -> &mut Host;

    /// Makes the instance and runs its start function.
    fn instantiate(&mut self) -> Result<(), Failed>;

    /// What its meters stand at: instructions, and ticks of bulk operators. `None` if it does not count.
    fn meters(&mut self) -> Option<(i64, i64)>;

    /// Sets the first of them.
    fn set_meter(&mut self, value: i64);

    /// Calls `kernel_run`. What it returns is dropped. `None` if there is no such function.
    fn call(&mut self) -> Option<Result<(), Failed>>;
}

/// Why the engine did not go on.
pub(super) struct Failed {
    /// What the PVM makes of it.
    pub(super) outcome: Outcome,
    /// The engine's words.
    pub(super) text: String,
    /// Whether as many calls were open as may be.
    pub(super) is_too_deep: bool,
}

/// Runs it.
pub(super) fn run(instance: &mut impl Instance, prepared: &Prepared, version: Version) -> RunEnd {
    instance.host().initialising = true;
    let made = instance.instantiate();
    instance.host().initialising = false;
    if let Err(failed) = made {
        return match failed.outcome {
            outcome @ Outcome::Limited(_) => RunEnd::uncounted(outcome),
            _ => init_failed(prepared, failed.text, instance.host()),
        };
    }
    // Hands out a new ration: the first one knows nothing of the limit.
    if let Some((meter, bulk)) = instance.meters() {
        match instance.host().poll(meter, bulk) {
            Ok(next) => instance.set_meter(next),
            Err(Halted) => {
                return before_eval(prepared, instance, Outcome::InitFailed("halted".to_owned()));
            }
        }
    }
    instance.host().meter.end_init();
    // As far as it is known: of a module that does not tell, only what it means that there are too many.
    let mut open_calls = 1;
    let outcome = match &prepared.entry {
        Entry::Missing(why) => {
            return before_eval(prepared, instance, Outcome::NoEntryPoint(why.clone()));
        }
        Entry::Params(why) => Outcome::Stuck(why.clone()),
        Entry::Good | Entry::Results(_) => match instance.call() {
            None => {
                let why = "it has no kernel_run".to_owned();
                return before_eval(prepared, instance, Outcome::NoEntryPoint(why));
            }
            Some(Ok(())) => Outcome::Returned,
            Some(Err(failed)) => {
                if failed.is_too_deep {
                    open_calls = version.max_call_depth();
                }
                failed.outcome
            }
        },
    };
    let Some((meter, bulk)) = instance.meters() else { return RunEnd::uncounted(outcome) };
    let host = instance.host();
    // If this is beyond the limit, the host keeps that as the reason of the run's end.
    let _ = host.poll(meter, bulk);
    if outcome != Outcome::Returned {
        let open = if prepared.hooked { host.recorder.open_calls() } else { open_calls };
        host.meter.trap(open);
    }
    RunEnd {
        outcome,
        instructions: Some(host.meter.instructions_so_far()),
        ticks: Some(host.meter.phases()),
        stack: Vec::new(),
    }
}

/// The end of a run that does not get as far as a call.
fn before_eval(prepared: &Prepared, instance: &mut impl Instance, outcome: Outcome) -> RunEnd {
    let meter = &instance.host().meter;
    let counted = prepared.meters.is_some();
    RunEnd {
        instructions: counted.then(|| meter.instructions_so_far()),
        ticks: counted.then(|| meter.phases()),
        ..RunEnd::uncounted(outcome)
    }
}

/// The end of a run whose instance cannot be made: as a rule because a segment does not fit.
fn init_failed(prepared: &Prepared, text: String, host: &Host) -> RunEnd {
    let ModuleTicks { decode, link, init, init_failed } = prepared.ticks;
    // A host call of the start function, or a segment that does not fit.
    let init = if host.halt.is_some() { init + PER_START_CALL - PER_START } else { init_failed };
    let phases = Phases { decode, link, init, eval: 0 };
    let counted = prepared.meters.is_some();
    RunEnd {
        instructions: counted.then_some(0),
        ticks: counted.then_some(phases),
        ..RunEnd::uncounted(Outcome::InitFailed(text))
    }
}
