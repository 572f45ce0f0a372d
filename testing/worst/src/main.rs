//! The worst levels that anyone has found, played as WASM with the instructions counted: what a
//! dispute over one would cost. `cargo run --release -p worst`, by hand, as
//! it takes minutes; its figures are in docs/testing.md.
//!
//! Each level spends both of its budgets with batches of one shape, all of them good.

mod full;
mod v1;
mod v2;

use std::process::ExitCode;

use encoding::limits::INBOX_MESSAGE_BYTES;
use full::Full;
use kit::{LevelOutcome, Twin};
use pvm::ticks::refutation_time;
use tx_kernel::results::ResultCode;

/// How long a dispute over so many ticks takes.
fn hours(ticks: u64) -> f64 {
    refutation_time(ticks).as_secs_f64() / 3_600.0
}

fn row(name: &str, full: &Full, level: &LevelOutcome) -> Option<u64> {
    let wasm = level.wasm.as_ref()?;
    let (all, ticks) = (wasm.instructions()?, wasm.ticks()?);
    let longest = wasm.runs.iter().filter_map(|run| run.instructions).max()?;
    let longest_ticks = wasm.runs.iter().filter_map(|run| run.ticks).max()?;
    let billions = |count: u64| count as f64 / 1e9;
    println!(
        "| {name} | {} | {} | {} | {} | {:.2} | {:.1} | {:.1} | {:.0} | {:.2} | {:.1} |",
        full.messages.len(),
        full.parts,
        full.transfers,
        level.runs,
        billions(longest),
        billions(all),
        billions(longest_ticks),
        billions(ticks),
        hours(longest_ticks),
        hours(ticks),
    );
    Some(all)
}

/// Plays a level and prints its row. Returns its instructions, or what is wrong with it.
fn measure(twin: &mut Twin, name: &str, full: &Full) -> Result<u64, String> {
    let longest = full.messages.iter().map(Vec::len).max().unwrap_or(0);
    if longest > INBOX_MESSAGE_BYTES {
        return Err(format!("{name}: a message of {longest} bytes is longer than the inbox takes"));
    }
    let level = twin.run_level(&full.messages);
    for (number, _) in (0..).zip(&full.messages) {
        let result = twin.message(level.level, number);
        if result.is_none_or(|result| result.outcome().code != ResultCode::BatchAccepted) {
            return Err(format!("{name}: message {number} was not accepted: {result:?}"));
        }
    }
    row(name, full, &level).ok_or_else(|| format!("{name}: nobody has counted the instructions"))
}

/// Plays every level. Returns the name of the one with the most instructions.
fn all() -> Result<&'static str, String> {
    let mut worst = (0, "none");
    let mut twin = Twin::new();
    let mut crowd = v1::Crowd::known_to(&mut twin);
    for (shape, name) in v1::Shape::ALL {
        let full = crowd.level(shape);
        worst = worst.max((measure(&mut twin, name, &full)?, name));
    }
    let mut twin = Twin::new();
    let mut crowd = v2::Crowd::on(&mut twin);
    for (shape, name) in v2::Shape::ALL {
        let full = crowd.level(shape, &twin);
        worst = worst.max((measure(&mut twin, name, &full)?, name));
    }
    Ok(worst.1)
}

fn main() -> ExitCode {
    println!(
        "Billions of instructions and of ticks, and hours of a dispute, of the longest run and of \
         the level:\n"
    );
    println!(
        "| level | messages | parts | transfers | runs | instr. run | level | ticks run | level | \
         hours run | level |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    match all() {
        Ok(worst) => {
            println!("\nThe worst: {worst}.");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}
