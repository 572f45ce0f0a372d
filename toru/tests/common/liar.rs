//! A rollup node that can be told to stall, to fail and to lie: it stands before a sandbox and hands on what it is
//! asked, unless it was told otherwise.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::collections::HashMap;
use std::io::{Write, copy};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use encoding::blake2b_256;
use serde_json::{Value, json};

use super::request::Request;

/// How it treats what it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It hands everything on.
    Honest,
    /// It takes requests and says nothing, as long as it is in this mood.
    Stalling,
    /// It answers 500 to everything.
    Failing,
    /// It says that it has taken messages, and drops them.
    Dropping,
    /// It takes messages, and says that it has not.
    Denying,
    /// It says that the rollup's state is empty.
    Forgetting,
    /// It serves what Octez's node does, and no history.
    Octez,
    /// It says that the rollup's state has no results any more.
    Forgetful,
    /// Both.
    ForgetfulOctez,
    /// The same as forgetful, more than a generation of levels later.
    Aged,
}

/// Such a node.
#[derive(Clone)]
pub struct Liar {
    sandbox: String,
    mood: Arc<Mutex<Mood>>,
    /// Messages that were dropped, or taken and denied, and values that were.
    lied_about: Arc<Mutex<usize>>,
    /// How often each request was made, by its first line.
    asked: Arc<Mutex<HashMap<String, usize>>>,
}

impl Liar {
    /// Serves before a sandbox. Returns where, too.
    pub fn before(sandbox: &str) -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = listener.local_addr().unwrap().to_string();
        let sandbox = sandbox.to_owned();
        let liar = Self {
            sandbox,
            mood: Arc::new(Mutex::new(Mood::Honest)),
            lied_about: Arc::default(),
            asked: Arc::default(),
        };
        let server = liar.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                // Whoever hangs up has had enough.
                thread::spawn(move || server.answer(&stream).ok());
            }
        });
        (liar, endpoint)
    }

    pub fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub fn lied_about(&self) -> usize {
        *self.lied_about.lock().unwrap()
    }

    /// How often the request was made that was made most often.
    pub fn most_asked(&self) -> usize {
        self.asked.lock().unwrap().values().copied().max().unwrap_or(0)
    }

    /// Counts requests anew.
    pub fn forget_asked(&self) {
        self.asked.lock().unwrap().clear();
    }

    fn mood(&self) -> Mood {
        *self.mood.lock().unwrap()
    }

    fn answer(&self, mut client: &TcpStream) -> std::io::Result<()> {
        let Some(Request { head, body }) = Request::read(client) else { return Ok(()) };
        let line = head.lines().next().unwrap_or_default().to_owned();
        *self.asked.lock().unwrap().entry(line).or_default() += 1;
        while self.mood() == Mood::Stalling {
            thread::sleep(Duration::from_millis(20));
        }
        let injects = head.starts_with("POST /local/batcher/injection");
        match self.mood() {
            Mood::Failing => return refuse(client),
            Mood::Dropping if injects => {
                let messages: Vec<Value> = serde_json::from_slice(&body).unwrap();
                *self.lied_about.lock().unwrap() += messages.len();
                let id =
                    |one: &Value| json!(blake2b_256(&[one.to_string().as_bytes()]).to_string());
                let ids = messages.iter().map(id).collect::<Vec<_>>();
                return say(client, "200 OK", &json!(ids).to_string());
            }
            Mood::Forgetting if head.contains("/durable/") => {
                let nothing = if head.contains("/subkeys?") { "[]" } else { "null" };
                *self.lied_about.lock().unwrap() += 1;
                return say(client, "200 OK", nothing);
            }
            Mood::Octez | Mood::ForgetfulOctez if head.starts_with("GET /history/") => {
                return say(client, "404 Not Found", "[]");
            }
            Mood::Aged
                if head.contains("/block/")
                    && head.contains("/level HTTP")
                    && !head.contains("/durable/") =>
            {
                return say(client, "200 OK", "15000");
            }
            Mood::Forgetful | Mood::ForgetfulOctez | Mood::Aged
                if head.contains("/durable/") && head.contains("/toru/state/results") =>
            {
                let nothing = if head.contains("/subkeys?") { "[]" } else { "null" };
                return say(client, "200 OK", nothing);
            }
            _ => {}
        }
        let mut sandbox = TcpStream::connect(&self.sandbox)?;
        let kept = head.lines().filter(|line| !line.to_lowercase().starts_with("connection:"));
        let head: String = kept.map(|line| format!("{}\r\n", line.trim_end())).collect();
        write!(sandbox, "{head}Connection: close\r\n\r\n")?;
        sandbox.write_all(&body)?;
        if injects && self.mood() == Mood::Denying {
            // It is answered, so it was taken.
            copy(&mut sandbox, &mut std::io::sink())?;
            *self.lied_about.lock().unwrap() += 1;
            return refuse(client);
        }
        copy(&mut sandbox, &mut client).map(drop)
    }
}

fn refuse(client: &TcpStream) -> std::io::Result<()> {
    say(client, "500 Internal Server Error", "[]")
}

fn say(mut client: &TcpStream, status: &str, body: &str) -> std::io::Result<()> {
    write!(
        client,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}
