//! A stream of server-sent events, as a client reads it over a socket of its own.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

/// An event.
#[derive(Clone, Debug)]
pub struct Event {
    pub kind: String,
    pub data: Value,
}

/// Events as they come, until the server has gone.
pub struct Events {
    lines: io::Lines<BufReader<Body>>,
}

/// A body in chunks.
struct Body {
    socket: BufReader<TcpStream>,
    left: usize,
}

impl Events {
    /// Asks for a path at `HOST:PORT`.
    pub fn open(endpoint: &str, path: &str) -> io::Result<Self> {
        let host = endpoint.strip_prefix("http://").unwrap_or(endpoint);
        let mut stream = TcpStream::connect(host)?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"
        )?;
        let mut socket = BufReader::new(stream);
        let mut line = String::new();
        socket.read_line(&mut line)?;
        if line.split(' ').nth(1) != Some("200") {
            return Err(io::Error::other(format!("{path}: {line}")));
        }
        while line != "\r\n" {
            line.clear();
            if socket.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let lines = BufReader::new(Body { socket, left: 0 }).lines();
        Ok(Self { lines })
    }
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let (mut kind, mut data) = (String::new(), None);
        loop {
            let line = self.lines.next()?.ok()?;
            if let Some(text) = line.strip_prefix("event: ") {
                kind = text.to_owned();
            } else if let Some(text) = line.strip_prefix("data: ") {
                data = serde_json::from_str(text).ok();
            } else if line.is_empty()
                && let Some(data) = data.take()
            {
                return Some(Event { kind, data });
            }
        }
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.left == 0 {
            let mut line = String::new();
            if self.socket.read_line(&mut line)? == 0 {
                return Ok(0);
            }
            // A chunk ends with an empty line.
            let text = line.trim();
            if text.is_empty() {
                continue;
            }
            self.left = usize::from_str_radix(text, 16).map_err(io::Error::other)?;
            if self.left == 0 {
                return Ok(0);
            }
        }
        let most = buffer.len().min(self.left);
        let read = self.socket.read(&mut buffer[..most])?;
        self.left -= read;
        if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(read) }
    }
}
