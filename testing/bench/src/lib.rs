//! Measures the kernel: bytes on the wire, executed WASM instructions, host calls, and times, each
//! held against a floor or a rival that is measured in the same run.
//!
//! Counts (instructions, calls, bytes) are exact and the same on every machine; times are of this one.
//! Modes, phases and references are explained in `docs/bench.md`.

pub mod batch;
pub mod bls_costs;
pub mod counting;
mod figures;
pub mod floors;
pub mod layouts;
pub mod levels;
mod load;
pub mod native;
pub mod people;
pub mod report;
pub mod trace;
pub mod wasm;

use std::path::Path;
use std::time::Instant;

use report::Row;

/// The modules that are measured beside the kernel.
#[derive(Clone, Debug)]
pub struct Modules {
    /// The kernel itself.
    pub kernel: Vec<u8>,
    /// `direct_wasm`, if it is there.
    pub direct: Option<Vec<u8>>,
    /// `bls_wasm` with blst, if it is there.
    pub blst: Option<Vec<u8>>,
    /// `ed25519_wasm`, if it is there.
    pub ed25519: Option<Vec<u8>>,
}

impl Modules {
    /// The kernel, and what the folder has beside it.
    pub fn beside(kernel: &[u8], folder: &Path) -> Modules {
        let read = |name: &str| std::fs::read(folder.join(name)).ok();
        Modules {
            kernel: kernel.to_vec(),
            direct: read("direct_wasm.wasm"),
            blst: read("bls_wasm.wasm"),
            ed25519: read("ed25519_wasm.wasm"),
        }
    }

    /// What is not there, by its file name.
    pub fn missing(&self) -> Vec<&'static str> {
        [
            ("direct_wasm.wasm", &self.direct),
            ("bls_wasm.wasm", &self.blst),
            ("ed25519_wasm.wasm", &self.ed25519),
        ]
        .into_iter()
        .filter_map(|(name, module)| module.is_none().then_some(name))
        .collect()
    }
}

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Less of everything: for a look, and for tests.
    pub quick: bool,
}

/// Measures everything. `tell` hears what is being done.
pub fn run(
    modules: &Modules,
    options: &Options,
    tell: &mut dyn FnMut(&str),
) -> Result<Vec<Row>, String> {
    let begun = Instant::now();
    let mut rows = Vec::new();
    for (what, figure) in figures::ALL {
        tell(&format!("{:>4} s  {what}", begun.elapsed().as_secs()));
        rows.extend(figure(modules, options)?);
    }
    tell(&format!("{:>4} s  done", begun.elapsed().as_secs()));
    Ok(rows)
}

/// A number with commas between its thousands.
pub(crate) fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 && digit.is_ascii_digit() && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
