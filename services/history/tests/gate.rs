//! What stands between an index and its node: it can be shut, and it counts questions about the state.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// Hands connections on to a node, as long as it is there.
pub struct Gate {
    pub endpoint: String,
    pub open: Arc<AtomicBool>,
    /// Requests for values of the state so far.
    pub values: Arc<AtomicUsize>,
}

impl Gate {
    pub fn to(node: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let open = Arc::new(AtomicBool::new(true));
        let values = Arc::new(AtomicUsize::new(0));
        let (is_open, node) = (Arc::clone(&open), node.trim_start_matches("http://").to_owned());
        let counted = Arc::clone(&values);
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                if is_open.load(Ordering::SeqCst) {
                    let server = TcpStream::connect(&node).unwrap();
                    let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                    let counted = Arc::clone(&counted);
                    thread::spawn(move || pass(from, to, &counted));
                    thread::spawn(move || pass(server, client, &AtomicUsize::new(0)));
                }
            }
        });
        Gate { endpoint, open, values }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, values: &AtomicUsize) {
    let mut buffer = [0; 4_096];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        // A question is short, and comes in one piece.
        let text = String::from_utf8_lossy(&buffer[..count]);
        if text.starts_with("GET ") && text.contains("/durable/") {
            values.fetch_add(1, Ordering::SeqCst);
        }
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}
