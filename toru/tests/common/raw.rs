//! Requests as bytes, and answers with their heads.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

/// What comes back for bytes; the host is a good one.
pub fn raw(endpoint: &str, request: &str) -> String {
    let stream = TcpStream::connect(endpoint).unwrap();
    let mut answer = Vec::new();
    thread::scope(|scope| {
        // Who refuses early may not read all of it, and who answers many does not read while nobody takes the answers.
        scope.spawn(|| (&stream).write_all(request.as_bytes()).ok());
        (&stream).read_to_end(&mut answer).ok();
    });
    String::from_utf8(answer).unwrap()
}

pub fn asked(endpoint: &str, line: &str, headers: &str) -> String {
    raw(
        endpoint,
        &format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"),
    )
}

pub fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

pub fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let (head, _) = answer.split_once("\r\n\r\n")?;
    let named =
        |line: &'a str| line.split_once(": ").filter(|(found, _)| found.eq_ignore_ascii_case(name));
    head.lines().find_map(named).map(|(_, value)| value)
}
