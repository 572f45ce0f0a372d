//! The explorer over a node with our kernel in it, and an index that follows the node.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use axum::Router;
use axum::http::StatusCode;
use explorer::{ExplorerOptions, SITE, router};
use wallet::rpc::Node;

use crate::common::{World, batch, index, pays, registers, transaction, until, withdrawal};
use crate::octez::{ROLLUP, account, ticket};
use crate::visitor::get;

pub fn options(world: &World, endpoint: &str) -> ExplorerOptions {
    ExplorerOptions {
        readers: world.running().readers(),
        node: Node::patient(endpoint, explorer::limits::NODE_TIME).unwrap(),
        layer1: None,
        changes: world.running().changes(),
        pins: None,
        names: vec![(account(1), "alice".to_owned())],
        sandbox: false,
        batcher: None,
        control: None,
        is_alone: true,
        any_host: false,
    }
}

fn explorer(world: &World) -> Router {
    router(options(world, &world.octez.endpoint))
}

/// A world in which person 1 has paid 25 gold to person 2.
pub fn paid() -> World {
    let world = World::new();
    world.send(&registers());
    world.bake();
    world.send(&batch(vec![pays(1, 0, index(2), 25)], &[], true));
    world.bake();
    world
}

#[test]
fn what_an_account_has_is_what_the_state_says() {
    let world = paid();
    let router = explorer(&world);
    let page = get(&router, &format!("/account/{}", account(2))).body;
    assert!(page.contains("As the state says at level"), "{page}");
    assert!(page.contains("1,025") && page.contains(">registered<"), "{page}");
    let payer = get(&router, &format!("/account/{}", account(1))).body;
    assert!(payer.contains("<bdi>alice</bdi>") && payer.contains("975"), "{payer}");
    // The next counter is known to the state alone.
    assert!(payer.contains("<dt>Next counter</dt><dd>1</dd>"), "{payer}");
    // Nobody has named them, and they are there.
    let accounts = get(&router, "/accounts").body;
    assert!((1..=4).all(|number| accounts.contains(&account(number).to_string())), "{accounts}");
}

#[test]
fn a_page_follows_a_reorganisation() {
    let world = paid();
    let router = explorer(&world);
    let head = Node::new(&world.octez.endpoint).unwrap().block("head").unwrap();
    let (block, paid) = (format!("/level/{}", head.hash), format!("/account/{}", account(2)));
    assert_eq!(get(&router, &block).status, StatusCode::OK);
    world.octez.revert(head.level.0 - 1);
    world.octez.bake(1);
    world.sync();
    assert_eq!(get(&router, &block).status, StatusCode::NOT_FOUND);
    let page = get(&router, &paid).body;
    assert!(page.contains("1,000") && !page.contains("1,025"), "{page}");
}

#[test]
fn a_withdrawal_counts_down_and_the_kernel_has_its_hash() {
    let world = paid();
    world.octez.lists(serde_json::json!([]));
    let withdraws = crate::common::operation(index(1), 1, None, vec![withdrawal(40, None)]);
    world.send(&batch(vec![transaction(vec![withdraws])], &[], true));
    world.bake();
    let level = world.running().status().indexed.unwrap().0;
    // Until something is cemented, nobody knows how long that takes.
    world.octez.bake(2);
    world.sync();
    let router = explorer(&world);
    let page = get(&router, "/withdrawals").body;
    assert!(page.contains("40</span>") && page.contains("in about"), "{page}");
    let outbox = get(&router, &format!("/level/{level}")).body;
    assert!(
        outbox.contains(&format!("40 &#34;gold&#34; #0 to {}%burn", ticket("gold").ticketer)),
        "{outbox}"
    );
    let kernel = get(&router, "/kernel");
    assert_eq!(kernel.status, StatusCode::OK);
    assert!(
        kernel.body.contains("nobody") && kernel.body.contains(&ROLLUP.to_string()),
        "{}",
        kernel.body
    );
}

#[test]
fn a_queued_transaction_is_told_to_be_on_its_way() {
    let world = paid();
    let router = explorer(&world);
    let next = batch(vec![pays(1, 1, index(3), 5)], &[], true);
    let digest = next.signing_payload_of_transaction(0, &ROLLUP).unwrap().digest;
    let path = format!("/tx/{digest}");
    assert_eq!(get(&router, &path).status, StatusCode::NOT_FOUND);
    let node = Node::new(&world.octez.endpoint).unwrap();
    node.inject(&[crate::common::payload(&next)]).unwrap();
    // That it was not there a moment ago is forgotten in a moment, though the head is still the same.
    let page = until(|| Some(get(&router, &path)).filter(|page| page.status == StatusCode::OK));
    assert!(page.body.contains("in its queue"), "{}", page.body);
    world.bake();
    let page = get(&router, &path);
    assert!(page.status == StatusCode::OK && !page.body.contains("in its queue"), "{}", page.body);
    assert!(page.body.contains(">applied<"), "{}", page.body);
}

#[test]
fn an_open_page_is_told_of_each_level() {
    let world = paid();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let running = web::Running::start(listener, explorer(&world), SITE).unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    assert_eq!(lines.next().unwrap(), "HTTP/1.1 200 OK");
    assert!(
        lines
            .by_ref()
            .take_while(|line| !line.is_empty())
            .any(|line| line == "Content-Type: text/event-stream")
    );
    world.bake();
    assert!(lines.any(|line| line == "event: changed"));
    world.bake();
    assert!(lines.any(|line| line == "event: changed"));
    running.end().unwrap();
}

/// Passes connections on to a node, and counts them: each has one request.
fn counted(endpoint: &str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let node = endpoint.trim_start_matches("http://").to_owned();
    let count = Arc::new(AtomicUsize::new(0));
    let ours = Arc::clone(&count);
    thread::spawn(move || {
        for client in listener.incoming() {
            ours.fetch_add(1, Ordering::SeqCst);
            let (mut client, mut server) = (client.unwrap(), TcpStream::connect(&node).unwrap());
            let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || std::io::copy(&mut from, &mut to));
            thread::spawn(move || {
                let _ = std::io::copy(&mut server, &mut client);
                let _ = client.shutdown(std::net::Shutdown::Both);
            });
        }
    });
    (address, count)
}

#[test]
fn many_readers_ask_the_node_no_more_often_than_one() {
    let world = paid();
    let (endpoint, count) = counted(&world.octez.endpoint);
    let router = router(options(&world, &endpoint));
    let path = format!("/account/{}", account(2));
    assert!(get(&router, &path).body.contains("As the state says"));
    let first = count.load(Ordering::SeqCst);
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let (router, path) = (router.clone(), path.clone());
            thread::spawn(move || {
                for _ in 0..125 {
                    assert_eq!(get(&router, &path).status, StatusCode::OK);
                }
            })
        })
        .collect();
    readers.into_iter().for_each(|reader| reader.join().unwrap());
    let more = count.load(Ordering::SeqCst) - first;
    // Whether there is a new head is asked now and then, whoever is there: not by each of the thousand.
    assert!(first > 0 && more < 500, "{first} requests for one reader, {more} for a thousand");
}

#[test]
fn a_node_that_goes_away_leaves_what_the_index_has() {
    let world = paid();
    // Connections are taken, and nothing is ever said.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let closing = silent.try_clone().unwrap();
    thread::spawn(move || {
        for stream in closing.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1_024]);
        }
    });
    let router = router(options(&world, &silent.local_addr().unwrap().to_string()));
    let page = get(&router, &format!("/account/{}", account(2))).body;
    assert!(page.contains("As the index knows it") && page.contains("1,025"), "{page}");
    assert!(page.contains("The node does not answer"));
    let address = silent.local_addr().unwrap().to_string();
    assert!(!page.contains(&address), "it tells where the node is");
}
