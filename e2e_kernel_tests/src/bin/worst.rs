//! The worst levels that anyone has found, played as WASM with the instructions counted: what a
//! dispute over one would cost. `cargo run --release -p e2e_kernel_tests --bin worst`, by hand, as
//! it takes minutes; its figures are in docs/testing.md.
//!
//! Each level spends both of its budgets with batches of one shape, all of them good.

use std::process::ExitCode;

use e2e_kernel_tests::{Outcome, Person, Twin, batch, tx};
use encoding::limits::{
    INBOX_MESSAGE_BYTES, KEYS_PER_UNIT, SMALL_BATCH_PARTS, SMALL_UNITS_PER_LEVEL, UNITS_PER_BATCH,
    UNITS_PER_LEVEL, UNITS_PER_PART,
};
use pvm::ticks::refutation_time;
use tx_kernel::results::code;

/// Signers of the fullest message.
const CROWD: u16 = 105;

/// What fills a level.
#[derive(Clone, Copy)]
enum Shape {
    /// Messages full of signers whose keys are known.
    Crowds,
    /// The smallest batches that count as large.
    Fives,
    /// Batches of one part: a final exponentiation for each.
    Singles,
    /// Messages full of keys that nobody has seen.
    Newcomers,
}

impl Shape {
    const ALL: [(Shape, &str); 4] = [
        (Shape::Crowds, "full messages, known keys"),
        (Shape::Fives, "batches of five parts"),
        (Shape::Singles, "batches of one part"),
        (Shape::Newcomers, "full messages, new keys"),
    ];

    /// Parts of a batch.
    fn parts(self) -> u16 {
        match self {
            Shape::Crowds => CROWD,
            Shape::Fives => 5,
            Shape::Singles => 1,
            Shape::Newcomers => 60,
        }
    }
}

/// People and the counters they have come to.
struct Crowd {
    counters: Vec<u64>,
    newest: u16,
}

impl Crowd {
    /// A batch of one transaction by the first so many, who are known by now.
    fn together(&mut self, parts: u16) -> Vec<u8> {
        let people: Vec<Person> = (0..parts).map(Person::new).collect();
        let operations = people.iter().zip(&mut self.counters).map(|(one, counter)| {
            *counter += 1;
            one.does_by_address(*counter - 1, vec![])
        });
        batch(vec![(tx(operations.collect()), people.iter().collect())])
    }

    /// A batch of so many who show their keys.
    fn new_ones(&mut self, parts: u16) -> Vec<u8> {
        let people: Vec<Person> = (self.newest..self.newest + parts).map(Person::new).collect();
        self.newest += parts;
        let operations = people.iter().map(|one| one.does(0, vec![]));
        batch(vec![(tx(operations.collect()), people.iter().collect())])
    }

    /// Batches of this shape until the budgets of a level are spent, with their parts.
    fn level(&mut self, shape: Shape) -> (Vec<Vec<u8>>, u32) {
        let (mut all, mut small) = (UNITS_PER_LEVEL, SMALL_UNITS_PER_LEVEL);
        let (mut messages, mut parts_of_all) = (Vec::new(), 0);
        loop {
            // The greatest batch of this shape that one of the budgets still has room for.
            let parts = (1..=shape.parts()).rev().find(|parts| {
                let units = units(shape, *parts);
                units <= all || (u32::from(*parts) <= SMALL_BATCH_PARTS && units <= small)
            });
            let Some(parts) = parts else { return (messages, parts_of_all) };
            let units = units(shape, parts);
            let is_small = u32::from(parts) <= SMALL_BATCH_PARTS && units <= small;
            *(if is_small { &mut small } else { &mut all }) -= units;
            parts_of_all += u32::from(parts);
            messages.push(match shape {
                Shape::Newcomers => self.new_ones(parts),
                _ => self.together(parts),
            });
        }
    }
}

fn units(shape: Shape, parts: u16) -> u32 {
    let parts = u32::from(parts);
    let keys = match shape {
        Shape::Newcomers => parts.div_ceil(KEYS_PER_UNIT),
        _ => 0,
    };
    parts * UNITS_PER_PART + UNITS_PER_BATCH + keys
}

/// How long a dispute over so many ticks takes.
fn hours(ticks: u64) -> f64 {
    refutation_time(ticks).as_secs_f64() / 3_600.0
}

fn row(name: &str, messages: usize, parts: u32, level: &Outcome) -> Option<u64> {
    let wasm = level.wasm.as_ref()?;
    let (all, ticks) = (wasm.instructions()?, wasm.ticks()?);
    let longest = wasm.runs.iter().filter_map(|run| run.instructions).max()?;
    let longest_ticks = wasm.runs.iter().filter_map(|run| run.ticks).max()?;
    let billions = |count: u64| count as f64 / 1e9;
    println!(
        "| {name} | {messages} | {parts} | {} | {:.2} | {:.1} | {:.1} | {:.0} | {:.2} | {:.1} |",
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

fn main() -> ExitCode {
    let mut twin = Twin::new();
    let mut crowd = Crowd { counters: vec![1; CROWD.into()], newest: 0 };
    for _ in 0..3 {
        let message = crowd.new_ones(CROWD / 3);
        twin.play(&[message]);
    }
    println!(
        "Billions of instructions and of ticks, and hours of a dispute, of the longest run and of \
         the level:\n"
    );
    println!(
        "| level | messages | parts | runs | instr. run | level | ticks run | level | hours run | level |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let mut worst = (0, "none");
    for (shape, name) in Shape::ALL {
        let (messages, parts) = crowd.level(shape);
        let longest = messages.iter().map(Vec::len).max().unwrap_or(0);
        let level = twin.play(&messages);
        let accepted = (0..).zip(&messages).all(|(number, _)| {
            let result = twin.message(level.level, number);
            result.is_some_and(|result| result.reason().code == code::BATCH_ACCEPTED)
        });
        if !accepted || longest > INBOX_MESSAGE_BYTES {
            eprintln!("error: {name}: not all were accepted in their level");
            return ExitCode::FAILURE;
        }
        let Some(all) = row(name, messages.len(), parts, &level) else {
            eprintln!("error: {name}: nobody has counted the instructions");
            return ExitCode::FAILURE;
        };
        worst = worst.max((all, name));
    }
    println!("\nThe worst: {}.", worst.1);
    ExitCode::SUCCESS
}
