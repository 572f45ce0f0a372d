//! Feeds a fuzz target for a given time: `cargo run --release -p e2e_kernel_tests --bin fuzz --
//! TARGET --seconds N [--seed N] [--keep FOLDER]`. What breaks it is printed in hexadecimal, and
//! ends it; `--keep` writes the inputs that came to something new into a folder.
//!
//! There is no coverage guidance, which stable Rust has no means for: see `e2e_kernel_tests::fuzz`.

use std::panic;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use e2e_kernel_tests::fuzz::{Engine, TARGETS, target};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        at.map_or(Some(default), |at| arguments.get(at + 1)?.parse().ok())
    };
    let known = arguments.first().and_then(|name| Some((name, target(name)?)));
    let (Some((name, target)), Some(seconds), Some(seed)) =
        (known, number("--seconds", 60), number("--seed", 1))
    else {
        let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        eprintln!(
            "usage: fuzz TARGET [--seconds N] [--seed N] [--keep FOLDER]; targets: {}",
            names.join(", ")
        );
        return ExitCode::FAILURE;
    };
    let keep = arguments.iter().position(|argument| argument == "--keep");
    let keep = keep.and_then(|at| arguments.get(at + 1));
    match run(name, target, seconds, seed, keep) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(
    name: &str,
    target: fn(&[u8]) -> String,
    seconds: u64,
    seed: u64,
    keep: Option<&String>,
) -> Result<(), std::io::Error> {
    let mut engine = Engine::new(name, target, seed)?;
    let start = Instant::now();
    let end = Duration::from_secs(seconds);
    let played = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        while start.elapsed() < end {
            engine.run(10);
        }
    }));
    let elapsed = start.elapsed().as_secs_f64();
    let executions = engine.stats.executions;
    println!(
        "{name}: {executions} executions in {elapsed:.0} s, {:.0} a second, seed {seed}; \
         {} classes of outcome, {} inputs kept",
        executions as f64 / elapsed,
        engine.stats.classes.len(),
        engine.inputs().len(),
    );
    for (class, count) in engine.stats.classes.iter().take(60) {
        println!("  {count:>9}  {class}");
    }
    if let Some(folder) = keep {
        std::fs::create_dir_all(folder)?;
        for input in engine.inputs() {
            let hash = encoding::blake2b_256(&[&input]).0;
            let name: String = hash[..6].iter().map(|byte| format!("{byte:02x}")).collect();
            std::fs::write(std::path::Path::new(folder).join(name), input)?;
        }
    }
    if played.is_err() {
        return Err(std::io::Error::other(format!("broken by {}", engine.last_in_hex())));
    }
    Ok(())
}
