//! A server that answers what it was told to, and remembers what it was sent.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::collections::HashMap;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use super::request::Request;

/// Such a server; what it answers can be changed.
#[derive(Clone, Default)]
pub struct Canned {
    answers: Arc<Mutex<HashMap<String, (u16, Value)>>>,
    /// The bodies that were sent to it, in order.
    sent: Arc<Mutex<Vec<Value>>>,
}

impl Canned {
    /// Serves. Returns where.
    pub fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let server = self.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                server.answer(stream);
            }
        });
        endpoint
    }

    /// What it answers at a path from now on.
    pub fn answers(&self, path: &str, status: u16, body: Value) -> &Self {
        self.answers.lock().unwrap().insert(path.to_owned(), (status, body));
        self
    }

    /// What was sent to it.
    pub fn sent(&self) -> Vec<Value> {
        self.sent.lock().unwrap().clone()
    }

    fn answer(&self, mut stream: TcpStream) {
        let Some(Request { head, body }) = Request::read(&stream) else { return };
        let path = head.split(' ').nth(1).unwrap_or_default();
        let known = self.answers.lock().unwrap().get(path).cloned();
        let (status, answer) = known.unwrap_or((404, json!([])));
        if let Ok(body) = serde_json::from_slice(&body)
            && status == 200
        {
            self.sent.lock().unwrap().push(body);
        }
        let answer = answer.to_string();
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n",
            answer.len()
        );
        // Whoever has gone away does not want it.
        let _ = stream.write_all(format!("{head}{answer}").as_bytes());
    }
}
