//! An operator in a process of its own, and what stands for octez-client.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Folder;
use super::http::{Answer, call};
use super::user::User;
use super::wait::PATIENCE;

/// An operator that runs; killed at the end.
pub struct Operator {
    pub child: Child,
    events: Arc<Mutex<Vec<Value>>>,
}

impl Operator {
    /// Starts one.
    pub fn start(user: &User<'_>, options: &[&str]) -> Self {
        let begin = ["operator", "--withdrawals", "--listen", "127.0.0.1:0", "--json"];
        let mut command = user.command(&[&begin[..], options].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let events = Arc::new(Mutex::new(Vec::new()));
        let (lines, told) = (BufReader::new(child.stdout.take().unwrap()), Arc::clone(&events));
        thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                told.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Self { child, events }
    }

    /// What it has told.
    pub fn events(&self) -> Vec<Value> {
        self.events.lock().unwrap().clone()
    }

    /// How often it has told something of this name.
    pub fn count(&self, name: &str) -> usize {
        self.events().iter().filter(|event| event["event"] == name).count()
    }

    /// Waits until it has told so much of this name. Returns the last.
    pub fn wait(&self, name: &str, count: usize) -> Value {
        self.wait_for(name, count, || {})
    }

    /// The same while something is done again and again.
    pub fn wait_for(&self, name: &str, count: usize, mut meanwhile: impl FnMut()) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let events = self.events();
            let mut found = events.iter().filter(|event| event["event"] == name);
            if let Some(event) = found.nth(count.saturating_sub(1)) {
                return event.clone();
            }
            assert!(Instant::now() < until, "no {count} {name}: {events:#?}");
            meanwhile();
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Asks it over HTTP.
    pub fn get(&self, path: &str) -> Answer {
        let address = self.wait("serving", 1)["address"].as_str().unwrap().to_owned();
        call(&address, "GET", path, None).unwrap()
    }

    /// Kills it: nothing can be put in order before.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Ends it with Ctrl-C. Returns its exit code.
    pub fn interrupt(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A script in place of octez-client: it writes down each call, and does with it what the file `mode` says. A
/// proof is the level and the index of a message. What it executes, a sandbox does.
pub fn fake_client(folder: &Folder, sandbox: &str) -> String {
    let path = folder.0.join("client");
    let script = format!(
        r#"#!/bin/sh
cd '{folder}' || exit 9
echo "$@" >> calls.all
while [ $# -gt 0 ]; do [ "$1" = proof ] && proof=$2; shift; done
level=$(printf %d "0x$(echo "$proof" | cut -c3-10)")
index=$(printf %d "0x$(echo "$proof" | cut -c11-18)")
echo "$level $index" >> calls
execute() {{ '{toru}' dev execute "$level" "$index" --endpoint '{sandbox}' > last 2>&1; }}
case $(cat "mode.$level.$index" 2>/dev/null || cat mode) in
  ok) execute && echo "Operation hash is 'ooJHHMPnLFf6HyTFMGdLcVVJ2hgpk3Df9kTWAoqHAqdPmiJMJbF'" ;;
  slow) sleep 0.4; execute; sleep 0.4 ;;
  refuse) echo 'Error: the contract says no' >&2; exit 1 ;;
  hang) sleep 600 ;;
  lie) execute; echo 'Error: it came to nothing' >&2; exit 1 ;;
  nothing) exit 0 ;;
esac
"#,
        folder = folder.0.display(),
        toru = env!("CARGO_BIN_EXE_toru"),
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

/// The calls so far: level and index of each.
pub fn calls(folder: &Folder) -> Vec<String> {
    let text = fs::read_to_string(folder.0.join("calls")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}
