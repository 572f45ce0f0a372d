//! The project's own checks and builds: see `USAGE`.

use std::path::Path;
use std::process::ExitCode;

use xtask::{bench, circles, command, contracts, coverage, deny, elsewhere, fuzz, js, kernel};
use xtask::{layers, readme, steps, tidy};

const USAGE: &str = "usage: cargo xtask COMMAND

checks, each with every offender on a line of its own:
  layers         no crate depends on one of its own layer or above, no test crate is in the kernel,
                 the kernel's tests build neither toru nor node, no files of a crate use each other in a circle
  circles        lists every use that is part of such a circle
  tidy           the rules for source files, and words that are gone
  all            layers and tidy
  readme         every command in README.md runs

what CI does:
  test           all checks and tests, with the seconds of each step
  test-beside    what it runs beside the tests, once toru is built: elsewhere, js, contracts
  deny           licences, versions and sources
  kernel         the kernel inside toru keeps the PVM's rules, and is small enough
  reproducible   the kernel built in another folder is the one inside toru
  elsewhere      a client in Python, written from the protocol alone; --write writes the vectors anew
  contracts      the contracts of layer 1 in SmartPy and in pytezos; --write writes their Michelson,
                 its hashes and the vectors anew
  js             the client in TypeScript: its types, style, tests and size
  browser        the explorer in Chromium: every page, the control panel, live updates, hostile texts

nightly:
  test-fast      all tests with every run of a kernel on both engines, which must come to the same

by hand:
  screenshots    writes a picture of each page of the explorer into docs/explorer
  bench          measures, and holds the counts against the baseline; --baseline makes them it
  bench-bls      measures BLS in WASM
  coverage       lists the lines of the kernel that no test runs
  fuzz           SECONDS|merge TARGET...|all: fuzzes under libFuzzer";

fn main() -> ExitCode {
    // This crate's own folder is the one place that is known whatever the current folder is.
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, more) = match arguments.split_first() {
        Some((command, more)) => (command.as_str(), more),
        None => ("", &[][..]),
    };
    // Whoever runs one of these in a fresh checkout has built nothing yet.
    let toru = || command::built_toru(workspace);
    let has = |option: &str| more.iter().any(|one| one == option);
    let clean = |done: Result<(), String>| done.map(|()| Vec::new());
    let checked = match command {
        "layers" => layers::check(workspace),
        "circles" => circles::listing(workspace).map(|listing| {
            println!("{listing}");
            Vec::new()
        }),
        "tidy" => tidy::check(workspace),
        "readme" => readme::check(workspace, "README.md"),
        "all" => layers::check(workspace).and_then(|mut found| {
            found.extend(tidy::check(workspace)?);
            Ok(found)
        }),
        "test" => clean(steps::all(workspace)),
        "test-beside" => clean(steps::beside(workspace)),
        "test-fast" => clean(steps::fast(workspace)),
        "deny" => clean(deny::check(workspace)),
        "kernel" => clean(toru().and_then(|toru| kernel::check(workspace, &toru))),
        "reproducible" => clean(toru().and_then(|toru| kernel::reproducible(workspace, &toru))),
        "elsewhere" if has("--write") => clean(elsewhere::write(workspace)),
        "elsewhere" => clean(toru().and_then(|toru| elsewhere::check(workspace, &toru))),
        "contracts" if has("--write") => {
            clean(toru().and_then(|toru| contracts::write(workspace, &toru)))
        }
        "contracts" => clean(toru().and_then(|toru| contracts::check(workspace, &toru))),
        "js" => clean(toru().and_then(|toru| js::check(workspace, &toru))),
        "browser" => clean(toru().and_then(|toru| js::browser(workspace, &toru))),
        "screenshots" => clean(toru().and_then(|toru| js::screenshots(workspace, &toru))),
        "bench" => {
            clean(toru().and_then(|toru| bench::run_all(workspace, &toru, has("--baseline"))))
        }
        "bench-bls" => clean(bench::bls(workspace)),
        "coverage" => clean(coverage::print(workspace)),
        "fuzz" => clean(fuzz::main(workspace, more)),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match checked {
        Ok(offences) if offences.is_empty() => {
            println!("xtask {command}: ok");
            ExitCode::SUCCESS
        }
        Ok(offences) => {
            offences.iter().for_each(|offence| eprintln!("error: {offence}"));
            ExitCode::FAILURE
        }
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}
