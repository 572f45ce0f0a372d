//! Serves the filled index for somebody to look at.

use std::time::Duration;

use crate::filling::Filled;
use crate::visitor::explorer;

#[test]
#[ignore = "serves for as long as TORU_LOOK_SECONDS says, at the port TORU_LOOK_PORT"]
fn serves_for_a_look() {
    let said = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u16>().ok());
    let (port, seconds) =
        (said("TORU_LOOK_PORT").unwrap_or(0), said("TORU_LOOK_SECONDS").unwrap_or(1));
    let filled = Filled::new();
    let listener = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    let running = web::Running::start(listener, explorer(&filled.store), explorer::SITE).unwrap();
    std::thread::sleep(Duration::from_secs(seconds.into()));
    running.end().unwrap();
}
