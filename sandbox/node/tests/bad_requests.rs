//! What no client should send: refused in words where anybody listens, and the next one is served.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::common::Sandbox;
use node::limits::{HEAD_TIME, MAX_CONNECTIONS, MAX_HEAD_BYTES};
use node::{ListenError, listen};
use serde_json::json;

/// How long anything is waited for: it ends a test that hangs.
const PATIENCE: Duration = Duration::from_secs(300);

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

#[test]
fn malformed_requests() {
    let sandbox = Sandbox::new();
    let post = |rest: &str| format!("POST /dev/mine HTTP/1.1\r\nHost: localhost\r\n{rest}");
    let json = "Content-Type: application/json\r\n";
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(MAX_HEAD_BYTES));
    let from_page = |path: &str, header: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n")
    };
    for (request, expected) in [
        ("nonsense\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/9.9\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_owned(), "403"),
        (from_page("/global/tezos_head", "Origin: http://evil.example"), "403"),
        (from_page("/global/monitor_blocks", "Origin: null"), "403"),
        (from_page("/global/monitor_blocks", "Sec-Fetch-Site: cross-site"), "403"),
        (from_page("/global/monitor_finalized_blocks", "Sec-Fetch-Site: cross-site"), "403"),
        (from_page("/global/tezos_head", "Sec-Fetch-Site: none"), "200"),
        (long, "431"),
        (post("Content-Type: text/plain\r\nContent-Length: 12\r\n\r\n{\"levels\":1}"), "415"),
        (post(&format!("{json}Content-Length: 9\r\n\r\n{{\"levels\"")), "400"),
        (post(&format!("{json}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")), "411"),
        (post(&format!("{json}Content-Length: 12\r\n\r\n{{\"levels\":x}}")), "400"),
        ("PUT /health HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), "405"),
    ] {
        let answer = sandbox.raw(request.as_bytes());
        assert_eq!(status(&answer), expected, "{}: {answer}", &request[..30.min(request.len())]);
        assert!(answer.contains("Content-Type: application/json"), "{answer}");
    }
    let nested = "[".repeat(100_000);
    let head = post(&format!("{json}Content-Length: {}\r\n\r\n", nested.len()));
    assert_eq!(status(&sandbox.raw(format!("{head}{nested}").as_bytes())), "400");
    assert_eq!(sandbox.read("/global/tezos_level"), 0);
}

#[test]
fn a_hundred_megabytes_are_refused_and_never_kept() {
    let sandbox = Sandbox::new();
    let mut stream = TcpStream::connect(sandbox.address).unwrap();
    let head = "POST /local/batcher/injection HTTP/1.1\r\nHost: localhost\r\n\
        Content-Type: application/json\r\nContent-Length: 100000000\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = vec![b'0'; 1 << 20];
    // It is read away for a while, so that the answer comes through, or the connection is closed.
    let _sent = (0..100).take_while(|_| stream.write_all(&chunk).is_ok()).count();
    // Those who wait for the answer before they send get it.
    let answer = sandbox.raw(head.as_bytes());
    assert_eq!(status(&answer), "413", "{answer}");
    assert_eq!(sandbox.read("/ping"), json!(null));
}

#[test]
fn connections_left_half_open_are_counted_and_given_up() {
    let sandbox = Sandbox::new();
    let open = || {
        let mut stream = TcpStream::connect(sandbox.address).unwrap();
        stream.write_all(b"GET /ping HT").unwrap();
        stream
    };
    let begin = Instant::now();
    let mut silent: Vec<TcpStream> = (0..MAX_CONNECTIONS).map(|_| open()).collect();
    // On a slow machine the first are given up before the last are open.
    while status(&sandbox.raw(b"")) != "503" {
        assert!(begin.elapsed() < PATIENCE, "there is always room");
        silent = (0..MAX_CONNECTIONS).map(|_| open()).collect();
    }
    let mut answer = String::new();
    silent[0].read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), "408", "{answer}");
    assert!(begin.elapsed() >= HEAD_TIME - Duration::from_secs(1));
    drop(silent);
    while sandbox.raw(b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n").contains("503") {
        assert!(begin.elapsed() < PATIENCE, "the places are never free again");
    }
}

#[test]
fn a_client_that_asks_before_it_sends_is_told_to() {
    let sandbox = Sandbox::new();
    let mut stream = TcpStream::connect(sandbox.address).unwrap();
    let head = "POST /dev/mine HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n\
        Content-Type: application/json\r\nContent-Length: 12\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut told = [0; 25];
    stream.read_exact(&mut told).unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"{\"levels\":1}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), "200");
    assert_eq!(sandbox.read("/global/tezos_level"), 1);
}

#[test]
fn only_this_machine_is_served_unless_others_are_allowed() {
    let anywhere = "0.0.0.0:0".parse().unwrap();
    assert!(matches!(listen(anywhere, false), Err(ListenError::Remote(_))));
    assert!(listen(anywhere, true).is_ok());
    let taken = listen("127.0.0.1:0".parse().unwrap(), false).unwrap();
    let again = listen(taken.local_addr().unwrap(), false);
    assert!(matches!(again, Err(ListenError::Io { .. })));
}
