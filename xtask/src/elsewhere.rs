//! `cargo xtask elsewhere`: runs what `testing/elsewhere` encoded and signed, in Python and by the protocol
//! document alone, through the kernel; compares the vectors of docs/ with what it makes now; and reads
//! durable storage through a sandbox's interface.

use std::path::Path;

use crate::command::{run, target_dir};
use crate::tools::Venv;

const VECTORS: &str = "docs/vectors/v2.json";

/// Checks everything.
///
/// # Errors
/// When something differs, or there is no Python that could tell.
pub fn check(workspace: &Path, toru: &Path) -> Result<(), String> {
    let venv = ready(workspace)?;
    let story = ["testing/elsewhere/story.py", "check", VECTORS];
    run(venv.python(workspace).args(story).arg(toru))?;
    run(venv.python(workspace).arg("testing/elsewhere/stored.py").arg(toru))
}

/// Writes the vectors anew.
///
/// # Errors
/// When there is no Python that could.
pub fn write(workspace: &Path) -> Result<(), String> {
    let venv = ready(workspace)?;
    run(venv.python(workspace).args(["testing/elsewhere/story.py", "write", VECTORS]))
}

fn ready(workspace: &Path) -> Result<Venv, String> {
    let folder = target_dir(workspace).join("elsewhere");
    Venv::of_python(workspace, folder, workspace.join("testing/elsewhere/requirements.txt"))
}
