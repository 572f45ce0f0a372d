//! `cargo xtask coverage`: runs the tests of the kernel natively and says which lines of its crates none of
//! them runs, and how many of all they are. By hand: it builds all of it once more, with counters, in
//! some ten minutes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::command::{about, cargo, command, output, run, target_dir};

const VERSION: &str = "0.9.1";
const CRATES: [&str; 9] =
    ["encoding", "host", "bls", "accounts", "inbox", "outbox", "deposit", "withdraw", "tx_kernel"];

/// Runs them, and prints both.
///
/// # Errors
/// When a test fails, or the tools cannot be installed.
pub fn print(workspace: &Path) -> Result<(), String> {
    let added = run(command(workspace, "rustup").args(["component", "add", "llvm-tools"]));
    added.map_err(|problem| {
        format!("{problem}\nno rustup that could add llvm-tools, which reads the counters: install Rust from https://rustup.rs")
    })?;
    let tools = target_dir(workspace).join("tools/coverage");
    let program = tools.join("bin/cargo-llvm-cov");
    let version = output(command(workspace, &program).args(["llvm-cov", "--version"]));
    if !version.is_ok_and(|version| version.trim_end().ends_with(&format!(" {VERSION}"))) {
        let mut install = cargo(workspace);
        install.env("CARGO_TARGET_DIR", target_dir(workspace).join("tools/build"));
        install.args(["install", "--quiet", "--locked", "--root"]).arg(&tools);
        run(install.arg(format!("cargo-llvm-cov@{VERSION}")))?;
    }
    let folder = target_dir(workspace).join("coverage");
    let cov = |arguments: &[&str]| {
        let mut cov = command(workspace, &program);
        cov.env("CARGO_TARGET_DIR", &folder).env("CARGO_LLVM_COV_TARGET_DIR", &folder);
        run(cov.arg("llvm-cov").args(arguments).arg("--release"))
    };
    cov(&["clean", "--profraw-only"])?;
    let packages = CRATES.iter().chain(&["client", "e2e_kernel_tests", "fuzz_targets", "model"]);
    let packages: Vec<&str> = packages.flat_map(|name| ["--package", *name]).collect();
    let test = ["test", "--no-report", "--quiet"];
    cov(&[&test[..], &packages].concat())?;
    // What is simulated is the wallet's, rules in words are toru's.
    cov(&[&test[..], &["--package", "toru", "--test", "toru_tests", "scenarios::"]].concat())?;
    cov(&[&test[..], &["--package", "wallet"]].concat())?;
    let lines = folder.join("lines.info");
    cov(&["report", "--lcov", "--output-path", &lines.display().to_string()])?;
    let lcov = fs::read_to_string(&lines).map_err(about(&lines))?;
    println!("Lines that no test runs:\n{}", missed(workspace, &lcov));
    Ok(())
}

/// The ranges of lines that no test runs, and a table of how many they are.
fn missed(workspace: &Path, lcov: &str) -> String {
    let mut text = String::new();
    let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    let mut file: Option<(&str, &Path)> = None;
    let mut range: Option<(u32, u32)> = None;
    let mut end = |file: Option<(&str, &Path)>, range: &mut Option<(u32, u32)>| {
        if let (Some((_, path)), Some((first, last))) = (file, range.take()) {
            let lines = if last > first { format!("{first}-{last}") } else { first.to_string() };
            text.push_str(&format!("{}:{lines}\n", path.display()));
        }
    };
    for line in lcov.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            end(file, &mut range);
            let path = Path::new(path);
            let path = path.strip_prefix(workspace).unwrap_or(path);
            let is_of = |name: &&&str| path.starts_with(Path::new(name).join("src"));
            file = CRATES.iter().find(is_of).copied().zip(Some(path));
        }
        let Some((name, _)) = file else { continue };
        let Some((number, times)) = line.strip_prefix("DA:").and_then(|rest| rest.split_once(','))
        else {
            continue;
        };
        let Ok(number) = number.parse::<u32>() else { continue };
        let (all, not_run) = counts.entry(name).or_default();
        *all += 1;
        if times != "0" {
            continue;
        }
        *not_run += 1;
        match &mut range {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => {
                end(file, &mut range);
                range = Some((number, number));
            }
        }
    }
    end(file, &mut range);
    text.push_str("\n| crate | lines | not run |\n|---|---|---|\n");
    for name in CRATES {
        let (all, not_run) = counts.get(name).copied().unwrap_or_default();
        text.push_str(&format!("| `{name}` | {all} | {not_run} |\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_of_lines_that_follow_each_other_in_the_kernels_sources() {
        let lcov = "SF:/w/bls/src/a.rs\nDA:1,5\nDA:2,0\nDA:3,0\nDA:7,0\nDA:8,1\nend_of_record\n\
                    SF:/w/toru/src/b.rs\nDA:1,0\nSF:/w/bls/tests/c.rs\nDA:1,0\n\
                    SF:/w/host/src/d.rs\nDA:4,0\n";
        let text = missed(Path::new("/w"), lcov);
        let (ranges, table) = text.split_once("\n\n").unwrap();
        assert_eq!(ranges, "bls/src/a.rs:2-3\nbls/src/a.rs:7\nhost/src/d.rs:4");
        assert!(table.contains("| `bls` | 5 | 3 |\n") && table.contains("| `host` | 1 | 1 |\n"));
    }
}
