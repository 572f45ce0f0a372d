//! `cargo xtask contracts`: the sources in `contracts/` make the committed Michelson, which does what the
//! scenarios in SmartPy and the sequences in pytezos expect, there and back through `toru run`.

use std::path::Path;

use crate::command::{run, target_dir};
use crate::tools::Venv;

/// Checks everything.
///
/// # Errors
/// When something is not as expected, or there is no Python that could tell.
pub fn check(workspace: &Path, toru: &Path) -> Result<(), String> {
    let venv = ready(workspace)?;
    run(venv.python(workspace).args(["contracts/tests/compile.py", "check"]))?;
    run(venv.python(workspace).arg("contracts/tests/scenarios.py"))?;
    run(venv.python(workspace).args(["contracts/tests/play.py", "check"]).arg(toru))
}

/// Writes the Michelson, its hashes and the vectors anew.
///
/// # Errors
/// When something is not as expected, or there is no Python that could tell.
pub fn write(workspace: &Path, toru: &Path) -> Result<(), String> {
    let venv = ready(workspace)?;
    run(venv.python(workspace).args(["contracts/tests/compile.py", "write"]))?;
    run(venv.python(workspace).args(["contracts/tests/play.py", "write"]).arg(toru))
}

fn ready(workspace: &Path) -> Result<Venv, String> {
    let folder = target_dir(workspace).join("contracts");
    Venv::of_python(workspace, folder, workspace.join("contracts/requirements.txt"))
}
