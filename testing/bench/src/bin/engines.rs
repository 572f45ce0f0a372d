//! Times any kernel on each WASM engine of this build: one batch, a full level, and through HTTP. See docs/bench.md.

use std::path::Path;

use bench::load::transfers;
use bench::{Modules, Options, engines, report};

fn main() -> Result<(), String> {
    let file = std::env::args().nth(1).ok_or("usage: engines KERNEL.wasm")?;
    let kernel = std::fs::read(&file).map_err(|error| format!("{file}: {error}"))?;
    let modules = Modules::beside(&kernel, Path::new(""));
    let options = Options { quick: false };
    let mut rows = engines::rows(&modules, &options)?;
    rows.extend(transfers::rows(&modules, &options)?);
    println!("{}", report::table(&rows));
    Ok(())
}
