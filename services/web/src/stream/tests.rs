//! Streams over real sockets: what is written, who is cut off, and when they end.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use tokio::sync::mpsc::{Sender, channel};

use super::*;
use crate::{Limits, Refusal, Running, Site};

/// For anything that comes at all.
const PATIENCE: Duration = Duration::from_secs(120);
const SILENCE: Duration = Duration::from_millis(50);
const ANSWER_TIME: Duration = Duration::from_millis(300);

const LIMITS: Limits = Limits {
    connections: 10,
    kept_connections: 10,
    backlog: 10,
    files: 64,
    head_bytes: 8 << 10,
    headers: 64,
    body_bytes: 0,
    small_bytes: 1 << 10,
    bodies_bytes: 0,
    answers_bytes: 0,
    head_time: PATIENCE,
    body_time: PATIENCE,
    answer_time: ANSWER_TIME,
    idle_time: PATIENCE,
    linger_time: Duration::from_millis(10),
    last_answers_time: PATIENCE,
};

/// A server of one stream, what is told in it, and whether the stream is kept.
struct TestServer {
    address: SocketAddr,
    server: Running,
    told: Sender<u64>,
    kept: Arc<()>,
}

fn served() -> TestServer {
    let (told, values) = channel(100_000);
    let kept = Arc::new(());
    let once = Arc::new(Mutex::new(Some((values, Arc::clone(&kept)))));
    let event = |id| ServerEvent { id, name: "number", data: format!("{{\"n\":{id}}}").into() };
    let handler = move |request: Request| async move {
        let (values, kept) = once.lock().unwrap().take().unwrap();
        events(values, event, SILENCE, kept, request.extensions())
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let site = Site { name: "test", limits: LIMITS, form: Refusal::octez_form };
    let server = Running::start(listener, Router::new().route("/", get(handler)), site).unwrap();
    TestServer { address, server, told, kept }
}

impl TestServer {
    fn open(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        stream
    }

    fn is_kept(&self) -> bool {
        Arc::strong_count(&self.kept) > 1
    }
}

/// Reads until a text has come.
fn read_until(stream: &mut TcpStream, text: &str) -> String {
    let mut all = Vec::new();
    let mut buffer = [0; 1_024];
    while !String::from_utf8_lossy(&all).contains(text) {
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "{}", String::from_utf8_lossy(&all));
        all.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8(all).unwrap()
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn events_have_ids_and_names_and_silence_has_comments() {
    let served = served();
    let mut stream = served.open();
    // The head comes before any event.
    let head = read_until(&mut stream, "\r\n\r\n").to_lowercase();
    assert!(head.contains("content-type: text/event-stream\r\n"), "{head}");
    assert!(head.contains("connection: close\r\n"), "{head}");
    read_until(&mut stream, ":\n\n");
    served.told.try_send(7).unwrap();
    let event = read_until(&mut stream, "\n\n\r\n");
    assert!(event.contains("id: 7\nevent: number\ndata: {\"n\":7}\n\n"), "{event}");
}

#[test]
fn who_reads_is_not_cut_off_however_long_it_takes() {
    let served = served();
    let mut stream = served.open();
    let end = Instant::now() + ANSWER_TIME * 4;
    let mut id = 0;
    while Instant::now() < end {
        id += 1;
        served.told.try_send(id).unwrap();
        read_until(&mut stream, &format!("{{\"n\":{id}}}"));
        std::thread::sleep(SILENCE / 2);
    }
    assert!(served.is_kept());
}

#[test]
fn who_does_not_read_is_cut_off() {
    let served = served();
    let _stream = served.open();
    // More than the buffers of both sides have.
    until("it is cut off", || {
        while served.told.try_send(u64::MAX).is_ok() {}
        served.told.is_closed()
    });
    until("its slot is given back", || !served.is_kept());
}

#[test]
fn it_ends_with_its_client_and_with_its_server() {
    let served = served();
    let mut stream = served.open();
    read_until(&mut stream, ":\n\n");
    assert!(served.is_kept());
    drop(stream);
    until("its slot is given back", || !served.is_kept());

    let served = self::served();
    let mut stream = served.open();
    read_until(&mut stream, ":\n\n");
    let begin = Instant::now();
    served.server.end().unwrap();
    assert!(begin.elapsed() < PATIENCE / 2);
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    // The last chunk: the client knows that nothing was cut off.
    assert!(rest.ends_with("0\r\n\r\n"), "{rest}");
}

/// Asks for an answer in pieces, of which `send` sends some: what has come when the connection is closed.
fn in_pieces(send: impl FnOnce(Sender<Piece>, Running)) -> String {
    let (told, values) = channel(10);
    let once = Arc::new(Mutex::new(Some(values)));
    let handler = move |request: Request| async move {
        let values = once.lock().unwrap().take().unwrap();
        pieces(values, HeaderValue::from_static("text/csv"), request.extensions())
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let site = Site { name: "test", limits: LIMITS, form: Refusal::octez_form };
    let server = Running::start(listener, Router::new().route("/", get(handler)), site).unwrap();
    told.try_send(Piece::Bytes(Bytes::from_static(b"some"))).unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut all = read_until(&mut stream, "some");
    send(told, server);
    let mut rest = Vec::new();
    // A connection that breaks off may be reset.
    let _ = stream.read_to_end(&mut rest);
    all.push_str(&String::from_utf8(rest).unwrap());
    all
}

#[test]
fn an_answer_in_pieces_ends_well_if_it_is_whole_and_only_then() {
    const LAST_CHUNK: &str = "0\r\n\r\n";
    let whole = in_pieces(|told, server| {
        told.try_send(Piece::Bytes(Bytes::from_static(b"more"))).unwrap();
        told.try_send(Piece::End).unwrap();
        drop(told);
        std::thread::sleep(SILENCE);
        server.end().unwrap();
    });
    assert!(whole.contains("more") && whole.ends_with(LAST_CHUNK), "{whole}");
    let gone = in_pieces(|told, server| {
        drop(told);
        std::thread::sleep(SILENCE);
        server.end().unwrap();
    });
    assert!(!gone.contains(LAST_CHUNK), "{gone}");
    let ended = in_pieces(|told, server| {
        server.end().unwrap();
        drop(told);
    });
    assert!(!ended.contains(LAST_CHUNK), "{ended}");
}
