//! A command of ours in a process of its own, while something else goes on. What it prints is printed at its end.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::command::{about, target_dir};

/// A command that runs. It ends with this.
pub struct Beside {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Beside {
    /// Starts `cargo xtask NAME`, as this process was started.
    ///
    /// # Errors
    /// When it cannot be run, or there is no place for what it prints.
    pub fn start(workspace: &Path, name: &str) -> Result<Self, String> {
        let own = std::env::current_exe().map_err(|error| format!("{name}: {error}"))?;
        let mut command = Command::new(own);
        command.current_dir(workspace).arg(name);
        Self::spawn(&mut command, name, target_dir(workspace).join(format!("{name}.log")))
    }

    fn spawn(command: &mut Command, name: &str, log: PathBuf) -> Result<Self, String> {
        let out = File::create(&log).map_err(about(&log))?;
        let errors = out.try_clone().map_err(about(&log))?;
        let command = command.stdin(Stdio::null()).stdout(out).stderr(errors);
        let child = command.spawn().map_err(|error| format!("{name}: {error}"))?;
        Ok(Beside { name: name.to_owned(), child, log })
    }

    /// Waits for its end, and prints what it has printed.
    ///
    /// # Errors
    /// When it has failed.
    pub fn join(mut self) -> Result<(), String> {
        let status = self.child.wait().map_err(|error| format!("{}: {error}", self.name))?;
        let printed = fs::read(&self.log).map_err(about(&self.log))?;
        print!("{}", String::from_utf8_lossy(&printed));
        if status.success() { Ok(()) } else { Err(format!("{status}: {}", self.name)) }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // It fails if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_end_is_told() {
        let log = std::env::temp_dir().join(format!("xtask-beside-{}", std::process::id()));
        let run = |script: &str| {
            let mut command = Command::new("/bin/sh");
            Beside::spawn(command.args(["-c", script]), "it", log.clone()).unwrap().join()
        };
        let (good, bad) = (run("echo fine"), run("echo no >&2; exit 3"));
        let printed = fs::read_to_string(&log).unwrap();
        fs::remove_file(&log).unwrap();
        assert_eq!((good, bad), (Ok(()), Err("exit status: 3: it".to_owned())));
        assert_eq!(printed, "no\n");
    }
}
