//! Tools that are written in Python or come as wheels: each in a venv of its own, made of pinned versions.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{about, command, run, works};

/// A venv, and the file that pins what is in it.
pub(crate) struct Venv {
    folder: PathBuf,
    pins: PathBuf,
}

impl Venv {
    pub(crate) fn new(folder: PathBuf, pins: PathBuf) -> Self {
        Self { folder, pins }
    }

    /// One for Python's own programs. If it is not of the pins, or of a Python that has gone, it is made anew.
    pub(crate) fn of_python(
        workspace: &Path,
        folder: PathBuf,
        pins: PathBuf,
    ) -> Result<Self, String> {
        let venv = Self::new(folder, pins);
        if !venv.is_ready(workspace, "python", &["-c", ""]) {
            venv.make(workspace)?;
            venv.install(workspace)?;
            venv.is_complete()?;
        }
        Ok(venv)
    }

    /// Its Python, which leaves no `__pycache__`.
    pub(crate) fn python(&self, workspace: &Path) -> Command {
        let mut python = command(workspace, self.program("python"));
        python.arg("-B");
        python
    }

    /// A program of the venv.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    /// Whether it has what is pinned, and `program` runs with these arguments.
    pub(crate) fn is_ready(&self, workspace: &Path, program: &str, arguments: &[&str]) -> bool {
        let installed = fs::read(self.folder.join("installed.txt"));
        let pinned = fs::read(&self.pins);
        let same =
            matches!((installed, pinned), (Ok(installed), Ok(pinned)) if installed == pinned);
        same && works(command(workspace, self.program(program)).args(arguments))
    }

    /// Makes it anew, with nothing in it.
    pub(crate) fn make(&self, workspace: &Path) -> Result<(), String> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder).map_err(about(&self.folder))?;
        }
        run(command(workspace, "python3").args(["-m", "venv"]).arg(&self.folder))
    }

    /// Installs what is pinned, from wheels alone.
    pub(crate) fn install(&self, workspace: &Path) -> Result<(), String> {
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
        let exactly = ["--only-binary", ":all:", "--require-hashes", "-r"];
        let mut python = command(workspace, self.program("python"));
        run(python.args(pip).args(exactly).arg(&self.pins))
    }

    /// Notes that it is complete.
    pub(crate) fn is_complete(&self) -> Result<(), String> {
        let note = self.folder.join("installed.txt");
        fs::copy(&self.pins, &note).map(drop).map_err(about(&note))
    }
}
