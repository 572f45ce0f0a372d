//! A stream of server-sent events, as a client reads it over a socket of its own.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::iter::from_fn;
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::wait::PATIENCE;

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
        Self::try_open(endpoint, path, headers).unwrap()
    }

    /// The same at a server that may be gone.
    pub fn try_open(endpoint: &str, path: &str, headers: &str) -> io::Result<Self> {
        let mut stream = TcpStream::connect(endpoint)?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        stream.write_all(request.as_bytes())?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
            head.push(byte[0]);
        }
        if !head.ends_with(b"\r\n\r\n") {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        stream.set_read_timeout(None)?;
        let (told, lines) = channel();
        let reader = BufReader::new(Unchunked::new(stream.try_clone()?));
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
        Ok(Self { stream, head: String::from_utf8(head).unwrap(), lines })
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

    /// All events until the stream ends, however long that takes.
    pub fn each(&self) -> impl Iterator<Item = Event> {
        from_fn(|| {
            loop {
                if let Line::Event(event) = self.lines.recv().ok()? {
                    return Some(event);
                }
            }
        })
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
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
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
