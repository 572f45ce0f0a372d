//! Addresses for servers that are ended and started again in their place.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// Ports below those that systems give to whoever asks for any: nobody is given one while its server is away.
const FIRST: u16 = 20_100;
const COUNT: u16 = 12_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// An address that is free, and stays so while its server is away.
pub fn free_address() -> String {
    // Test binaries that run at the same time begin at different places.
    let begin = std::process::id().wrapping_mul(37);
    let address = |_| {
        let next = u32::from(NEXT.fetch_add(1, Ordering::SeqCst));
        let offset = begin.wrapping_add(next) % u32::from(COUNT);
        let port = FIRST + u16::try_from(offset).unwrap();
        let address = format!("127.0.0.1:{port}");
        TcpListener::bind(&address).is_ok().then_some(address)
    };
    (0..COUNT).find_map(address).expect("a free port")
}
