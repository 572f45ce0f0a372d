//! Runs other programs in the workspace, and says what failed.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program to be run in a folder.
pub fn command(workspace: &Path, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(workspace);
    command
}

/// The cargo that runs us, in a folder.
pub fn cargo(workspace: &Path) -> Command {
    command(workspace, std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a program to its end.
///
/// # Errors
/// When it cannot be run, or fails.
pub fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| cannot(command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("{status}: {}", shown(command))) }
}

/// What a program prints.
///
/// # Errors
/// When it cannot be run, or fails: with what it says.
pub fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| cannot(command, &error))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {}: {}", output.status, shown(command), errors.trim()));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{}: {error}", shown(command)))
}

/// Whether a program runs and succeeds. Nobody sees what it says.
pub fn works(command: &mut Command) -> bool {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// The folder that cargo builds into.
pub fn target_dir(workspace: &Path) -> PathBuf {
    workspace.join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// The toru of these sources, which cargo builds unless it is there. The kernel is inside it.
///
/// # Errors
/// When it does not build.
pub fn built_toru(workspace: &Path) -> Result<PathBuf, String> {
    run(cargo(workspace).args(["build", "--release", "--package", "toru"]))?;
    Ok(toru(workspace))
}

/// Where cargo builds toru.
pub fn toru(workspace: &Path) -> PathBuf {
    target_dir(workspace).join("release/toru")
}

/// For `map_err` when something about a file fails.
pub fn about(path: &Path) -> impl Fn(std::io::Error) -> String + '_ {
    move |error| format!("{}: {error}", path.display())
}

fn cannot(command: &Command, error: &std::io::Error) -> String {
    format!("cannot run {}: {error}", command.get_program().display())
}

fn shown(command: &Command) -> String {
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    let name = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    std::iter::once(name.to_string_lossy()).chain(arguments).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_fails_is_named_with_its_arguments_and_words() {
        let here = Path::new(".");
        let failing = || {
            let mut command = command(here, "/bin/sh");
            command.args(["-c", "echo no >&2; exit 3"]);
            command
        };
        assert_eq!(
            output(&mut failing()).unwrap_err(),
            "exit status: 3: sh -c echo no >&2; exit 3: no"
        );
        assert!(run(&mut failing()).unwrap_err().starts_with("exit status: 3: sh"));
        assert!(!works(&mut failing()));
        assert!(
            run(&mut command(here, "no-such-program")).unwrap_err().starts_with("cannot run no")
        );
    }

    #[test]
    fn a_toru_that_does_not_build_is_no_toru() {
        let empty = std::env::temp_dir().join(format!("xtask-command-{}", std::process::id()));
        std::fs::create_dir_all(&empty).unwrap();
        let built = built_toru(&empty);
        std::fs::remove_dir_all(&empty).unwrap();
        assert!(built.unwrap_err().ends_with("build --release --package toru"));
    }
}
