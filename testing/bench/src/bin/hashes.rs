//! What hashes of states with so many accounts take: see docs/bench.md.

use bench::hashes::{CHANGED, measure};

fn main() -> Result<(), String> {
    let usage = "usage: hashes ACCOUNTS";
    let accounts = std::env::args().nth(1).and_then(|count| count.parse().ok());
    let figures = measure(accounts.ok_or(usage)?)?;
    println!("all of it                {:.0} ms", figures.whole);
    println!("an empty level           {:.3} ms", figures.empty);
    println!("{CHANGED} values changed      {:.2} ms", figures.changed);
    if let Some(memory) = figures.memory {
        println!("memory that is kept      {} MiB", memory >> 20);
    }
    Ok(())
}
