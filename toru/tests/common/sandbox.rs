//! A sandbox in a process of its own, and the wallet told to use it.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use super::Folder;

/// A sandbox that runs; killed at the end. Levels are baked on demand; commitments are made every two
/// levels, and cemented after three.
pub struct Sandbox {
    child: Child,
    pub endpoint: String,
}

impl Sandbox {
    pub fn start(folder: &Folder) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_toru"))
            .args(["dev", "--block-time", "0", "--rpc", "127.0.0.1:0"])
            .args(["--commitment-period", "2", "--challenge-window", "3"])
            .current_dir(&folder.0)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let served = |line: String| {
            let (_, rest) = line.split_once("http://")?;
            rest.split(' ').next().map(str::to_owned)
        };
        let endpoint = lines.map_while(Result::ok).find_map(served).unwrap();
        Self { child, endpoint }
    }

    /// Runs a command of the wallet in a folder, with the keys that are there.
    pub fn toru(&self, folder: &Folder, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_toru"))
            .args(args)
            .current_dir(&folder.0)
            .env("TORU_ENDPOINT", &self.endpoint)
            .env("TORU_KEYS", folder.0.join("keys"))
            .env("TORU_PASSWORD_FILE", folder.0.join("password"))
            .env("XDG_DATA_HOME", folder.0.join("data"))
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// Expects success; returns what is on stdout.
    pub fn done(&self, folder: &Folder, args: &[&str]) -> String {
        let output = self.toru(folder, args);
        assert!(output.status.success() && output.stderr.is_empty(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Expects success; returns the object on stdout.
    pub fn json(&self, folder: &Folder, args: &[&str]) -> Value {
        let text = self.done(folder, &[args, &["--json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{args:?}: {error}: {text}"))
    }

    /// Expects a refusal with that exit code; returns what is on stderr.
    pub fn refused(&self, folder: &Folder, code: i32, args: &[&str]) -> String {
        let output = self.toru(folder, args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    pub fn mine(&self, folder: &Folder, levels: u32) {
        let endpoint = format!("--endpoint={}", self.endpoint);
        self.done(folder, &["dev", "mine", &levels.to_string(), &endpoint]);
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
