//! Every fuzz target under libFuzzer, which sees where an input leads and keeps what leads somewhere
//! new: `cargo xtask fuzz SECONDS TARGET…`.
//!
//! It takes the target's name from the environment, since the command line is libFuzzer's.

#![no_main]

use std::sync::OnceLock;

use fuzz_targets::{TARGETS, Target, target};
use libfuzzer_sys::fuzz_target;

/// The variable that names the target.
const NAMED_BY: &str = "TORU_FUZZ_TARGET";

static CHOSEN: OnceLock<Target> = OnceLock::new();

fn chosen() -> Target {
    let name = std::env::var(NAMED_BY).unwrap_or_default();
    target(&name).unwrap_or_else(|| {
        let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        eprintln!("error: {NAMED_BY} is {name:?}, and not one of {}", names.join(", "));
        std::process::exit(1)
    })
}

fuzz_target!(
    init: {
        CHOSEN.get_or_init(chosen);
    },
    |data: &[u8]| {
        CHOSEN.get_or_init(chosen)(data);
    }
);
