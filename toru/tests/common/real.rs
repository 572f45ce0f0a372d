//! What answers as a rollup node on a real layer 1 does, before a sandbox.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use super::http::call;
use super::request::Request;
use super::sandbox::Sandbox;

/// What a real node answers otherwise than the sandbox: it is none, and it lists what is to be executed.
#[derive(Clone, Default)]
pub struct Real {
    pending: Arc<Mutex<Option<Value>>>,
    /// Whether it lists what the sandbox does.
    lists_all: Arc<AtomicBool>,
    /// Whether it proves all messages.
    proves_all: Arc<AtomicBool>,
    /// The paths that were asked for.
    pub asked: Arc<Mutex<Vec<String>>>,
}

impl Real {
    /// Serves before the sandbox. Returns where.
    pub fn before(&self, sandbox: &Sandbox) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = listener.local_addr().unwrap().to_string();
        let (real, behind) = (self.clone(), sandbox.endpoint.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                real.answer(stream, &behind);
            }
        });
        endpoint
    }

    fn answer(&self, mut stream: TcpStream, behind: &str) {
        let Some(Request { head, body }) = Request::read(&stream) else { return };
        let mut words = head.split(' ');
        let (Some(method), Some(path)) = (words.next(), words.next()) else { return };
        self.asked.lock().unwrap().push(path.to_owned());
        let refusal =
            (404, json!([{"kind": "permanent", "id": "unknown", "msg": "no such thing"}]));
        let (status, answer) = match path {
            "/version" => (200, json!({"version": "25.0"})),
            path if path.contains("/helpers/proofs/") && self.proves_all.load(Ordering::SeqCst) => {
                // …/outbox/LEVEL/messages?index=INDEX
                let numbers = path.split(|c: char| !c.is_ascii_digit());
                let numbers: Vec<u32> = numbers.filter_map(|text| text.parse().ok()).collect();
                let proof = format!("{:08x}{:08x}", numbers[0], numbers[1]);
                (200, json!({"commitment": "src1commitment", "proof": proof}))
            }
            "/local/outbox/pending" if !self.lists_all.load(Ordering::SeqCst) => {
                let pending = self.pending.lock().unwrap().clone();
                pending.map_or(refusal, |pending| (200, pending))
            }
            path if path.starts_with("/dev/") => refusal,
            path if path.contains("/helpers/proofs/outbox/2/messages?index=0") => {
                (200, json!({"commitment": "src1commitment", "proof": "03ab"}))
            }
            path if path.starts_with("/local/outbox/pending/") || path.contains("/helpers/") => {
                refusal
            }
            _ => {
                let body = (!body.is_empty()).then(|| serde_json::from_slice(&body).unwrap());
                let answer = call(behind, method, path, body.as_ref()).unwrap();
                (answer.status, answer.body)
            }
        };
        let body = answer.to_string();
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n",
            body.len()
        );
        // Whoever has gone away does not want it.
        let _ = stream.write_all(format!("{head}{body}").as_bytes());
    }

    /// Lists what the sandbox does, and proves all of that: the proof is the level and the index, in eight
    /// digits each.
    pub fn lists_all(&self) {
        self.lists_all.store(true, Ordering::SeqCst);
        self.proves_all();
    }

    /// Proves all messages.
    pub fn proves_all(&self) {
        self.proves_all.store(true, Ordering::SeqCst);
    }

    /// What it lists as pending; nothing if it does not serve such a list.
    pub fn lists(&self, pending: Option<Value>) {
        *self.pending.lock().unwrap() = pending;
    }
}
