//! Running a program, and running it again to find the functions that were open when it trapped.

use super::keys;
use crate::engine::{Outcome, Program, RunEnd};
use crate::host::Host;

/// Runs a program. If it traps without saying where, and can say where, it runs once more from the same
/// state, in a host that is thrown away: that takes its time again, but only where something went wrong.
pub(super) fn run_traced(program: &mut dyn Program, host: &mut Host) -> RunEnd {
    let replay = program.can_trace().then(|| host.fork());
    let mut end = run(host, |host| program.run(host), |end| &end.outcome);
    // What the host ended was no fault of the kernel's.
    let trapped = host.halt.is_none()
        && matches!(end.outcome, Outcome::Trapped(_) | Outcome::Overflowed(_) | Outcome::Stuck(_));
    if let Some(mut replay) = replay.filter(|_| trapped && end.stack.is_empty()) {
        replay.preimages = host.preimages.take();
        replay.dal = host.dal.take();
        replay.reveals = host.reveals.take();
        end.stack = run(&mut replay, |host| program.trace(host), |_| &Outcome::Returned);
        host.preimages = replay.preimages;
        host.dal = replay.dal;
        host.reveals = replay.reveals;
    }
    end
}

/// Runs something of a program. The kernel is known to be good once it is instantiated, and is the
/// fallback from then on; as nothing can look in between, it is made so before, and unmade if need be.
fn run<T>(
    host: &mut Host,
    program: impl FnOnce(&mut Host) -> T,
    outcome: impl Fn(&T) -> &Outcome,
) -> T {
    let durable = &mut host.durable;
    let kernel = durable.value(keys::KERNEL);
    let is_fallback = match (kernel, durable.value(keys::FALLBACK)) {
        (Some(kernel), Some(fallback)) => kernel.same(fallback),
        (kernel, _) => kernel.is_none(),
    };
    if is_fallback {
        return program(host);
    }
    let before = durable.clone();
    durable.copy_tree(keys::KERNEL, keys::FALLBACK);
    let end = program(host);
    if matches!(outcome(&end), Outcome::InitFailed(_) | Outcome::NoEntryPoint(_)) {
        host.durable = before;
    }
    end
}
