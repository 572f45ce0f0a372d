//! Measures BLS in WASM: `bench NAME=FILE …`, where each file is `bls_wasm`, built with one backend
//! or another. Counts are exact and the same everywhere; times are of this machine, in wasmi.

mod bls_costs;

use std::process::ExitCode;

fn main() -> ExitCode {
    match bls_costs::table(std::env::args().skip(1)) {
        Ok(table) => {
            print!("{table}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}
