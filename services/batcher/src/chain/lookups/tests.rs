//! Look-ups over a node that answers slowly, wrongly or not at all.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;
use std::thread;

use encoding::Level;
use wallet::rpc::{Block, Node};
use wallet::state::BlockValues;

use super::*;
use crate::chain::{BlockState, Notes};

/// Longer than anything takes here, on any machine.
const LONG: Duration = Duration::from_secs(120);

/// A node whose answers these are. Each connection has a thread of its own.
fn node(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> BlockState {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, answer) = (stream.unwrap(), Arc::clone(&answer));
            thread::spawn(move || serve(&stream, &*answer));
        }
    });
    let node = Node::patient(&address.to_string(), LONG).unwrap();
    BlockState::new(node, Block { hash: "BL".to_owned(), level: Level(7) })
}

fn serve(mut stream: &TcpStream, answer: &dyn Fn(&str) -> String) {
    let mut lines = BufReader::new(stream).lines();
    while let Some(Ok(first)) = lines.next() {
        while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
        let body = answer(first.split(' ').nth(1).unwrap());
        let status = if body == "null" || body.starts_with('"') { "200 OK" } else { "500 X" };
        write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
            .unwrap();
    }
}

/// Work that needs values one after the other, and says what became of it.
struct Chain {
    state: BlockState,
    paths: Vec<String>,
    told: Sender<Result<usize, Away>>,
}

impl Resumable for Chain {
    fn go_on(&mut self) -> Vec<Question> {
        let notes = Notes::default();
        let state = self.state.noting(&notes);
        let mut size = 0;
        for path in &self.paths {
            let Some(more) = state.value(path.as_bytes(), |value| value.map_or(0, <[u8]>::len))
            else {
                return notes.take();
            };
            size += more;
        }
        self.told.send(Ok(size)).unwrap();
        Vec::new()
    }

    fn give_up(&mut self, away: &Away) {
        self.told.send(Err(away.clone())).unwrap();
    }

    fn transactions(&self) -> usize {
        3
    }
}

struct Setting {
    lookups: Arc<Lookups>,
    threads: Vec<JoinHandle<()>>,
    told: Receiver<Result<usize, Away>>,
    sender: Sender<Result<usize, Away>>,
}

impl Setting {
    fn new() -> Self {
        let lookups = Arc::<Lookups>::default();
        let resume = {
            let lookups = Arc::clone(&lookups);
            move |all: Vec<Resumed>| all.into_iter().for_each(|one| one.go_on(&lookups))
        };
        let threads = lookups.start(resume, || ()).unwrap();
        let (sender, told) = channel();
        Setting { lookups, threads, told, sender }
    }

    fn begin(&self, state: &BlockState, paths: &[&str], until: Instant) {
        let state = state.noting(&Notes::default());
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        let work = Box::new(Chain { state, paths, told: self.sender.clone() });
        Resumed { work, until, failure: None }.go_on(&self.lookups);
    }

    fn end(self) {
        self.lookups.end();
        self.threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
}

#[test]
fn as_many_questions_are_on_their_way_as_the_limit_says_and_each_is_asked_once() {
    // Nobody is answered before that many ask at the same time.
    let (barrier, asked) = (Barrier::new(LOOK_UPS_AT_ONCE), Arc::<AtomicUsize>::default());
    let counted = Arc::clone(&asked);
    let state = node(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        barrier.wait();
        "\"0102\"".to_owned()
    });
    let setting = Setting::new();
    let until = Instant::now() + LONG;
    let paths: Vec<String> = (0..LOOK_UPS_AT_ONCE).map(|number| format!("/{number}")).collect();
    // Three wait for each.
    for path in paths.iter().chain(&paths).chain(&paths) {
        setting.begin(&state, &[path], until);
    }
    for _ in 0..3 * LOOK_UPS_AT_ONCE {
        assert_eq!(setting.told.recv_timeout(LONG).unwrap(), Ok(2));
    }
    assert_eq!(asked.load(Ordering::SeqCst), LOOK_UPS_AT_ONCE);
    assert_eq!(setting.lookups.waiting(), (0, 0));
    setting.end();
}

#[test]
fn what_is_found_out_step_by_step_goes_on_until_nothing_is_missing() {
    let state = node(|path| if path.ends_with("none") { "null" } else { "\"ff\"" }.to_owned());
    let setting = Setting::new();
    setting.begin(&state, &["/a", "/none", "/b", "/a"], Instant::now() + LONG);
    assert_eq!(setting.told.recv_timeout(LONG).unwrap(), Ok(3));
    // A thread may wait for answers as well.
    let notes = Notes::default();
    assert_eq!(state.noting(&notes).value(b"/c", |_| ()), None);
    assert_eq!(setting.lookups.fetch(notes.take(), LONG), Ok(()));
    assert_eq!(state.noting(&notes).value(b"/c", |value| value == Some(&[0xff])), Some(true));
    assert_eq!(setting.lookups.fetch(Vec::new(), Duration::ZERO), Ok(()));
    setting.end();
}

#[test]
fn what_the_node_does_not_tell_is_given_up_with_its_reason_and_the_rest_goes_on() {
    let state = node(|path| if path.ends_with("bad") { "broken" } else { "\"ff\"" }.to_owned());
    let setting = Setting::new();
    let until = Instant::now() + LONG;
    setting.begin(&state, &["/bad"], until);
    let Err(Away(why)) = setting.told.recv_timeout(LONG).unwrap() else { panic!("it was told") };
    assert!(why.contains("broken"), "{why}");
    setting.begin(&state, &["/good"], until);
    assert_eq!(setting.told.recv_timeout(LONG).unwrap(), Ok(1));
    setting.end();
}

#[test]
fn a_node_that_says_nothing_holds_no_work_for_longer_than_its_time() {
    let state = node(|_| {
        thread::sleep(LONG);
        String::new()
    });
    let lookups = Arc::<Lookups>::default();
    let (sender, told) = channel();
    let setting = Setting { lookups, threads: Vec::new(), told, sender };
    let now = Instant::now();
    // Nobody asks: that is as a node that is never heard.
    setting.begin(&state, &["/a"], now + Duration::from_secs(5));
    setting.begin(&state, &["/a", "/b"], now + Duration::from_secs(7));
    assert_eq!(setting.lookups.waiting(), (2, 6));
    assert!(setting.lookups.overdue(now + Duration::from_secs(4)).is_empty());
    for (second, left) in [(5, (1, 3)), (7, (0, 0))] {
        let overdue = setting.lookups.overdue(now + Duration::from_secs(second));
        assert_eq!((overdue.len(), setting.lookups.waiting()), (1, left));
        overdue.into_iter().for_each(|one| one.go_on(&setting.lookups));
        assert_eq!(setting.told.try_recv().unwrap(), Err(too_late()));
    }
    // What nobody waits for any more is not asked.
    setting.begin(&state, &["/c"], now + LONG);
    assert!(setting.lookups.next().is_some_and(|question| {
        setting.lookups.answered(&question, Err(Away("no".to_owned()))).len() == 1
    }));
    // A thread that waits is let go as well.
    let notes = Notes::default();
    assert_eq!(state.noting(&notes).value(b"/d", |_| ()), None);
    let told = setting.lookups.fetch(notes.take(), Duration::from_millis(1));
    assert_eq!(told, Err(too_late()));
}
