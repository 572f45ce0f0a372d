//! A way to a batcher that is held up at a moment that the test chooses: it hands on what it is asked, up to that.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::io::{Write, copy, sink};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::request::Request;

/// What is held up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Nothing.
    Never,
    /// A transaction, before the batcher has it.
    Posting,
    /// The signature of a batch, before the batcher has it.
    Signing,
    /// The answer to the signature of a batch, which the batcher has taken.
    Signed,
}

/// Such a way.
#[derive(Clone)]
pub struct Gate {
    pub endpoint: String,
    batcher: String,
    moment: Arc<Mutex<Moment>>,
    /// Those who wait for an answer that does not come.
    held: Arc<Mutex<Vec<TcpStream>>>,
}

impl Gate {
    /// One before a batcher.
    pub fn before(batcher: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let gate = Gate {
            endpoint: format!("http://{}", listener.local_addr().unwrap()),
            batcher: batcher.to_owned(),
            moment: Arc::new(Mutex::new(Moment::Never)),
            held: Arc::default(),
        };
        let server = gate.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                // Whoever hangs up has had enough.
                thread::spawn(move || server.answer(stream).ok());
            }
        });
        gate
    }

    /// From now on it holds up that, and lets go of whom it has held.
    pub fn holds(&self, moment: Moment) {
        *self.moment.lock().unwrap() = moment;
        self.held.lock().unwrap().clear();
    }

    /// Whether somebody is held up.
    pub fn has_held(&self) -> bool {
        !self.held.lock().unwrap().is_empty()
    }

    fn answer(&self, client: TcpStream) -> std::io::Result<()> {
        let Some(Request { head, body }) = Request::read(&client) else { return Ok(()) };
        let is_signature = head.starts_with("POST /v1/batches/");
        let moment = *self.moment.lock().unwrap();
        let is_held = match moment {
            Moment::Never | Moment::Signed => false,
            Moment::Posting => head.starts_with("POST /v1/transactions"),
            Moment::Signing => is_signature,
        };
        if is_held {
            self.held.lock().unwrap().push(client);
            return Ok(());
        }
        let mut batcher = TcpStream::connect(&self.batcher)?;
        let kept = head.lines().filter(|line| !line.to_lowercase().starts_with("connection:"));
        let head: String = kept.map(|line| format!("{}\r\n", line.trim_end())).collect();
        write!(batcher, "{head}Connection: close\r\n\r\n")?;
        batcher.write_all(&body)?;
        if is_signature && moment == Moment::Signed {
            copy(&mut batcher, &mut sink())?;
            self.held.lock().unwrap().push(client);
            return Ok(());
        }
        copy(&mut batcher, &mut &client).map(drop)
    }
}
