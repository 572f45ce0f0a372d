//! `cargo xtask test`: everything that CI runs, in the order of what fails soonest, with the seconds of
//! each step. What only needs toru, and waits for the network and for one core, runs beside the tests.

use std::path::Path;
use std::time::Instant;

use crate::beside::Beside;
use crate::command::{self, cargo};
use crate::{contracts, deny, elsewhere, js, kernel, layers, readme, tidy};

type Step = (&'static str, fn(&Path) -> Result<(), String>);

/// A step that is given a toru.
type WithToru = fn(&Path, &Path) -> Result<(), String>;

const BEFORE: [Step; 7] = [
    ("formatting", |at| command::run(cargo(at).args(["fmt", "--all", "--check"]))),
    ("layers and tidiness", |at| {
        let mut offences = layers::check(at)?;
        offences.extend(tidy::check(at)?);
        none(offences)
    }),
    ("licences, versions and sources", deny::check),
    ("clippy", |at| {
        let all = ["clippy", "--release", "--workspace", "--all-targets", "--quiet"];
        command::run(cargo(at).args(all).args([
            "--features",
            "fuzz/guided",
            "--",
            "-D",
            "warnings",
        ]))
    }),
    ("build toru and the kernel in it", |at| command::built_toru(at).map(drop)),
    ("the kernel's rules and size", |at| kernel::check(at, &command::toru(at))),
    ("the kernel built in another folder is the same", |at| {
        kernel::reproducible(at, &command::toru(at))
    }),
];

/// What runs beside the tests, in a process of its own, each with a toru that the tests do not build anew.
const BESIDE: [(&str, WithToru); 4] = [
    ("a client written elsewhere", elsewhere::check),
    ("a client in TypeScript", js::check),
    ("the explorer in a browser", js::browser),
    ("contracts of layer 1", contracts::check),
];

const TESTS: [Step; 1] = [("tests, native and WASM", |at| {
    command::run(cargo(at).args(["test", "--release", "--workspace", "--quiet"]))
})];

/// Alone again: it has ports of its own to itself.
const AFTER: [Step; 1] =
    [("every command of the README", |at| none(readme::check(at, "README.md")?))];

/// The same tests with every run of a kernel on both engines, compared after each: state, outbox, runs, counts, ticks.
const FAST_STEPS: [Step; 2] = [
    ("clippy, with the fast engine", |at| {
        let all = ["clippy", "--release", "--workspace", "--all-targets", "--quiet"];
        command::run(cargo(at).args(all).args(BOTH_ENGINES).args(["--", "-D", "warnings"]))
    }),
    ("tests, every run on both engines", |at| {
        let all = ["test", "--release", "--workspace", "--quiet"];
        command::run(cargo(at).args(all).args(BOTH_ENGINES))
    }),
];

/// Builds toru with the fast engine, and what runs kernels in tests with both.
const BOTH_ENGINES: [&str; 2] = ["--features", "toru/fast,pvm/compared"];

fn none(offences: Vec<String>) -> Result<(), String> {
    if offences.is_empty() { Ok(()) } else { Err(offences.join("\nerror: ")) }
}

/// Runs all of them, up to the first that fails.
///
/// # Errors
/// What the first step that fails says.
pub fn all(workspace: &Path) -> Result<(), String> {
    let mut seconds = run(workspace, &BEFORE)?;
    let beside = Beside::start(workspace, "test-beside")?;
    let tested = run(workspace, &TESTS);
    println!("==> what ran beside the tests");
    // Both are told of, whichever has failed.
    let others = beside.join();
    seconds.extend(tested?);
    others?;
    seconds.extend(run(workspace, &AFTER)?);
    report(&seconds);
    Ok(())
}

/// Runs those that run beside the tests.
///
/// # Errors
/// What the first step that fails says.
pub fn beside(workspace: &Path) -> Result<(), String> {
    let built = command::toru(workspace);
    let folder = command::target_dir(workspace).join("beside");
    std::fs::create_dir_all(&folder).map_err(command::about(&folder))?;
    let toru = folder.join("toru");
    std::fs::copy(&built, &toru).map_err(command::about(&built))?;
    let toru = &toru;
    let steps = BESIDE.map(|(name, step)| (name, move |at: &Path| step(at, toru)));
    run(workspace, &steps).map(|seconds| report(&seconds))
}

/// Runs the tests with the fast engine. Its compiler alone takes minutes to build: `all` goes without.
///
/// # Errors
/// What the first step that fails says.
pub fn fast(workspace: &Path) -> Result<(), String> {
    run(workspace, &FAST_STEPS).map(|seconds| report(&seconds))
}

type Seconds = Vec<(&'static str, u64)>;

fn run(
    workspace: &Path,
    steps: &[(&'static str, impl Fn(&Path) -> Result<(), String>)],
) -> Result<Seconds, String> {
    let mut seconds = Vec::new();
    for (name, step) in steps {
        println!("==> {name}");
        let begun = Instant::now();
        step(workspace).map_err(|problem| format!("{problem}\nerror: this step failed: {name}"))?;
        seconds.push((*name, begun.elapsed().as_secs()));
    }
    Ok(seconds)
}

fn report(seconds: &[(&str, u64)]) {
    println!("\nall steps passed; seconds each:");
    for (name, seconds) in seconds {
        println!("{seconds:6}  {name}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_that_fails_ends_the_run_and_is_named() {
        let good: Step = ("good", |_| Ok(()));
        let bad: Step = ("bad", |_| Err("it is".to_owned()));
        let never: Step = ("never", |at| Err(at.display().to_string()));
        assert_eq!(run(Path::new("."), &[good, good]).map(|steps| steps.len()), Ok(2));
        let problem = run(Path::new("."), &[good, bad, never]).unwrap_err();
        assert_eq!(problem, "it is\nerror: this step failed: bad");
    }
}
