//! `cargo xtask test`: everything that CI runs, in the order of what fails soonest, with the seconds of
//! each step.

use std::path::Path;
use std::time::Instant;

use crate::command::{self, cargo};
use crate::{contracts, deny, elsewhere, js, kernel, layers, readme, tidy};

type Step = (&'static str, fn(&Path) -> Result<(), String>);

const STEPS: [Step; 12] = [
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
    ("a client written elsewhere", |at| elsewhere::check(at, &command::toru(at))),
    ("a client in TypeScript", |at| js::check(at, &command::toru(at))),
    ("contracts of layer 1", |at| contracts::check(at, &command::toru(at))),
    ("tests, native and WASM", |at| {
        command::run(cargo(at).args(["test", "--release", "--workspace", "--quiet"]))
    }),
    ("every command of the README", |at| none(readme::check(at, "README.md")?)),
];

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
    run(workspace, &STEPS)
}

/// Runs the tests with the fast engine. Its compiler alone takes minutes to build: `all` goes without.
///
/// # Errors
/// What the first step that fails says.
pub fn fast(workspace: &Path) -> Result<(), String> {
    run(workspace, &FAST_STEPS)
}

fn run(workspace: &Path, steps: &[Step]) -> Result<(), String> {
    let mut seconds = Vec::new();
    for (name, step) in steps {
        println!("==> {name}");
        let begun = Instant::now();
        step(workspace).map_err(|problem| format!("{problem}\nerror: this step failed: {name}"))?;
        seconds.push(begun.elapsed().as_secs());
    }
    println!("\nall steps passed; seconds each:");
    for ((name, _), seconds) in steps.iter().zip(seconds) {
        println!("{seconds:6}  {name}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_that_fails_ends_the_run_and_is_named() {
        let good: Step = ("good", |_| Ok(()));
        let bad: Step = ("bad", |_| Err("it is".to_owned()));
        let never: Step = ("never", |at| Err(at.display().to_string()));
        assert_eq!(run(Path::new("."), &[good, good]), Ok(()));
        let problem = run(Path::new("."), &[good, bad, never]).unwrap_err();
        assert_eq!(problem, "it is\nerror: this step failed: bad");
    }
}
