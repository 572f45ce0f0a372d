//! A sandbox on a free port, with a kernel of a few lines, over real sockets.

pub mod http;
pub mod octez;
pub mod schema;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use http::{Answer, call};
use layer1::address::Address;
use layer1::michelson::parse;
use mockup::genesis::{deposit_helper, fa_ticketer, fa2, xtz_ticketer};
use mockup::{ROLLUP, State, Ticket, Token, TokenFacts};
use node::{
    Chain, Layer1, NodeError, Options, Owed, Owing, Pages, Parts, Queue, SettlementParameters,
    listen, serve,
};
use num_bigint::BigUint;
use pvm::{Config, Durable, Pvm};
use serde_json::{Value, json};
use store::{Persistent, Store};

/// Sends each level's third message to the outbox, and keeps it at /last. Of one that begins with 0x01 and
/// 0x00, the tag is left out of what is sent: then it is a call of a contract.
const KERNEL: &str = r#"
    (module
        (import "smart_rollup_core" "read_input"
            (func $read (param i32 i32 i32) (result i32)))
        (import "smart_rollup_core" "write_output"
            (func $output (param i32 i32) (result i32)))
        (import "smart_rollup_core" "store_write"
            (func $write (param i32 i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "/state/last")
        (func (export "kernel_run") (local $size i32)
            (drop (call $read (i32.const 16) (i32.const 64) (i32.const 4096)))
            (drop (call $read (i32.const 16) (i32.const 64) (i32.const 4096)))
            (local.set $size (call $read (i32.const 16) (i32.const 64) (i32.const 4096)))
            (if (i32.and (i32.gt_s (local.get $size) (i32.const 2)) (i32.eq (i32.load16_u (i32.const 64)) (i32.const 1)))
                (then (drop (call $output (i32.const 65) (i32.sub (local.get $size) (i32.const 1)))))
                (else (drop (call $output (i32.const 64) (local.get $size)))))
            (drop (call $write (i32.const 0) (i32.const 11) (i32.const 0)
                (i32.const 64) (local.get $size)))))"#;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Who has tez and tokens.
pub const ALICE: &str = "tz1KqTpEZ7Yob7QbPE4Hy4Wo8fHG8LhKxZSx";
/// Mutez that she has.
pub const MUTEZ: u64 = 1_000_000;
/// Tokens that she has.
pub const TOKENS: u32 = 500;
/// The hashes of the ticketer of tez, the token, its ticketer and the helper, each 20 of the byte.
pub const XTZ_TICKETER: u8 = 0x11;
pub const TOKEN: u8 = 0x12;
pub const TOKEN_TICKETER: u8 = 0x13;
pub const HELPER: u8 = 0x14;

/// The address of a contract.
pub fn kt1(byte: u8) -> String {
    mockup::contract_address(&[byte; 20]).to_string()
}

/// A layer 1 with one user, and all that they need to deposit.
pub fn genesis() -> State {
    let mut state = State::new([0; 20], Some(parse(ROLLUP).unwrap()));
    let alice: Address = ALICE.parse().unwrap();
    state.set_account(alice, "alice", MUTEZ);
    let facts = TokenFacts { name: "Gold".to_owned(), symbol: "GLD".to_owned(), decimals: 2 };
    let token = Token::Fa2([TOKEN; 20], BigUint::ZERO);
    for (byte, contract) in [
        (XTZ_TICKETER, xtz_ticketer("XTZ ticketer")),
        (TOKEN_TICKETER, fa_ticketer("GLD ticketer", token, &facts)),
        (TOKEN, fa2("GLD", facts, &[alice], &TOKENS.into())),
        (HELPER, deposit_helper("helper")),
    ] {
        state.set_contract([byte; 20], contract.unwrap());
    }
    state
}

/// A sandbox that runs.
pub struct Sandbox {
    pub address: SocketAddr,
    pub file: PathBuf,
    /// What the rollup says that it owes: its kernel keeps no accounts.
    pub owed: Arc<Mutex<BTreeMap<Ticket, Owed>>>,
    /// What was told of levels.
    pub alarms: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What a test says that the rollup owes.
struct StatedOwing(Arc<Mutex<BTreeMap<Ticket, Owed>>>);

impl Owing for StatedOwing {
    fn look(&mut self, _: &Durable) -> Result<(), String> {
        Ok(())
    }

    fn owed(&self) -> BTreeMap<Ticket, Owed> {
        self.0.lock().unwrap().clone()
    }
}

/// Messages of layer 1 that are calls are understood, and so are those that begin with 0x01.
fn describe(message: &[u8]) -> Option<Value> {
    if message.first() == Some(&0) {
        return layer1::json::outbox_message(message);
    }
    (message.first() == Some(&1)).then(|| json!({"transactions": [], "kind": "untyped"}))
}

/// A file beside a rollup's.
fn beside(file: &Path, kind: &str) -> PathBuf {
    file.with_extension(kind)
}

fn config() -> Config {
    Config::on_chain([0; 20], 0)
}

impl Sandbox {
    /// A new one: commitments every 2 levels, cemented after 3.
    pub fn new() -> Self {
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let name = format!("node-test-{}-{number}", std::process::id());
        Self::at(std::env::temp_dir().join(name), Options { dev: true, ..Options::default() })
    }

    /// One in this file, which may be there.
    pub fn at(file: PathBuf, options: Options) -> Self {
        let listener = listen("127.0.0.1:0".parse().unwrap(), false).unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::clone(&options.stop);
        let (ready, is_ready) = channel();
        let path = file.clone();
        let (owed, alarms) = (Arc::default(), Arc::default());
        let told = Arc::clone(&owed);
        let alarmed: Arc<Mutex<Vec<String>>> = Arc::clone(&alarms);
        let thread = thread::spawn(move || {
            let rollup = if path.exists() {
                Persistent::resume_wasm(Store::open(&path).unwrap(), config()).unwrap()
            } else {
                let wasm = wat::parse_str(KERNEL).unwrap();
                let pvm = Pvm::originate_wasm(&wasm, config()).unwrap();
                Persistent::create(&path, pvm).unwrap()
            };
            let store = rollup.store();
            let record = beside(&path, "layer1");
            let layer1 = Layer1::open(&record, genesis(), store.last()).unwrap();
            let layer1 =
                layer1.unwrap_or_else(|| Layer1::create(Some(&record), genesis(), vec![]).unwrap());
            let queue = Queue::open(&beside(&path, "queue"), store).unwrap();
            let pages = Pages::default();
            let config = Config { preimages: Box::new(pages.clone()), ..config() };
            let simulator = Pvm::resume_wasm(&store.state(), config);
            let settlement = SettlementParameters::new(2, 3, 0).unwrap();
            let parts = Parts {
                rollup,
                simulator,
                pages,
                settlement,
                layer1,
                owing: Some(Box::new(StatedOwing(told))),
                queue,
                describe,
            };
            let mut chain = Chain::new(parts).unwrap();
            ready.send(()).unwrap();
            let tell = |error: &NodeError| match error {
                NodeError::Insolvent(words) => alarmed.lock().unwrap().push(words.clone()),
                other => panic!("{other}"),
            };
            serve(&mut chain, listener, &options, tell).unwrap();
        });
        is_ready.recv().unwrap();
        Self { address, file, owed, alarms, stop, thread: Some(thread) }
    }

    pub fn get(&self, path: &str) -> Answer {
        call(&self.address.to_string(), "GET", path, None).unwrap()
    }

    pub fn post(&self, path: &str, body: Value) -> Answer {
        call(&self.address.to_string(), "POST", path, Some(&body)).unwrap()
    }

    /// What is answered, which must be good.
    pub fn read(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.body
    }

    pub fn done(&self, path: &str, body: Value) -> Value {
        let answer = self.post(path, body);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.body
    }

    /// Injects a message and bakes the level with it.
    pub fn level_with(&self, message: &str) {
        self.done("/local/batcher/injection", json!([message]));
        self.done("/dev/mine", json!({"levels": 1}));
    }

    /// Sends bytes as they are; what comes back, until the end.
    pub fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // A server that has heard enough may close before all is sent.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8(answer).unwrap()
    }

    /// Ends it; the file stays.
    pub fn end(mut self) -> PathBuf {
        self.ended();
        std::mem::take(&mut self.file)
    }

    /// Ends it, and goes on with its file.
    pub fn again(self) -> Self {
        Self::at(self.end(), Options { dev: true, ..Options::default() })
    }

    fn ended(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.ended();
        if !self.file.as_os_str().is_empty() {
            let _ = std::fs::remove_file(&self.file);
            for kind in ["layer1", "queue"] {
                let _ = std::fs::remove_file(beside(&self.file, kind));
            }
        }
    }
}
