//! Asks cargo.

use std::path::Path;
use std::process::Command;

/// What cargo prints in the workspace.
///
/// # Errors
/// When cargo cannot be run, or fails: with what it says.
pub fn output(workspace: &Path, args: &[&str]) -> Result<String, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(args)
        .current_dir(workspace)
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    let command = args.first().copied().unwrap_or_default();
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("cargo {command} failed: {}", errors.trim()));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("cargo {command}: {error}"))
}
