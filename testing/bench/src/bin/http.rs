//! Times transfers through a sandbox that is reached over HTTP and runs the kernel natively: see
//! docs/bench.md.

use bench::load::transfers;

/// How often it is measured. The most is printed.
const ROUNDS: usize = 3;

fn main() -> Result<(), String> {
    let mut best = 0f64;
    for _ in 0..ROUNDS {
        best = best.max(transfers::natively()?);
    }
    println!(
        "natively, through HTTP, the queue, the kernel and the store: {best:.0} transfers a second"
    );
    Ok(())
}
