//! A folder of its own for each test, in which the binary is run.
#![allow(dead_code, reason = "each test binary uses some of it")]

pub mod batcher;
pub mod canned;
pub mod events;
pub mod gate;
#[path = "../../../sandbox/node/tests/common/http.rs"]
pub mod http;
pub mod keys;
pub mod liar;
pub mod operator;
pub mod payers;
pub mod payroll;
pub mod people;
pub mod ports;
pub mod raw;
pub mod real;
pub mod request;
pub mod sandbox;
#[path = "../../../sandbox/node/tests/common/schema.rs"]
pub mod schema;
pub mod signals;
pub mod user;
pub mod wait;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

/// A folder, removed at the end of its test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("toru-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        fs::write(self.0.join(name), content).unwrap();
        self
    }

    /// Runs the binary in this folder, so that paths in its output are short.
    pub fn toru(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_toru")).args(args).current_dir(&self.0).output().unwrap()
    }

    /// Expects a refusal as bad input; returns what is on stderr.
    pub fn refused(&self, args: &[&str]) -> String {
        self.refused_with(2, args)
    }

    /// Expects a refusal with this exit code; returns what is on stderr.
    pub fn refused_with(&self, code: i32, args: &[&str]) -> String {
        let output = self.toru(args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {output:?}");
        assert!(output.stdout.is_empty(), "{args:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Expects success; returns what is on stdout.
    pub fn played(&self, args: &[&str]) -> String {
        let output = self.toru(args);
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
