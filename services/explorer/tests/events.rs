//! No change is missed by an open page: not one that comes before its stream, nor one while that is made anew.

use std::io::{BufRead, BufReader, Lines, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use explorer::{SITE, router};

use crate::common::World;
use crate::live::options;
use crate::visitor::{get, get_with};

/// How long a stream says nothing that has nothing to say.
const SILENT: Duration = Duration::from_millis(700);

/// The pages of a world, served.
struct Pages {
    pages: Router,
    address: SocketAddr,
    _running: web::Running,
}

impl Pages {
    fn of(world: &World) -> Self {
        let pages = router(options(world, &world.octez.endpoint));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let running = web::Running::start(listener, pages.clone(), SITE).unwrap();
        Pages { pages, address, _running: running }
    }

    /// The address of events that a page names, and what it says that it has seen.
    fn page(&self) -> (String, u64) {
        let page = get(&self.pages, "/levels").body;
        let of = |name: &str| {
            let (_, rest) = page.split_once(&format!("{name}=\"")).unwrap();
            rest.split('"').next().unwrap().to_owned()
        };
        let (events, seen) = (of("sse-connect"), of("data-seen"));
        assert_eq!(events, format!("/events?seen={seen}"));
        (events, seen.parse().unwrap())
    }

    fn open(&self, path: &str, headers: &str) -> Events {
        let mut stream = TcpStream::connect(self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        assert_eq!(first, "HTTP/1.1 200 OK");
        assert!(lines.by_ref().map(Result::unwrap).any(|line| line.is_empty()));
        Events { stream, lines }
    }
}

struct Events {
    stream: TcpStream,
    lines: Lines<BufReader<TcpStream>>,
}

impl Events {
    /// The next change that is told.
    fn next(&mut self) -> u64 {
        let mut lines = self.lines.by_ref().map(Result::unwrap);
        lines.find_map(|line| line.strip_prefix("id: ")?.parse().ok()).unwrap()
    }

    /// Whether nothing is told for a while.
    fn is_silent(&mut self) -> bool {
        self.stream.set_read_timeout(Some(SILENT)).unwrap();
        let silent = !self.lines.by_ref().map_while(Result::ok).any(|line| line.starts_with("id:"));
        self.stream.set_read_timeout(None).unwrap();
        silent
    }
}

#[test]
fn a_level_between_a_page_and_its_stream_is_told_at_once() {
    let world = World::new();
    let served = Pages::of(&world);
    let (path, seen) = served.page();
    world.bake();
    let told = served.open(&path, "").next();
    assert_ne!(told, seen);
    // The page as it is then has seen it, and is told nothing.
    let (path, seen) = served.page();
    assert_eq!(told, seen);
    let mut events = served.open(&path, "");
    assert!(events.is_silent());
    world.bake();
    assert_eq!(events.next(), served.page().1);
}

#[test]
fn a_stream_that_is_made_anew_begins_where_the_last_one_ended() {
    let world = World::new();
    let served = Pages::of(&world);
    let (path, _) = served.page();
    world.bake();
    let last = served.open(&path, "").next();
    let anew = format!("Last-Event-ID: {last}\r\n");
    // The query is still that of the page as it was made first.
    assert!(served.open(&path, &anew).is_silent());
    world.bake();
    let told = served.open(&path, &anew).next();
    assert_eq!(told, served.page().1);
    // What is no event of this process is not the last one.
    for other in ["7", "x", "18446744073709551615"] {
        assert_eq!(served.open(&path, &format!("Last-Event-ID: {other}\r\n")).next(), told);
    }
}

#[test]
fn of_levels_that_come_fast_the_last_one_is_told() {
    let world = World::new();
    let served = Pages::of(&world);
    let mut events = served.open(&served.page().0, "");
    for _ in 0..4 {
        world.bake();
    }
    let last = served.page().1;
    while events.next() != last {}
    assert!(events.is_silent());
}

#[test]
fn another_process_at_the_same_address_has_told_nothing() {
    let world = World::new();
    let (first, second) = (Pages::of(&world), Pages::of(&world));
    // Both have seen as many changes.
    let (path, seen) = first.page();
    assert_ne!(second.open(&path, "").next(), seen);
}

#[test]
fn what_is_no_request_for_events_is_refused() {
    let world = World::new();
    let served = Pages::of(&world);
    for query in ["?seen=", "?seen=-1", "?seen=x", "?seen=%ff", "?seen=1&seen=1", "?x=1"] {
        let answer = get(&served.pages, &format!("/events{query}"));
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
    let posted = get_with(&served.pages, "POST", "/events", &[]);
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
    // Nothing is kept for who asks what there would be.
    for _ in 0..2 * explorer::limits::STREAMS_PER_ADDRESS {
        let answer = get_with(&served.pages, "HEAD", "/events", &[]);
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
    }
}
