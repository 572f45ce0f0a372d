//! `toru dev` with a thousand clients at once, and with those that mean no good: all are answered or
//! refused, and memory stays what it was.

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use common::Folder;
use common::sandbox::Sandbox;
use serde_json::json;

/// Clients at once.
const CLIENTS: usize = 1_000;
/// Bytes: the stack of a client's thread.
const STACK_BYTES: usize = 128 << 10;
/// Mebibytes that memory may grow by, at its highest: the bodies that are there at once, a full queue,
/// and what the allocator keeps.
const GROWTH_MIB: u64 = 160;

fn connect(sandbox: &Sandbox) -> TcpStream {
    let stream = TcpStream::connect(&sandbox.endpoint).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// Sends bytes as they are; the status that comes back, if any does.
fn raw(sandbox: &Sandbox, head: &str, body: &[u8]) -> Option<u16> {
    let mut stream = connect(sandbox);
    // A server that has heard enough may close before all is sent.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).split(' ').nth(1)?.parse().ok()
}

fn post(kind: &str, length: usize) -> String {
    format!(
        "POST /local/batcher/injection HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n\
         Content-Length: {length}\r\n\r\n"
    )
}

#[test]
fn a_thousand_clients_at_once_are_all_served() {
    let folder = Folder::new("dev-thousand");
    let sandbox = Sandbox::start(&folder, &["--state", "s"]);
    let connected = Barrier::new(CLIENTS);
    let statuses: Vec<Vec<u16>> = thread::scope(|scope| {
        let client = |number: usize| {
            let mut stream = connect(&sandbox);
            connected.wait();
            // All connections are there now, and each is used twice.
            let body = json!([format!("{number:08x}")]).to_string();
            let head = post("application/json\r\nConnection: keep-alive", body.len());
            let mut status = || {
                write!(stream, "{head}{body}").unwrap();
                let mut answer = [0; 1_024];
                let count = stream.read(&mut answer).unwrap();
                let text = String::from_utf8_lossy(&answer[..count]).into_owned();
                text.split(' ').nth(1).unwrap().parse().unwrap()
            };
            vec![status(), status()]
        };
        let spawn = |number| {
            let builder = thread::Builder::new().stack_size(STACK_BYTES);
            builder.spawn_scoped(scope, move || client(number)).unwrap()
        };
        let clients: Vec<_> = (0..CLIENTS).map(spawn).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    assert!(statuses.iter().all(|both| both == &[200, 200]), "{statuses:?}");
    let waiting = sandbox.get("/local/batcher/queue");
    let mut contents: Vec<&str> = waiting
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["message"]["content"].as_str().unwrap())
        .collect();
    assert_eq!(contents.len(), 2 * CLIENTS);
    contents.sort_unstable();
    contents.dedup();
    assert_eq!(contents.len(), CLIENTS);
}

/// Reads a stream of events and counts those of changes, until it is told to end.
fn count_changes(sandbox: &Sandbox, seen: &AtomicUsize, open: &AtomicUsize, ended: &AtomicBool) {
    let mut stream = connect(sandbox);
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    write!(stream, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let (mut text, mut buffer) = (String::new(), [0; 1_024]);
    let mut is_open = false;
    while !ended.load(Ordering::SeqCst) {
        match stream.read(&mut buffer) {
            Ok(0) => panic!("a stream has ended: {text}"),
            Ok(count) => text.push_str(&String::from_utf8_lossy(&buffer[..count])),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => panic!("{error}: {text}"),
        }
        if !is_open && text.contains("\r\n\r\n") {
            assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
            is_open = true;
            open.fetch_add(1, Ordering::SeqCst);
        }
        seen.store(text.matches("event: changed").count(), Ordering::SeqCst);
    }
}

#[test]
fn levels_keep_coming_beside_a_thousand_who_look() {
    let folder = Folder::new("dev-events");
    let sandbox = Sandbox::start(&folder, &[]);
    let (open, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
    let seen: Vec<AtomicUsize> = (0..CLIENTS).map(|_| AtomicUsize::new(0)).collect();
    thread::scope(|scope| {
        for seen in &seen {
            let builder = thread::Builder::new().stack_size(STACK_BYTES);
            let (sandbox, open, ended) = (&sandbox, &open, &ended);
            builder.spawn_scoped(scope, move || count_changes(sandbox, seen, open, ended)).unwrap();
        }
        // Whatever fails, nobody waits for readers that go on for ever.
        let _end = EndOnDrop(&ended);
        common::wait::until("a stream for each of them", || open.load(Ordering::SeqCst) == CLIENTS);
        // One more is told to come back, and others are served as ever.
        assert_eq!(
            raw(&sandbox, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n", b""),
            Some(503)
        );
        let head = |sandbox: &Sandbox| sandbox.get("/global/tezos_level").as_i64().unwrap();
        let (before, mut mined) = (head(&sandbox), 0);
        common::wait::until("three changes for each of them", || {
            sandbox.mine(1);
            mined += 1;
            seen.iter().all(|seen| seen.load(Ordering::SeqCst) >= 3)
        });
        assert_eq!(head(&sandbox), before + mined);
        assert_eq!(sandbox.get("/history/status")["alarms"], 0);
    });
}

/// Ends the readers.
struct EndOnDrop<'a>(&'a AtomicBool);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// What the system says about a process's memory, in mebibytes.
#[cfg(target_os = "linux")]
fn memory(sandbox: &Sandbox, name: &str) -> u64 {
    let path = format!("/proc/{}/status", sandbox.child.id());
    let text = std::fs::read_to_string(path).unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_024
}

#[cfg(target_os = "linux")]
#[test]
fn whoever_means_no_good_is_refused_and_takes_no_memory() {
    let folder = Folder::new("dev-no-good");
    let sandbox = Sandbox::start(&folder, &["--state", "s"]);
    sandbox.post("/dev/mine", &json!({"levels": 200}));
    let before = memory(&sandbox, "VmHWM:");
    let json = "application/json";
    // Some who say nothing, or half of it, all the while.
    let silent: Vec<TcpStream> = (0..200)
        .map(|number| {
            let mut stream = connect(&sandbox);
            let half = post(json, 1 << 20);
            stream.write_all(&half.as_bytes()[..number % half.len()]).unwrap();
            stream
        })
        .collect();
    let huge = vec![b'0'; 100 << 20];
    let large = vec![b'['; 1 << 20];
    let text = format!("[\"{}\"]", "0".repeat((1 << 20) - 4));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                // Its answer may be lost when the connection is closed upon what is still sent.
                let status = raw(&sandbox, &post(json, huge.len()), &huge);
                assert!(matches!(status, None | Some(413)), "{status:?}");
                for _ in 0..20 {
                    assert_eq!(raw(&sandbox, &post(json, large.len()), &large), Some(400));
                    assert_eq!(raw(&sandbox, &post(json, text.len()), text.as_bytes()), Some(413));
                    let plain = post("text/plain", large.len());
                    let status = raw(&sandbox, &plain, &large);
                    assert!(matches!(status, None | Some(415)), "{status:?}");
                }
            });
        }
    });
    // A full queue, and one that asks for all of it again and again.
    let most = vec!["00".repeat(400); 1_000];
    let mut taken = 0;
    while sandbox.post("/local/batcher/injection", &json!(most)).0 == 200 {
        taken += most.len();
    }
    assert_eq!(taken, node::limits::MAX_QUEUED_MESSAGES);
    for _ in 0..10 {
        assert_eq!(sandbox.get("/local/batcher/queue").as_array().unwrap().len(), taken);
    }
    drop(silent);
    let grown = memory(&sandbox, "VmHWM:") - before;
    eprintln!("{before} MiB before, {grown} more at most, {} now", memory(&sandbox, "VmRSS:"));
    assert!(grown < GROWTH_MIB, "{before} MiB, and {grown} more");
    assert_eq!(sandbox.get("/health")["healthy"], true);
}
