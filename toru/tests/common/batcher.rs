//! A batcher in a process of its own, what it is given, and its event streams.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use batcher_api::batch_of_content;
use bls::Suite;
use encoding::{Hash32, RollupAddress};
use keys::{Secret, read_secret};
use layer1::address::{Address, Role};
use serde_json::{Value, json};
use toru::dev::Account;

use super::Folder;
use super::http::{Answer, call};
use super::user::User;

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A batcher that runs; killed at the end.
pub struct Batcher {
    pub child: Child,
    pub endpoint: String,
}

impl Batcher {
    /// Starts one over a node, whose journal is in the folder `batcher`.
    pub fn start(folder: &Folder, node: &str, options: &[&str]) -> Self {
        let mut child = Self::command(folder, node, options).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let served = |line: String| {
            let (_, rest) = line.split_once("http://")?;
            rest.split('/').next().map(str::to_owned)
        };
        let endpoint = lines.map_while(Result::ok).find_map(served).unwrap();
        let batcher = Self { child, endpoint };
        until("the batcher is well", || batcher.get("/health").status == 200);
        batcher
    }

    pub fn command(folder: &Folder, node: &str, options: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_toru"));
        command
            .args(["batcher", "--data", "batcher", "--listen", "127.0.0.1:0", "--endpoint", node])
            .args(options)
            .current_dir(&folder.0)
            .env("XDG_DATA_HOME", folder.0.join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }

    pub fn get(&self, path: &str) -> Answer {
        call(&self.endpoint, "GET", path, None).unwrap()
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        call(&self.endpoint, "POST", path, Some(body)).unwrap()
    }

    /// Kills it: nothing can be put in order before.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Batcher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something holds.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// A payment of the demo ticket that its payer has signed, as it is submitted.
pub fn payment(user: &User<'_>, from: &str, to: &str, counter: u64) -> Value {
    let file = format!("{from}-{to}-{counter}.json");
    let _ = std::fs::remove_file(user.folder.0.join(&file));
    let counter = counter.to_string();
    let craft = ["tx", "craft", "1", "demo", from, to, "--out", &file, "--counter", &counter];
    user.done(&[&craft[..], &["--valid-for", "240"]].concat());
    user.done(&["tx", "sign", &file, "--key", from, "--yes"]);
    let text = std::fs::read_to_string(user.folder.0.join(&file)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Submits some of them: what became of each.
pub fn submit(endpoint: &str, transactions: &[Value]) -> Vec<Value> {
    let body = json!({"transactions": transactions});
    let answer = call(endpoint, "POST", "/v1/transactions", Some(&body)).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["results"].as_array().unwrap().clone()
}

/// The account of the sandbox of that number, with its key.
pub fn dev(number: u32) -> (String, Secret) {
    let account = Account::new(number).unwrap();
    (account.address.to_string(), read_secret(&account.text).unwrap())
}

/// What an account signs of an offer, as it is posted.
pub fn co_signature(offer: &Value, rollup: &str, number: u32) -> Value {
    let rollup = RollupAddress(Address::parse_as(Role::Rollup, rollup).unwrap().hash);
    let id: [u8; 32] = hex::decode(offer["batch"].as_str().unwrap()).unwrap().try_into().unwrap();
    let content = hex::decode(offer["content"].as_str().unwrap()).unwrap();
    let batch = batch_of_content(&content, &Hash32(id), &rollup).unwrap();
    let (account, secret) = dev(number);
    let signature = secret.key().sign(Suite::Pop, &batch.signing_payload(&rollup).to_sign());
    json!({"account": account, "signature": hex::encode(signature.to_compressed())})
}

/// An event of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: u64,
    pub name: String,
    pub data: Value,
}

/// What comes in a stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    Event(Event),
    Comment,
}

/// An event stream that is open; closed at the end.
pub struct Events {
    stream: TcpStream,
    pub head: String,
    lines: Receiver<Line>,
}

impl Events {
    /// Opens one, once its head is there.
    pub fn open(endpoint: &str, path: &str, headers: &str) -> Self {
        let mut stream = TcpStream::connect(endpoint).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
            head.push(byte[0]);
        }
        stream.set_read_timeout(None).unwrap();
        let (told, lines) = channel();
        let reader = BufReader::new(Unchunked::new(stream.try_clone().unwrap()));
        thread::spawn(move || {
            let (mut id, mut name) = (0, String::new());
            for line in reader.lines().map_while(Result::ok) {
                let line = match line.split_once(": ").unwrap_or((line.as_str(), "")) {
                    ("id", text) => {
                        id = text.parse().unwrap();
                        continue;
                    }
                    ("event", text) => {
                        name = text.to_owned();
                        continue;
                    }
                    ("data", text) => Line::Event(Event {
                        id,
                        name: name.clone(),
                        data: serde_json::from_str(text).unwrap(),
                    }),
                    (":", _) => Line::Comment,
                    _ => continue,
                };
                if told.send(line).is_err() {
                    return;
                }
            }
        });
        Self { stream, head: String::from_utf8(head).unwrap(), lines }
    }

    /// Its status.
    pub fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// What comes next.
    pub fn next(&self) -> Line {
        self.lines.recv_timeout(PATIENCE).unwrap()
    }

    /// Whether it has ended by then.
    pub fn ends_within(&self, time: Duration) -> bool {
        let end = Instant::now() + time;
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(_) => {}
                Err(error) => return error == RecvTimeoutError::Disconnected,
            }
        }
    }

    /// The next event of a name that fits.
    pub fn find(&self, name: &str, fits: impl Fn(&Value) -> bool) -> Event {
        let end = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        while Instant::now() < end {
            match self.lines.recv_timeout(Duration::from_secs(1)) {
                Ok(Line::Event(event)) if event.name == name && fits(&event.data) => return event,
                Ok(line) => seen.push(line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        panic!("no {name}: {seen:#?}")
    }

    /// The next event that says that a transaction has reached a stage.
    pub fn stage(&self, hash: &str, stage: &str) -> Event {
        self.find("transaction", |data| data["hash"] == hash && data["stage"] == stage)
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }
}

/// A body in chunks, without what is around them.
struct Unchunked {
    reader: BufReader<TcpStream>,
    left: usize,
}

impl Unchunked {
    fn new(stream: TcpStream) -> Self {
        Self { reader: BufReader::new(stream), left: 0 }
    }
}

impl Read for Unchunked {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.left == 0 {
            let mut line = String::new();
            if self.reader.read_line(&mut line)? == 0 {
                return Ok(0);
            }
            // A line is empty after each chunk.
            match usize::from_str_radix(line.trim(), 16) {
                Ok(0) => return Ok(0),
                Ok(length) => self.left = length,
                Err(_) => {}
            }
        }
        let most = buffer.len().min(self.left);
        let count = self.reader.read(&mut buffer[..most])?;
        self.left -= count;
        Ok(count)
    }
}
