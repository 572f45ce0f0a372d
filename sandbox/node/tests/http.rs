//! HTTP as clients of many kinds speak it: methods, targets, pages of other origins, connections that are kept,
//! and clients that do not read.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use crate::common::Sandbox;
use node::limits::{ANSWER_TIME, HEAD_TIME, MAX_STREAMS};
use node::{Cors, Options};
use serde_json::{Value, json};

/// What comes back for a request line and headers; the host is a good one.
fn asked(sandbox: &Sandbox, line: &str, headers: &str) -> String {
    sandbox.raw(format!("{line} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").as_bytes())
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

/// The value of a header of an answer.
fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let (head, _) = answer.split_once("\r\n\r\n")?;
    let named =
        |line: &'a str| line.split_once(": ").filter(|(found, _)| found.eq_ignore_ascii_case(name));
    head.lines().find_map(named).map(|(_, value)| value)
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

/// A sandbox that pages of these origins may ask, with these headers.
fn with_cors(name: &str, origins: &[&str], headers: &[&str]) -> Sandbox {
    let owned = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect();
    let cors = Cors::new(owned(origins), owned(headers)).unwrap();
    let file = std::env::temp_dir().join(format!("node-cors-{name}-{}", std::process::id()));
    Sandbox::at(file, Options { dev: true, cors, ..Options::default() })
}

#[test]
fn another_method_is_refused_with_those_that_there_are() {
    let sandbox = Sandbox::new();
    for (line, allowed) in [
        ("POST /global/tezos_level", "GET, HEAD"),
        ("PUT /health", "GET, HEAD"),
        ("OPTIONS /health", "GET, HEAD"),
        ("GET /dev/mine", "POST"),
        ("DELETE /local/batcher/injection", "POST"),
        ("HEAD /local/batcher/injection", "POST"),
    ] {
        let answer = asked(&sandbox, line, "");
        assert_eq!((status(&answer), header(&answer, "Allow")), ("405", Some(allowed)), "{answer}");
    }
    // Where nothing is, no method is right.
    assert_eq!(status(&asked(&sandbox, "PUT /nothing", "")), "404");
}

#[test]
fn head_is_get_without_the_body() {
    let sandbox = Sandbox::new();
    for path in ["/global/tezos_level", "/health", "/openapi", "/nothing", "/global/block/x/hash"] {
        let (head, get) = (
            asked(&sandbox, &format!("HEAD {path}"), ""),
            asked(&sandbox, &format!("GET {path}"), ""),
        );
        assert_eq!((status(&head), body(&head)), (status(&get), ""), "{path}");
        for name in ["Content-Type", "Content-Length"] {
            assert_eq!(header(&head, name), header(&get, name), "{path}");
        }
        assert_eq!(header(&get, "Content-Length"), Some(body(&get).len().to_string().as_str()));
    }
}

#[test]
fn targets_are_understood_in_each_form() {
    let sandbox = Sandbox::new();
    for (line, expected) in [
        ("GET http://localhost:8932/global/tezos_level", "200"),
        ("GET http://127.0.0.1/global/tezos_level", "200"),
        ("GET http://rebound.example/global/tezos_level", "403"),
        ("GET /global/tezos_level/", "200"),
        ("GET /global/block/head/durable/wasm_2_0_0/subkeys?key=%2Fstate", "200"),
        ("GET /global/block/head/durable/wasm_2_0_0/subkeys?key=%2", "400"),
        ("GET /global/block/head/durable/wasm_2_0_0/subkeys?key=%ff", "400"),
        ("GET /global/block/%ff/level", "400"),
    ] {
        assert_eq!(status(&asked(&sandbox, line, "")), expected, "{line}");
    }
}

#[test]
fn pages_of_other_origins_are_let_in_where_they_are_allowed() {
    let page = "Origin: http://app.example\r\n";
    let preflight = format!(
        "{page}Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\n"
    );
    let closed = Sandbox::new();
    assert_eq!(status(&asked(&closed, "GET /health", page)), "403");
    assert_eq!(status(&asked(&closed, "OPTIONS /dev/mine", &preflight)), "403");

    let sandbox = with_cors("one", &["http://app.example", "http://b.example"], &["content-type"]);
    let answer = asked(&sandbox, "GET /health", page);
    let allowed = |answer: &str| header(answer, "Access-Control-Allow-Origin").map(str::to_owned);
    assert_eq!((status(&answer), allowed(&answer)), ("200", Some("http://app.example".to_owned())));
    let answer = asked(&sandbox, "OPTIONS /dev/mine", &preflight);
    assert_eq!((status(&answer), allowed(&answer)), ("200", Some("http://app.example".to_owned())));
    assert_eq!(header(&answer, "Access-Control-Allow-Headers"), Some("content-type"));
    assert!(header(&answer, "Access-Control-Allow-Methods").unwrap().contains("POST"), "{answer}");
    // Errors are for the page as well, and a page that is not allowed gets nothing.
    let answer = asked(&sandbox, "GET /nothing", page);
    assert_eq!((status(&answer), allowed(&answer).is_some()), ("404", true));
    let other = "Origin: http://evil.example\r\n";
    let answer = asked(&sandbox, "GET /health", other);
    assert_eq!((status(&answer), allowed(&answer)), ("403", None));
    let config = sandbox.read("/config");
    let told = json!({
        "allowed_headers": ["content-type"],
        "allowed_origins": ["http://app.example", "http://b.example"],
    });
    assert_eq!(config["cors"], told);

    let sandbox = with_cors("any", &["*"], &["*"]);
    let answer = asked(&sandbox, "GET /health", other);
    assert_eq!((status(&answer), allowed(&answer)), ("200", Some("*".to_owned())));
    let answer = asked(&sandbox, "OPTIONS /dev/mine", &preflight);
    assert_eq!(header(&answer, "Access-Control-Allow-Headers"), Some("*"));
}

/// Reads one answer of a connection that is kept.
fn next_answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&bytes));
        bytes.push(byte[0]);
    }
    let mut answer = String::from_utf8(bytes).unwrap();
    let mut body = vec![0; header(&answer, "Content-Length").unwrap().parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    answer.push_str(std::str::from_utf8(&body).unwrap());
    answer
}

fn connect(sandbox: &Sandbox) -> TcpStream {
    let stream = TcpStream::connect(sandbox.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(300))).unwrap();
    stream
}

#[test]
fn a_kept_connection_may_be_silent_for_longer_than_a_head_may_take() {
    let sandbox = Sandbox::new();
    let ping = b"GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n";
    let mut silent = connect(&sandbox);
    silent.write_all(ping).unwrap();
    assert_eq!(header(&next_answer(&mut silent), "Connection"), Some("keep-alive"));
    // Two requests at once are answered in turn, and half of a third is too slow.
    let mut slow = connect(&sandbox);
    slow.write_all(&[&ping[..], ping, b"GET /ping HT"].concat()).unwrap();
    for _ in 0..2 {
        assert_eq!(body(&next_answer(&mut slow)), "null\n");
    }
    std::thread::sleep(HEAD_TIME + Duration::from_millis(500));
    silent.write_all(ping).unwrap();
    assert_eq!(status(&next_answer(&mut silent)), "200");
    // Without the wish to keep it, it ends.
    silent.write_all(b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert_eq!(header(&next_answer(&mut silent), "Connection"), Some("close"));
    assert_eq!(silent.read(&mut [0]).unwrap(), 0);
}

#[test]
fn a_reader_of_blocks_who_has_gone_makes_room_for_another() {
    let sandbox = Sandbox::new();
    let open = || {
        let mut stream = connect(&sandbox);
        stream
            .write_all(b"GET /global/monitor_blocks HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).unwrap();
        (stream, String::from_utf8_lossy(&first[9..]).into_owned())
    };
    let all: Vec<_> = (0..MAX_STREAMS).map(|_| open()).collect();
    assert!(all.iter().all(|(_, status)| status == "200"));
    assert_eq!(open().1, "503");
    drop(all);
    // No block comes meanwhile.
    let begin = Instant::now();
    while open().1 != "200" {
        assert!(begin.elapsed() < Duration::from_secs(300), "no room");
    }
}

#[test]
fn who_speaks_an_older_http_gets_a_stream_without_chunks() {
    let sandbox = Sandbox::new();
    let mut stream = connect(&sandbox);
    stream.write_all(b"GET /global/monitor_blocks HTTP/1.0\r\n\r\n").unwrap();
    sandbox.done("/dev/mine", json!({"levels": 2}));
    sandbox.done("/dev/stop", Value::Null);
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!((status(&answer), header(&answer, "Transfer-Encoding")), ("200", None));
    let levels: Vec<i64> = body(&answer)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["level"].as_i64().unwrap())
        .collect();
    assert_eq!(levels, [0, 1, 2]);
}

#[test]
fn who_has_closed_its_end_is_answered_all_the_same() {
    let sandbox = Sandbox::new();
    let mut stream = connect(&sandbox);
    let head = "POST /dev/mine HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
        Content-Length: 12\r\n\r\n{\"levels\":2}";
    stream.write_all(head.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), "200", "{answer}");
    assert_eq!(sandbox.read("/global/tezos_level"), 2);
}

#[test]
fn who_does_not_read_loses_the_answer_and_nobody_waits() {
    let sandbox = Sandbox::new();
    let most = vec!["00".repeat(4_000); 120];
    for _ in 0..12 {
        sandbox.done("/local/batcher/injection", json!(most));
    }
    let mut idle = connect(&sandbox);
    idle.write_all(b"GET /local/batcher/queue HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let begin = Instant::now();
    while begin.elapsed() < ANSWER_TIME + Duration::from_secs(1) {
        assert_eq!(sandbox.read("/ping"), Value::Null);
        std::thread::sleep(Duration::from_millis(200));
    }
    let mut answer = Vec::new();
    // It ends with what was on its way, or with a reset.
    let _ = idle.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    let length: usize = header(&answer, "Content-Length").unwrap().parse().unwrap();
    assert!(length > 10 << 20 && body(&answer).len() < length, "{length}");
}
