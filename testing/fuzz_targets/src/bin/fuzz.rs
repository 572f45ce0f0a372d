//! Feeds fuzz targets: `cargo run --release -p fuzz_targets --bin fuzz -- TARGET…|all
//! [--seconds N] [--seed N] [--keep FOLDER] [--finds FOLDER]`.
//!
//! The seconds are of CPU time, for each target. What comes of each is printed as a row of the table
//! in docs/testing.md. An input that breaks a target is saved among the finds, and the exit code is
//! not 0 then. `--keep` writes the inputs that came to something new into a folder for each target.
//!
//! This engine goes by outcomes: see `fuzz_targets`. `cargo xtask fuzz` goes by coverage.

use std::io;
use std::panic;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use fuzz_targets::{Engine, TARGETS, Target, target};

/// Inputs between two looks at the clock.
const BETWEEN_LOOKS: u64 = 100;

/// What the command line asks for.
struct Selection {
    targets: Vec<(String, Target)>,
    seconds: f64,
    seed: u64,
    keep: Option<PathBuf>,
    finds: PathBuf,
}

fn read(arguments: &[String]) -> Option<Selection> {
    let mut asked = Selection {
        targets: Vec::new(),
        seconds: 60.0,
        seed: 1,
        keep: None,
        finds: "target/fuzz-finds".into(),
    };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--seconds" => asked.seconds = arguments.next()?.parse().ok()?,
            "--seed" => asked.seed = arguments.next()?.parse().ok()?,
            "--keep" => asked.keep = Some(arguments.next()?.into()),
            "--finds" => asked.finds = arguments.next()?.into(),
            "all" => asked.targets.extend(TARGETS.iter().map(|(n, t)| ((*n).to_owned(), *t))),
            name => asked.targets.push((name.to_owned(), target(name)?)),
        }
    }
    (!asked.targets.is_empty() && asked.seconds > 0.0).then_some(asked)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(asked) = read(&arguments) else {
        let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        eprintln!("usage: fuzz TARGET… [--seconds N] [--seed N] [--keep FOLDER] [--finds FOLDER]");
        eprintln!("targets: all, or of {}", names.join(", "));
        return ExitCode::FAILURE;
    };
    println!("| target | executions | CPU seconds | a second | classes | seed |");
    println!("|---|---|---|---|---|---|");
    let mut broken = false;
    for (name, target) in &asked.targets {
        match run(name, *target, &asked) {
            Ok(None) => {}
            Ok(Some(find)) => {
                broken = true;
                eprintln!("error: {name} is broken by {}", find.display());
            }
            Err(problem) => {
                eprintln!("error: {problem}");
                return ExitCode::FAILURE;
            }
        }
    }
    if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Feeds one target. Returns where the input is that broke it, if one did.
fn run(name: &str, target: Target, asked: &Selection) -> io::Result<Option<PathBuf>> {
    let clock = Clock::start();
    let mut engine = Engine::new(name, target, asked.seed)?;
    let played = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        engine.replay();
        while clock.seconds() < asked.seconds {
            engine.run(BETWEEN_LOOKS);
        }
    }));
    let (seconds, executions) = (clock.seconds(), engine.stats.executions);
    println!(
        "| `{name}` | {} | {seconds:.0} | {:.0} | {} | {} |",
        explain::text::grouped(&executions.to_string()),
        executions as f64 / seconds,
        engine.stats.classes.len(),
        asked.seed,
    );
    if let Some(folder) = &asked.keep {
        for input in engine.inputs() {
            save(&folder.join(name), &input)?;
        }
    }
    match played {
        Ok(()) => Ok(None),
        Err(_) => save(&asked.finds.join(name), engine.last()).map(Some),
    }
}

/// Writes an input under the first bytes of its hash.
fn save(folder: &Path, input: &[u8]) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let hash = encoding::blake2b_256(&[input]).0;
    let name: String = hash[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    let path = folder.join(name);
    std::fs::write(&path, input)?;
    Ok(path)
}

/// CPU time of this thread; where the system does not tell, time as it passes.
struct Clock {
    wall: Instant,
    before: Option<f64>,
}

impl Clock {
    fn start() -> Self {
        Clock { wall: Instant::now(), before: cpu_seconds() }
    }

    fn seconds(&self) -> f64 {
        match (self.before, cpu_seconds()) {
            (Some(before), Some(now)) => now - before,
            _ => self.wall.elapsed().as_secs_f64(),
        }
    }
}

/// Linux: the first number of `schedstat`, in nanoseconds.
fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}
