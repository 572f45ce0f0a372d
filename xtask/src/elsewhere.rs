//! `cargo xtask elsewhere`: runs what `testing/elsewhere` encoded and signed, in Python and by the protocol
//! document alone, through the kernel; compares the vectors of docs/ with what it makes now; and reads
//! durable storage through a sandbox's interface.

use std::path::Path;
use std::process::Command;

use crate::command::{command, run, target_dir};
use crate::tools::Venv;

const VECTORS: &str = "docs/vectors/v2.json";

/// Checks everything.
///
/// # Errors
/// When something differs, or there is no Python that could tell.
pub fn check(workspace: &Path, toru: &Path) -> Result<(), String> {
    let venv = ready(workspace)?;
    let story = ["testing/elsewhere/story.py", "check", VECTORS];
    run(python(workspace, &venv).args(story).arg(toru))?;
    run(python(workspace, &venv).arg("testing/elsewhere/stored.py").arg(toru))
}

/// Writes the vectors anew.
///
/// # Errors
/// When there is no Python that could.
pub fn write(workspace: &Path) -> Result<(), String> {
    let venv = ready(workspace)?;
    run(python(workspace, &venv).args(["testing/elsewhere/story.py", "write", VECTORS]))
}

/// Without leaving `__pycache__`.
fn python(workspace: &Path, venv: &Venv) -> Command {
    let mut python = command(workspace, venv.program("python"));
    python.arg("-B");
    python
}

/// A venv that is not of the pins, or of a Python that has gone, is made anew.
fn ready(workspace: &Path) -> Result<Venv, String> {
    let folder = target_dir(workspace).join("elsewhere");
    let venv = Venv::new(folder, workspace.join("testing/elsewhere/requirements.txt"));
    if !venv.is_ready(workspace, "python", &["-c", ""]) {
        venv.make(workspace)?;
        venv.install(workspace)?;
        venv.is_complete()?;
    }
    Ok(venv)
}
