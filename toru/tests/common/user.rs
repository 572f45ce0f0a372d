//! Somebody who uses the wallet, with keys, a password and a record of withdrawals of their own.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::Folder;

/// A user of one endpoint, whose things are in a folder: keys in `keys`, their password in `password`,
/// withdrawals in `w`.
pub struct User<'f> {
    pub folder: &'f Folder,
    pub endpoint: String,
}

impl User<'_> {
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// What runs a command of this user.
    pub fn command(&self, args: &[&str]) -> Command {
        let path = |name: &str| self.folder.0.join(name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_toru"));
        command
            .args(args)
            .current_dir(&self.folder.0)
            .env("TORU_ENDPOINT", &self.endpoint)
            .env("TORU_KEYS", path("keys"))
            .env("TORU_PASSWORD_FILE", path("password"))
            .env("TORU_WITHDRAWALS", "w")
            .env("XDG_DATA_HOME", path("data"))
            .stdin(Stdio::null());
        command
    }

    /// Expects success; returns what is on stdout.
    pub fn done(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success() && output.stderr.is_empty(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Expects success; returns the object on stdout.
    pub fn json(&self, args: &[&str]) -> Value {
        let text = self.done(&[args, &["--json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{args:?}: {error}: {text}"))
    }

    /// Expects a refusal with this exit code; returns what is on stderr.
    pub fn refused(&self, code: i32, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {output:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.starts_with("error: ") && text.lines().count() <= 2, "{args:?}: {text}");
        text
    }
}
