//! `cargo xtask js`: the client in TypeScript, `clients/js`: its types, its style, its tests, which also run against
//! `toru dev`, and its size on a web page. `cargo xtask browser` and `screenshots`: the explorer in a browser.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::command::{about, command, run};

const PACKAGE: &str = "clients/js";
/// The explorer's tests in a browser.
const BROWSER: &str = "services/explorer/browser";
/// What pins every package, by version and hash.
const LOCK: &str = "package-lock.json";
/// The lock of what is installed, noted once all of it is.
const NOTE: &str = "node_modules/installed-lock.json";

/// Checks everything.
///
/// # Errors
/// When something is not as expected, or there is no npm that could tell.
pub fn check(workspace: &Path, toru: &Path) -> Result<(), String> {
    let package = workspace.join(PACKAGE);
    install(&package)?;
    run(npm(&package).args(["run", "--silent", "check"]))?;
    run(npm(&package).args(["test", "--silent"]).env("TORU_BIN", toru))?;
    run(npm(&package).args(["run", "--silent", "size"]))
}

/// Walks through the explorer in Debian's Chromium.
///
/// # Errors
/// When something is not as expected, or there is no npm or browser that could tell.
pub fn browser(workspace: &Path, toru: &Path) -> Result<(), String> {
    let package = workspace.join(BROWSER);
    install(&package)?;
    run(npm(&package).args(["run", "--silent", "check"]))?;
    run(npm(&package).args(["test", "--silent"]).env("TORU_BIN", toru))
}

/// Writes a picture of each page of the explorer into `docs/explorer`.
///
/// # Errors
/// When there is no npm or browser that could.
pub fn screenshots(workspace: &Path, toru: &Path) -> Result<(), String> {
    let package = workspace.join(BROWSER);
    install(&package)?;
    let folder = workspace.join("docs/explorer");
    run(npm(&package)
        .args(["run", "--silent", "screenshots", "--"])
        .arg(folder)
        .env("TORU_BIN", toru))
}

/// Installs what is pinned, unless it is there. No package runs a script of its own on this machine.
fn install(package: &Path) -> Result<(), String> {
    if is_installed(package) {
        return Ok(());
    }
    run(npm(package).args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]))?;
    let note = package.join(NOTE);
    fs::copy(package.join(LOCK), &note).map(drop).map_err(about(&note))
}

fn is_installed(package: &Path) -> bool {
    let (installed, pinned) = (fs::read(package.join(NOTE)), fs::read(package.join(LOCK)));
    matches!((installed, pinned), (Ok(installed), Ok(pinned)) if installed == pinned)
}

fn npm(package: &Path) -> Command {
    command(package, "npm")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_installed_is_installed_again_once_its_lock_differs() {
        let package = std::env::temp_dir().join(format!("xtask-js-{}", std::process::id()));
        fs::create_dir_all(package.join("node_modules")).unwrap();
        let installed = |lock: &str, note: Option<&str>| {
            fs::write(package.join(LOCK), lock).unwrap();
            if let Some(note) = note {
                fs::write(package.join(NOTE), note).unwrap();
            }
            is_installed(&package)
        };
        let found = [
            installed("a", None),
            installed("a", Some("a")),
            installed("b", None),
            installed("b", Some("b")),
        ];
        fs::remove_dir_all(&package).unwrap();
        assert_eq!(found, [false, true, false, true]);
    }
}
