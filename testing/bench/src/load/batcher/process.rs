//! A batcher in a process of its own, so that what it uses can be told from what its clients and its node use.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use batcher_api::BatchAnswer;

use crate::load::clients::Client;

/// How long a batcher takes to be ready, at most.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);
/// Clock ticks in a second, as Linux counts the time of processes.
const TICKS: f64 = 100.0;

/// This program, if it is `toru`.
pub(super) fn this_program() -> Result<Option<PathBuf>, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    Ok((program.file_stem().is_some_and(|name| name == "toru")).then_some(program))
}

/// A batcher that runs; killed at the end.
pub(super) struct Batcher {
    pub address: SocketAddr,
    child: Child,
}

/// What a batcher has used, if the system tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Used {
    pub cpu: Duration,
    /// Bytes: the most memory that it had.
    pub memory: u64,
}

impl Used {
    /// What was used since then.
    pub(super) fn since(self, before: Self) -> Self {
        Self { cpu: self.cpu.saturating_sub(before.cpu), memory: self.memory }
    }
}

impl Batcher {
    /// Starts one over a node.
    pub(super) fn start(
        toru: &Path,
        node: SocketAddr,
        data: &Path,
        round_ms: u64,
    ) -> Result<Self, String> {
        let failed = |error: std::io::Error| error.to_string();
        let mut child = Command::new(toru)
            .args(["batcher", "--endpoint", &format!("http://{node}")])
            .args(["--listen", "127.0.0.1:0", "--deadline-ms", &round_ms.to_string(), "--data"])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let lines = child.stdout.take().map(|stdout| BufReader::new(stdout).lines());
        let told = |line: String| {
            let (_, rest) = line.split_once("http://")?;
            rest.split([' ', '/']).next()?.parse().ok()
        };
        let address = lines.and_then(|lines| lines.map_while(Result::ok).find_map(told));
        let Some(address) = address else {
            let _ = child.kill();
            return Err("the batcher does not say where it listens".to_owned());
        };
        let batcher = Self { address, child };
        let begun = Instant::now();
        while !batcher.is_ready() {
            if begun.elapsed() > PATIENCE {
                return Err("the batcher is not ready".to_owned());
            }
            thread::sleep(PAUSE);
        }
        Ok(batcher)
    }

    fn is_ready(&self) -> bool {
        let asked =
            Client::connect(self.address).and_then(|mut client| client.ask("GET", "/v1/quote", ""));
        asked.is_ok_and(|(status, _)| status == 200)
    }

    /// What it knows of batches.
    pub(super) fn batches(&self, ids: &BTreeSet<String>) -> Result<Vec<BatchAnswer>, String> {
        let mut client = Client::connect(self.address)?;
        let mut batch = |id: &String| {
            let (status, answer) = client.ask("GET", &format!("/v1/batches/{id}"), "")?;
            if status != 200 {
                return Err(format!("{status} {}", String::from_utf8_lossy(&answer)));
            }
            serde_json::from_slice(&answer).map_err(|error| error.to_string())
        };
        ids.iter().map(&mut batch).collect()
    }

    /// What it has used so far.
    pub(super) fn used(&self) -> Option<Used> {
        let folder = PathBuf::from(format!("/proc/{}", self.child.id()));
        let stat = fs::read_to_string(folder.join("stat")).ok()?;
        // The name, in brackets, may have spaces.
        let (_, rest) = stat.rsplit_once(')')?;
        let field = |number: usize| rest.split_whitespace().nth(number)?.parse::<f64>().ok();
        let cpu = Duration::from_secs_f64((field(11)? + field(12)?) / TICKS);
        let status = fs::read_to_string(folder.join("status")).ok()?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let memory = peak.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1_024)?;
        Some(Used { cpu, memory })
    }
}

impl Drop for Batcher {
    fn drop(&mut self) {
        // One that has ended is not there to be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
