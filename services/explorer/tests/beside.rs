//! What is beside the node: a batcher that answers or does not, and a file of pinned tickets that cannot be read.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use explorer::{ExplorerOptions, router};
use tempfile::TempDir;
use wallet::pins::PinStore;
use wallet::rpc::Node;

use crate::common::World;
use crate::filling::{Filled, ROLLUP};
use crate::live::paid;
use crate::visitor::{explorer, get, options};

/// A server that gives every request the same answer, after a while, and counts them.
fn server(answer: &'static str, after: Duration) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let count = Arc::new(AtomicUsize::new(0));
    let ours = Arc::clone(&count);
    thread::spawn(move || {
        for stream in listener.incoming() {
            ours.fetch_add(1, Ordering::SeqCst);
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                let _ = stream.read(&mut [0; 4_096]);
                thread::sleep(after);
                let length = answer.len();
                let head =
                    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close");
                let _ = stream.write_all(format!("{head}\r\n\r\n{answer}").as_bytes());
            });
        }
    });
    (address, count)
}

fn with_batcher(filled: &Filled, address: &str, patience: Duration) -> Router {
    let batcher = Some(Node::patient(address, patience).unwrap());
    router(ExplorerOptions { batcher, ..options(&filled.store) })
}

/// Answers to both questions: as JSON, one has the fields of the other.
const ANSWERS: &str = r#"{"rollup": "sr1", "level": 7, "account": null, "fees": [], "expires": 9,
    "round_ms": 200, "window_ms": 50, "max_wait_ms": 100, "promised_levels": 5, "acceptance_key": "BLpk",
    "limits": {"transactions_per_request": 1, "pending_per_account": 1, "gap": 1, "gap_ms": 1, "pending": 1,
        "max_valid_levels": 1, "transactions_per_second": 1, "streams_per_address": 1},
    "pending": 3, "count": 1, "batches": []}"#;

#[test]
fn a_batcher_is_asked_once_for_all_and_its_address_is_shown() {
    let filled = Filled::new();
    let (address, count) = server(ANSWERS, Duration::ZERO);
    let router = with_batcher(&filled, &address, Duration::from_secs(5));
    let begin = Instant::now();
    for _ in 0..20 {
        let page = get(&router, "/batcher").body;
        assert!(page.contains(&format!("http://{address}")), "{page}");
        assert!(page.contains("level 7") && !page.contains("The batcher does not"), "{page}");
    }
    // Two requests a second, whoever is there.
    let most = 2 * (1 + usize::try_from(begin.elapsed().as_secs()).unwrap() + 1);
    let asked = count.load(Ordering::SeqCst);
    assert!((1..=most).contains(&asked), "{asked} of {most}");
}

#[test]
fn a_batcher_that_says_nothing_holds_up_one_page_and_not_the_next() {
    let filled = Filled::new();
    let (address, count) = server("", Duration::from_secs(3_600));
    let patience = Duration::from_millis(500);
    let router = with_batcher(&filled, &address, patience);
    let begin = Instant::now();
    for _ in 0..10 {
        let page = get(&router, "/batcher").body;
        assert!(page.contains("The batcher does not tell"), "{page}");
        assert!(page.contains(&address) && !page.contains("No batch is being offered"), "{page}");
    }
    // The first one waits until the time is over.
    assert!(begin.elapsed() < 3 * patience, "{:?}", begin.elapsed());
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[test]
fn pins_that_cannot_be_read_are_no_fault_of_the_node() {
    let world = paid();
    let folder = tempfile::tempdir().unwrap();
    let router = router(ExplorerOptions {
        pins: Some(broken(&folder, &crate::octez::ROLLUP)),
        ..crate::live::options(&world, &world.octez.endpoint)
    });
    let page = get(&router, "/");
    assert_eq!(page.status, StatusCode::OK);
    let page = page.body;
    assert!(page.contains("The pinned tickets cannot be read"), "{page}");
    assert!(page.contains("invalid file of pinned tickets"), "{page}");
    assert!(page.contains(folder.path().file_name().unwrap().to_str().unwrap()), "{page}");
    assert!(!page.contains("does not answer") && page.contains("The node&#39;s head"), "{page}");
    // What is mended counts with the next look, though the head is still the same.
    std::fs::remove_dir_all(folder.path()).unwrap();
    let mended = || Some(get(&router, "/").body).filter(|page| !page.contains("pinned tickets"));
    assert!(crate::common::until(mended).contains("The node&#39;s head"));
}

#[test]
fn pins_that_cannot_be_read_are_told_without_a_node_too() {
    let filled = Filled::new();
    let folder = tempfile::tempdir().unwrap();
    let rollup = encoding::RollupAddress::from_base58(ROLLUP).unwrap();
    let pins = Some(broken(&folder, &rollup));
    let router = router(ExplorerOptions { pins, ..options(&filled.store) });
    let page = get(&router, "/tickets").body;
    assert!(page.contains("The node does not answer"), "{page}");
    assert!(page.contains("The pinned tickets cannot be read"), "{page}");
    assert!(!get(&explorer(&filled.store), "/tickets").body.contains("pinned tickets"));
}

/// A place for pinned tickets with a file that is none.
fn broken(folder: &TempDir, rollup: &encoding::RollupAddress) -> PinStore {
    let store = PinStore::new(folder.path(), rollup);
    let added = store.change(|pins| {
        let ticket = crate::filling::ticket(1);
        let (kind, name) = (wallet::pins::PinKind::Other, "GOLD".to_owned());
        pins.add(wallet::pins::Pin { name, ticket, decimals: 2, kind, helper: None }).unwrap();
        Ok::<_, wallet::pins::PinsError>(())
    });
    added.unwrap();
    let mut files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let file = files.find(|path| path.extension().is_some_and(|end| end == "json")).unwrap();
    std::fs::write(file, "{").unwrap();
    store
}

#[test]
fn a_node_of_another_rollup_is_none_of_ours() {
    let world = World::new();
    let filled = Filled::new();
    let node = Node::new(&world.octez.endpoint).unwrap();
    let router = router(ExplorerOptions { node, ..options(&filled.store) });
    let page = get(&router, "/").body;
    assert!(page.contains("What the node answers cannot be used"), "{page}");
    assert!(page.contains(&crate::octez::ROLLUP.to_string()) && page.contains(ROLLUP), "{page}");
}

#[test]
fn whatever_a_node_answers_there_is_a_page() {
    let filled = Filled::new();
    for answer in ["", "{}", "null", "[]", "\"x\"", "7", "<html>", "{\"level\":-1}", "\u{0}"] {
        let (address, _) = server(answer, Duration::ZERO);
        let node = Node::patient(&address, Duration::from_secs(5)).unwrap();
        let layer1 = Some(node.clone());
        let batcher = Some(node.clone());
        let made = router(ExplorerOptions { node, layer1, batcher, ..options(&filled.store) });
        let ticket = crate::filling::ticket(1).hash().0;
        let account = crate::filling::account(1);
        for path in [
            "/".to_owned(),
            "/withdrawals".to_owned(),
            "/held".to_owned(),
            "/kernel".to_owned(),
            "/batcher".to_owned(),
            "/level/5".to_owned(),
            format!("/ticket/{ticket}"),
            format!("/account/{account}"),
        ] {
            let page = get(&made, &path);
            assert_eq!(page.status, StatusCode::OK, "{answer} {path}: {}", page.body);
            let says = "What the node answers cannot be used";
            assert!(page.body.contains(says), "{answer} {path}: {}", page.body);
            assert!(!page.body.contains(&address) || path == "/batcher", "{path}: {}", page.body);
        }
    }
}

#[test]
fn a_node_that_takes_its_time_holds_up_one_page_and_not_all() {
    let world = paid();
    let slow = Arc::new(AtomicUsize::new(0));
    let endpoint = slowed(&world.octez.endpoint, Arc::clone(&slow));
    let router = router(crate::live::options(&world, &endpoint));
    assert!(get(&router, "/levels").body.contains("The index ends with level"));
    slow.store(1_500, Ordering::SeqCst);
    world.bake();
    let begin = Instant::now();
    thread::scope(|scope| {
        // It asks for a head, and waits for each of the answers.
        let first = scope.spawn(|| get(&router, "/levels"));
        thread::sleep(Duration::from_millis(200));
        let others = [(); 4].map(|()| scope.spawn(|| get(&router, "/levels")));
        for other in others {
            assert_eq!(other.join().unwrap().status, StatusCode::OK);
        }
        assert!(begin.elapsed() < explorer::limits::LOOK_WAIT + Duration::from_secs(2));
        assert!(!first.is_finished());
        slow.store(0, Ordering::SeqCst);
        assert_eq!(first.join().unwrap().status, StatusCode::OK);
    });
}

/// Passes connections on to a node, each after so many milliseconds.
fn slowed(endpoint: &str, milliseconds: Arc<AtomicUsize>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let node = endpoint.trim_start_matches("http://").to_owned();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (client, node, milliseconds) =
                (client.unwrap(), node.clone(), Arc::clone(&milliseconds));
            thread::spawn(move || {
                let wait = milliseconds.load(Ordering::SeqCst).try_into().unwrap();
                thread::sleep(Duration::from_millis(wait));
                let mut server = std::net::TcpStream::connect(node).unwrap();
                let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || std::io::copy(&mut from, &mut to));
                let mut client = client;
                let _ = std::io::copy(&mut server, &mut client);
                let _ = client.shutdown(std::net::Shutdown::Both);
            });
        }
    });
    address
}

#[test]
fn layer_1_that_says_nothing_holds_up_one_page_and_not_the_next() {
    let world = paid();
    let (address, count) = server("", Duration::from_secs(3_600));
    let patience = Duration::from_millis(500);
    let layer1 = Some(Node::patient(&address, patience).unwrap());
    let options = crate::live::options(&world, &world.octez.endpoint);
    let router = router(ExplorerOptions { layer1, ..options });
    let gold = crate::octez::ticket("gold").hash().0;
    let begin = Instant::now();
    for _ in 0..5 {
        // A new head does not have it waited for anew.
        world.bake();
        for path in [format!("/ticket/{gold}"), "/withdrawals".to_owned(), "/".to_owned()] {
            assert_eq!(get(&router, &path).status, StatusCode::OK, "{path}");
        }
    }
    let asked = count.load(Ordering::SeqCst);
    assert!((1..=4).contains(&asked), "{asked} requests in {:?}", begin.elapsed());
}
