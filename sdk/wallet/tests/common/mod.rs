//! A rollup node as Octez's is: its shapes, its dialect of HTTP, and no endpoint that only ours has. Our
//! kernel runs in it natively.
#![allow(dead_code, reason = "toru's tests include this file, and use some of it")]

pub mod layer1;
mod rollup;

use std::net::TcpListener;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use bls::SecretKey;
use encoding::{Kt1Address, Source, Ticket, TicketContent, Tz4Address};
use inbox::deposit;
use serde_json::Value;

pub use rollup::ROLLUP;
use rollup::{Order, Rollup};

/// A node that runs until the end of the process.
pub struct Octez {
    pub endpoint: String,
    orders: Sender<(Order, Sender<()>)>,
}

/// A secret key by its number.
pub fn secret(number: u8) -> SecretKey {
    SecretKey::derive(&[number; 32]).unwrap()
}

/// The account of a secret key by its number.
pub fn account(number: u8) -> Tz4Address {
    secret(number).public_key().address()
}

/// A ticket of that name.
pub fn ticket(name: &str) -> Ticket {
    let content = TicketContent::String(name.as_bytes().to_vec());
    Ticket { ticketer: Kt1Address([0xaa; 20]), content }
}

/// A ticket whose bytes say that it is USDt, with six decimals.
pub fn usdt() -> Ticket {
    let facts = br#"{"symbol": "USDt", "name": "Tether USD", "decimals": "6"}"#;
    let content = TicketContent::NatBytes(0.into(), Some(facts.to_vec()));
    Ticket { ticketer: Kt1Address([0xbb; 20]), content }
}

impl Octez {
    pub fn start() -> Self {
        Self::with(Vec::new())
    }

    /// The same with what an installer has written into durable storage.
    pub fn with(installed: Vec<(String, Vec<u8>)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (orders, given) = channel();
        let (jobs, asked) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let _ = jobs.send(stream.unwrap());
            }
        });
        // The kernel stays on the thread that it began on.
        thread::spawn(move || Rollup::new(installed).work(&asked, &given));
        Octez { endpoint, orders }
    }

    fn order(&self, order: Order) {
        let (done, told) = channel();
        self.orders.send((order, done)).unwrap();
        told.recv().unwrap();
    }

    /// A deposit waits for the next level.
    pub fn deposit(&self, to: Tz4Address, ticket: &Ticket, amount: u64) {
        self.deposit_for(&to.to_string(), ticket, amount);
    }

    /// The same for a receiver who may be none.
    pub fn deposit_for(&self, to: &str, ticket: &Ticket, amount: u64) {
        let payload = deposit::encode(to, ticket, &amount.into());
        self.call(&payload, ticket.ticketer);
    }

    /// A contract's call waits for the next level.
    pub fn call(&self, payload: &[u8], contract: Kt1Address) {
        self.call_by(payload, contract, Source { curve: 0, hash: [0; 20] });
    }

    /// The same in an operation that this account signed.
    pub fn call_by(&self, payload: &[u8], contract: Kt1Address, source: Source) {
        let source = [&[source.curve][..], &source.hash].concat();
        let call = [&[0, 0], payload, &contract.0, &source, &ROLLUP.0].concat();
        self.order(Order::Call(call));
    }

    pub fn bake(&self, levels: u32) {
        (0..levels).for_each(|_| self.order(Order::Bake));
    }

    /// The levels after this one are taken back, and the node has nothing of them any more.
    pub fn revert(&self, level: i32) {
        self.order(Order::Revert(level));
    }

    /// A message waits that came from another node.
    pub fn send(&self, payload: &[u8]) {
        self.order(Order::Send(payload.to_vec()));
    }

    /// These are listed as not executed. Before that nothing is listed.
    pub fn lists(&self, pending: Value) {
        self.order(Order::List(pending));
    }

    /// The messages of levels up to this one are not shown; all are, if none is named.
    pub fn hides(&self, level: Option<i32>) {
        self.order(Order::Hide(level));
    }

    /// Nothing is known of levels up to this one any more; of all, if none is named.
    pub fn forgets(&self, level: Option<i32>) {
        self.order(Order::Forget(level));
    }

    /// Another chain begins, of the same rollup.
    pub fn restart(&self) {
        self.order(Order::Restart);
    }

    /// The next answer is this.
    pub fn says(&self, status: u16, body: &str) {
        self.order(Order::Say(status, body.to_owned()));
    }
}
