//! Clients: each asks, waits for the answer, and asks again, over one connection.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Bytes: the stack of a client's thread.
const STACK_BYTES: usize = 128 << 10;
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a level is waited for that has the last messages.
const LAST_LEVEL: Duration = Duration::from_secs(30);
/// The status that says that too many messages wait.
const TOO_MUCH: u16 = 413;
/// How long a client waits then.
const PAUSE: Duration = Duration::from_millis(10);
/// Messages whose levels are asked for, at most.
const SAMPLE: usize = 1_000;

/// A client with a connection.
pub(super) struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    pub(super) fn connect(address: SocketAddr) -> Result<Self, String> {
        let stream = TcpStream::connect(address).map_err(|error| error.to_string())?;
        let set = stream.set_nodelay(true).and_then(|()| stream.set_read_timeout(Some(PATIENCE)));
        set.map_err(|error| error.to_string())?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Asks, and returns the status and what was answered.
    pub(super) fn ask(
        &mut self,
        method: &str,
        path: &str,
        body: &str,
    ) -> Result<(u16, Vec<u8>), String> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let failed = |error: std::io::Error| error.to_string();
        self.stream.get_mut().write_all(request.as_bytes()).map_err(failed)?;
        let status = self.line()?;
        let status = status.split(' ').nth(1).and_then(|text| text.parse().ok());
        let mut length = 0;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            if let Some(text) = line.strip_prefix("Content-Length: ") {
                length = text.parse().map_err(|_| format!("a length of {text}"))?;
            }
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer).map_err(failed)?;
        Ok((status.ok_or("no status")?, answer))
    }

    fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        self.stream.read_line(&mut line).map_err(|error| error.to_string())?;
        if line.is_empty() {
            return Err("the connection ended".to_owned());
        }
        Ok(line.trim_end().to_owned())
    }
}

/// What a load came to.
pub(super) struct Load {
    /// How long it was.
    pub(super) seconds: f64,
    /// How long each accepted message took to be, in ascending order.
    pub(super) answers: Vec<Duration>,
    /// How long some of them took to be in a level, in ascending order.
    pub(super) inclusions: Vec<Duration>,
    /// Requests that were refused, as too many messages waited.
    pub(super) refused: usize,
}

/// A message that was accepted.
struct Sent {
    at: Instant,
    took: Duration,
    id: String,
}

/// Has clients send messages for a time.
pub(super) fn load(
    address: SocketAddr,
    clients: usize,
    time: Duration,
    bytes: usize,
) -> Result<Load, String> {
    let ended = AtomicBool::new(false);
    let barrier = Barrier::new(clients + 1);
    let (seconds, sent, refused, levels) = thread::scope(|scope| {
        let watch = scope.spawn(|| watched(address, &ended));
        let client = || {
            let connected = Client::connect(address);
            barrier.wait();
            connected.and_then(|client| one(client, time, bytes))
        };
        let all: Result<Vec<_>, String> = (0..clients)
            .map(|_| {
                let builder = thread::Builder::new().stack_size(STACK_BYTES);
                builder.spawn_scoped(scope, client).map_err(|error| error.to_string())
            })
            .collect();
        let all = all?;
        barrier.wait();
        let begun = Instant::now();
        let (mut sent, mut refused) = (Vec::new(), 0);
        for one in all {
            let (accepted, others) = one.join().map_err(|_| "a client panicked")??;
            sent.extend(accepted);
            refused += others;
        }
        let seconds = begun.elapsed().as_secs_f64();
        let fates = fates(address, &sent);
        ended.store(true, Ordering::SeqCst);
        let levels = watch.join().map_err(|_| "the watcher panicked")??;
        let sampled: Vec<Duration> = fates?
            .into_iter()
            .filter_map(|(at, level)| Some(levels.get(&level)?.saturating_duration_since(at)))
            .collect();
        Ok::<_, String>((seconds, sent, refused, sampled))
    })?;
    let mut answers: Vec<Duration> = sent.iter().map(|one| one.took).collect();
    let mut inclusions = levels;
    answers.sort_unstable();
    inclusions.sort_unstable();
    if inclusions.is_empty() {
        return Err("no message was seen in a level".to_owned());
    }
    Ok(Load { seconds, answers, inclusions, refused })
}

/// One client, and how many of its requests were refused.
fn one(mut client: Client, time: Duration, bytes: usize) -> Result<(Vec<Sent>, usize), String> {
    let body = format!("[\"{}\"]", "78".repeat(bytes));
    let (mut sent, mut refused) = (Vec::new(), 0);
    let begun = Instant::now();
    while begun.elapsed() < time {
        let at = Instant::now();
        let (status, answer) = client.ask("POST", "/local/batcher/injection", &body)?;
        if status == TOO_MUCH {
            refused += 1;
            thread::sleep(PAUSE);
            continue;
        }
        if status != 200 {
            return Err(format!("{status} {}", String::from_utf8_lossy(&answer)));
        }
        let took = at.elapsed();
        let ids: Vec<String> = serde_json::from_slice(&answer).map_err(|e| e.to_string())?;
        sent.extend(ids.into_iter().map(|id| Sent { at, took, id }));
    }
    Ok((sent, refused))
}

/// When each level was told, by its number.
fn watched(address: SocketAddr, ended: &AtomicBool) -> Result<HashMap<i64, Instant>, String> {
    let mut client = Client::connect(address)?;
    let request = "GET /global/monitor_blocks HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let stream = client.stream.get_mut();
    stream.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
    let mut levels = HashMap::new();
    while !ended.load(Ordering::SeqCst) {
        let line = client.line()?;
        if let Ok(block) = serde_json::from_str::<Value>(&line)
            && let Some(level) = block["level"].as_i64()
        {
            levels.insert(level, Instant::now());
        }
    }
    Ok(levels)
}

/// For some of the messages: when it was sent, and the level it is in.
fn fates(address: SocketAddr, sent: &[Sent]) -> Result<Vec<(Instant, i64)>, String> {
    let mut client = Client::connect(address)?;
    let step = sent.len().div_ceil(SAMPLE).max(1);
    let begun = Instant::now();
    let mut fates = Vec::new();
    for one in sent.iter().step_by(step) {
        loop {
            let (_, answer) = client.ask("GET", &format!("/local/batcher/queue/{}", one.id), "")?;
            let status: Value = serde_json::from_slice(&answer).map_err(|e| e.to_string())?;
            if let Some(level) = status["layer1"]["level"].as_i64() {
                fates.push((one.at, level));
                break;
            }
            if status["status"] == "unknown" || begun.elapsed() > LAST_LEVEL {
                // Older than what is remembered.
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
    Ok(fates)
}
