//! The project's own checks: see `USAGE`.

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND
  layers   no crate depends on one of its own layer or above, no test crate is in the kernel,
           no files of a crate use each other in a circle
  circles  lists every use that is part of such a circle
  tidy     the rules for source files
  all      layers and tidy
  readme   every command in README.md runs";

fn main() -> ExitCode {
    // This crate's own folder is the one place that is known whatever the current folder is.
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let command = std::env::args().nth(1).unwrap_or_default();
    let checked = match command.as_str() {
        "layers" => layers(&workspace),
        "circles" => xtask::circles::listing(&workspace).map(|listing| {
            println!("{listing}");
            Vec::new()
        }),
        "tidy" => xtask::tidy::check(&workspace),
        "readme" => xtask::readme::check(&workspace, "README.md"),
        "all" => layers(&workspace).and_then(|mut found| {
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

fn layers(workspace: &Path) -> Result<Vec<String>, String> {
    xtask::layers::check(workspace)
}
