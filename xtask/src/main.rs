//! The project's own checks: `cargo xtask layers`, `tidy` and `readme`.

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND
  layers   no crate depends on one of its own layer or above, no test crate is in the kernel
  tidy     the rules for source files
  all      both
  readme   every command in README.md runs";

fn main() -> ExitCode {
    // This crate's own folder is the one place that is known whatever the current folder is.
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let command = std::env::args().nth(1).unwrap_or_default();
    let checked = match command.as_str() {
        "layers" => xtask::layers::check(&workspace),
        "tidy" => xtask::tidy::check(&workspace),
        "readme" => xtask::readme::check(&workspace, "README.md"),
        "all" => xtask::layers::check(&workspace).and_then(|mut found| {
            found.extend(xtask::tidy::check(&workspace)?);
            Ok(found)
        }),
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
