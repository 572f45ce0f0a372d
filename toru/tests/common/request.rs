//! A request as a server of a test reads it.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;

/// What was asked: the lines of the head, and the body. `None` if it ends before its body does.
pub struct Request {
    pub head: String,
    pub body: Vec<u8>,
}

impl Request {
    pub fn read(stream: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
                break;
            }
            if let Some((_, value)) = line.to_lowercase().split_once("content-length:") {
                length = value.trim().parse().unwrap();
            }
            head.push_str(&line);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok().map(|()| Self { head, body })
    }
}
