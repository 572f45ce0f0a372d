//! A batcher that says what a test has it say: it keeps what it is given, offers what it is told to, and lies.
#![allow(dead_code, reason = "toru's tests include this file, and use some of it")]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use batcher_api::{Acceptance, AccountCounter, Receipt, Record, SignedTransaction, Stage};
use ed25519_dalek::SigningKey;
use encoding::{Hash32, Level, RollupAddress};
use inbox::v2::Batch;
use serde_json::{Value, json};

/// How it receives what it is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    #[default]
    Honest,
    /// With receipts that another key has signed, and that say so.
    OtherKey,
    /// With receipts that another key has signed, and that say that it is the right one.
    Forged,
    /// With receipts for another transaction.
    OtherHash,
    /// With records of another transaction.
    OtherRecord,
    /// With fewer results than there are items.
    Fewer,
    /// With a page for people.
    Html,
    /// With half an answer.
    Half,
    /// With a refusal of each item.
    Refuses,
    /// As it should, after being too busy so often.
    Busy(u32),
}

/// What it has.
pub struct State {
    pub manner: Manner,
    /// Its quote, with what tests change in it.
    pub quote: Value,
    /// How long it thinks before each answer.
    pub thinks: Duration,
    pub records: HashMap<String, Record>,
    /// What was posted: as it was, in order.
    pub posted: Vec<Value>,
    /// Why it would refuse what is simulated: an error, or null.
    pub simulation: Value,
    /// Signatures of batches: the batch, and the body.
    pub signatures: Vec<(String, Value)>,
    /// What was asked: method and path, with the header that says after which event.
    pub asked: Vec<String>,
    streams: Vec<TcpStream>,
    next_event: u64,
    key: SigningKey,
    rollup: RollupAddress,
    listening: bool,
}

/// The batcher.
pub struct FakeBatcher {
    pub endpoint: String,
    state: Arc<Mutex<State>>,
}

impl FakeBatcher {
    pub fn start(rollup: RollupAddress) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let key = SigningKey::from_bytes(&[7; 32]);
        let state = State {
            manner: Manner::default(),
            quote: quote(&rollup, &key),
            thinks: Duration::ZERO,
            records: HashMap::new(),
            posted: Vec::new(),
            simulation: Value::Null,
            signatures: Vec::new(),
            asked: Vec::new(),
            streams: Vec::new(),
            next_event: 1,
            key,
            rollup,
            listening: true,
        };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if !shared.lock().unwrap().listening {
                    return;
                }
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &shared));
            }
        });
        FakeBatcher { endpoint, state }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// It is gone, with all its connections.
    pub fn vanish(&self) {
        let mut state = self.state();
        state.listening = false;
        for stream in state.streams.drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
        drop(state);
        // It accepts one more, and then no more.
        let _ = TcpStream::connect(self.endpoint.trim_start_matches("http://"));
    }

    /// Ends the streams that are open.
    pub fn drop_streams(&self) {
        for stream in self.state().streams.drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }

    /// Waits until so many streams are open.
    pub fn wait_streams(&self, count: usize) {
        wait(|| self.state().streams.len() >= count);
    }

    /// An event, with a number of its own or the next one.
    pub fn event(&self, id: Option<u64>, kind: &str, data: &str) {
        let mut state = self.state();
        let id = id.unwrap_or(state.next_event);
        state.next_event = state.next_event.max(id + 1);
        let text = format!("id: {id}\nevent: {kind}\ndata: {data}\n\n");
        state.streams.retain_mut(|stream| stream.write_all(text.as_bytes()).is_ok());
    }

    /// Offers a batch to accounts.
    pub fn offer(&self, batch: &Batch, accounts: &[encoding::Tz4Address]) -> Hash32 {
        let rollup = self.state().rollup;
        let (id, content) = content(batch, &rollup);
        self.event(None, "offer", &offer(&id, &content, accounts).to_string());
        id
    }

    /// A transaction comes to a stage, and everybody is told.
    pub fn stage(&self, hash: &str, stage: Stage) {
        let record = {
            let mut state = self.state();
            let record = state.records.get_mut(hash).unwrap();
            record.stage = stage;
            serde_json::to_string(record).unwrap()
        };
        self.event(None, "transaction", &record);
    }

    /// The hashes of what it has.
    pub fn hashes(&self) -> Vec<String> {
        self.state().records.keys().cloned().collect()
    }
}

/// How long something is waited for. It ends a test that hangs; on a slow machine, all that works is done by then.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// Waits for something.
pub fn wait(what: impl Fn() -> bool) {
    let begin = Instant::now();
    while !what() {
        assert!(begin.elapsed() < PATIENCE, "it has not come");
        thread::sleep(Duration::from_millis(20));
    }
}

/// An offer's digest, and its content.
pub fn content(batch: &Batch, rollup: &RollupAddress) -> (Hash32, Vec<u8>) {
    let batch = Batch { signature: Some([0; 96]), ..batch.clone() };
    let body = batch.encode();
    let content = body[..body.len() - 96].to_vec();
    (batch.signing_payload(rollup).digest, content)
}

/// An offer as it is sent.
pub fn offer(id: &Hash32, content: &[u8], accounts: &[encoding::Tz4Address]) -> Value {
    json!({
        "batch": id.to_string(), "content": hex::encode(content), "deadline_ms": 0, "closes_in_ms": 800,
        "accounts": accounts.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn quote(rollup: &RollupAddress, key: &SigningKey) -> Value {
    json!({
        "rollup": rollup.to_string(), "level": 1, "account": null, "fees": [], "expires": 180,
        "round_ms": 100, "window_ms": 50, "max_wait_ms": 100, "promised_levels": 10,
        "acceptance_key": batcher_api::AcceptanceKey::of(key).to_text(),
        "limits": {"transactions_per_request": 1000, "pending_per_account": 100, "gap": 10, "gap_ms": 1000,
            "pending": 1000, "max_valid_levels": 14400, "transactions_per_second": 1000, "streams_per_address": 10},
    })
}

fn serve(mut stream: TcpStream, shared: &Arc<Mutex<State>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let (mut first, mut length, mut after) = (String::new(), 0, String::new());
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) <= 2 {
                break;
            }
            let line = line.to_lowercase();
            if let Some((_, value)) = line.split_once("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if let Some((_, value)) = line.split_once("last-event-id:") {
                after = format!(" after {}", value.trim());
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let words: Vec<&str> = first.split(' ').collect();
        let (method, path) = (words[0], words[1]);
        let mut state = shared.lock().unwrap();
        if !state.listening {
            return;
        }
        state.asked.push(format!("{method} {path}{after}"));
        if path.starts_with("/v1/events") {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n";
            if stream.write_all(head.as_bytes()).is_ok() {
                state.streams.push(stream.try_clone().unwrap());
            }
            // Whoever reads it reads until it is shut.
            return;
        }
        let thinks = state.thinks;
        drop(state);
        thread::sleep(thinks);
        let (status, answer) = shared.lock().unwrap().answer(method, path, &body);
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            answer.len()
        );
        if stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(answer.as_bytes()))
            .is_err()
        {
            return;
        }
    }
}

fn error(code: &str, message: &str) -> Value {
    json!({"code": code, "message": message, "values": {}})
}

impl State {
    fn answer(&mut self, method: &str, path: &str, body: &[u8]) -> (u16, String) {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        match (method, path) {
            ("GET", "/v1/quote") => (200, self.quote.to_string()),
            ("POST", "/v1/transactions") => self.take(&body),
            ("POST", "/v1/simulate") => {
                let all = body["transactions"].as_array().unwrap().iter();
                let error = &self.simulation;
                let results = all.map(|_| json!({"hash": null, "outcomes": [], "error": error}));
                (200, json!({"results": results.collect::<Value>()}).to_string())
            }
            ("POST", path) => {
                let batch = path.split('/').nth(3).unwrap().to_owned();
                let all = body["signatures"].as_array().unwrap().clone();
                self.signatures.push((batch, body));
                let results =
                    all.iter().map(|one| json!({"account": one["account"], "error": null}));
                (200, json!({"results": results.collect::<Value>()}).to_string())
            }
            (_, path) if path.starts_with("/v1/accounts/") => {
                let view = json!({"level": 1, "counter": "0", "balances": []});
                let account = path.trim_start_matches("/v1/accounts/");
                let answer = json!({
                    "account": account, "index": null, "final": view, "head": view, "pending": view,
                    "transactions": [],
                });
                (200, answer.to_string())
            }
            (_, path) => match path.strip_prefix("/v1/transactions/") {
                Some(hash) => match self.records.get(hash) {
                    Some(record) => (200, serde_json::to_string(record).unwrap()),
                    None => (
                        404,
                        json!({"error": error("UNKNOWN_TRANSACTION", "no such transaction")})
                            .to_string(),
                    ),
                },
                None => (404, "Not found".to_owned()),
            },
        }
    }

    fn take(&mut self, body: &Value) -> (u16, String) {
        if let Manner::Busy(left) = self.manner
            && left > 0
        {
            self.manner = Manner::Busy(left - 1);
            return (503, json!({"error": error("BUSY", "the queue is full")}).to_string());
        }
        match self.manner {
            Manner::Html => return (502, "<html>Bad gateway".to_owned()),
            Manner::Half => return (200, "{\"results\": [".to_owned()),
            Manner::Fewer => return (200, "{\"results\": []}".to_owned()),
            _ => {}
        }
        let mut results = Vec::new();
        for one in body["transactions"].as_array().unwrap() {
            self.posted.push(one.clone());
            let submitted = serde_json::from_value(one.clone()).unwrap();
            let signed = SignedTransaction::read(&submitted, &self.rollup).unwrap();
            assert!(signed.is_signed(), "{one}");
            let hash = signed.hash();
            if self.manner == Manner::Refuses {
                let error = error("BALANCE_TOO_LOW", "the balance is too low");
                results.push(json!({"hash": hash.to_string(), "error": error}));
                continue;
            }
            let new = self.record(&signed);
            let mut record = self.records.entry(hash.to_string()).or_insert(new).clone();
            if self.manner == Manner::OtherRecord {
                record.hash = Hash32([1; 32]).to_string();
            }
            results.push(json!({"hash": hash.to_string(), "record": record}));
        }
        (200, json!({"results": results}).to_string())
    }

    fn record(&self, signed: &SignedTransaction) -> Record {
        let (hash, received, promised) = (signed.hash(), Level(1), Level(11));
        let acceptance = Acceptance {
            rollup: self.rollup,
            hash: if self.manner == Manner::OtherHash { Hash32([1; 32]) } else { hash },
            received,
            promised,
        };
        let other = SigningKey::from_bytes(&[8; 32]);
        let receipt = match self.manner {
            Manner::OtherKey => acceptance.sign(&other),
            Manner::Forged => {
                Receipt { key: acceptance.sign(&self.key).key, ..acceptance.sign(&other) }
            }
            _ => acceptance.sign(&self.key),
        };
        let account = |one: &batcher_api::OperationSigner| AccountCounter {
            account: one.account.to_string(),
            counter: one.counter.to_string(),
        };
        let accounts = signed.signers.iter().map(account).collect();
        let expires = signed.transaction.expires.unwrap_or(Level(0));
        Record::queued(&hash, accounts, expires, received, promised, receipt)
    }
}
