//! A node of layer 1 that says what a test has it say, and remembers what it was asked.
#![allow(dead_code, reason = "toru's tests include this file, and use some of it")]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use ::layer1::hashes::BLOCK;
use serde_json::{Value, json};
use wallet::layer1::Layer1;
use wallet::rpc::Node;

/// Answers by what is asked below any block, with a view's name where there are several; or by a block's name and
/// that.
type Answers = Arc<Mutex<HashMap<String, (u16, String)>>>;

/// The node.
pub struct FakeLayer1 {
    pub layer1: Layer1,
    answers: Answers,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

/// The hash of its one block.
pub fn block_hash() -> String {
    BLOCK.text(&[7; 32])
}

impl FakeLayer1 {
    /// One that knows a block of this level, by any name.
    pub fn at(level: i32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = listener.local_addr().unwrap().to_string();
        let answers: Answers = Arc::default();
        let asked: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
        let (answers_by_path, remembered) = (answers.clone(), asked.clone());
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let (mut first, mut length) = (String::new(), 0);
                reader.read_line(&mut first).unwrap();
                loop {
                    let mut line = String::new();
                    if reader.read_line(&mut line).unwrap_or(0) <= 2 {
                        break;
                    }
                    if let Some((_, value)) = line.to_lowercase().split_once("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let body: Value = serde_json::from_slice(&body).unwrap_or_default();
                let path = first.split(' ').nth(1).unwrap();
                let rest = path.trim_start_matches("/chains/main/blocks/");
                let rest = rest.split_once('/').map_or(rest, |(_, rest)| rest);
                // A view is asked for by a body.
                let name = body["view"].as_str().or(body["entrypoint"].as_str());
                let key = name.map_or_else(|| rest.to_owned(), |name| format!("{rest} {name}"));
                remembered.lock().unwrap().push((key.clone(), body));
                let known = answers_by_path.lock().unwrap();
                let exact = known.get(path.trim_start_matches("/chains/main/blocks/"));
                let answer = exact.or(known.get(&key)).cloned();
                drop(known);
                let (status, body) = answer.unwrap_or((404, String::new()));
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
                     Connection: close\r\n\r\n{body}",
                    body.len()
                );
            }
        });
        let layer1 = Layer1::new(Node::new(&endpoint).unwrap());
        let node = FakeLayer1 { layer1, answers, asked };
        node.says(
            "header",
            json!({"level": level, "hash": block_hash(), "timestamp": "2026-11-29T00:00:00Z",
                   "chain_id": "NetXdQprcVkpaWU", "predecessor": block_hash()}),
        );
        node
    }

    /// What it says from now on to something.
    pub fn says(&self, what: &str, answer: Value) {
        self.refuses(what, 200, &answer.to_string());
    }

    /// The same with a status.
    pub fn refuses(&self, what: &str, status: u16, body: &str) {
        self.answers.lock().unwrap().insert(what.to_owned(), (status, body.to_owned()));
    }

    /// It knows nothing of that any more.
    pub fn forgets(&self, what: &str) {
        self.answers.lock().unwrap().remove(what);
    }

    /// The body of the last question of that kind.
    pub fn asked(&self, what: &str) -> Value {
        let asked = self.asked.lock().unwrap();
        let last = asked.iter().rev().find(|(key, _)| key == what);
        last.unwrap_or_else(|| panic!("{what} was not asked")).1.clone()
    }
}
