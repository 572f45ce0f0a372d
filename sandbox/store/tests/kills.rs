//! A process that plays levels on a store is killed again and again, wherever it happens to be. What
//! is kept in the end is what a process that was never killed keeps, to the byte.
//!
//! `TORU_KILLS` says how often; 50 times unless it does.

mod common;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use common::{Change, Folder, config, messages, pvm};
use pvm::{Pvm, Status};
use store::{KeptState, Store};

/// Names the folder of the store to a child.
const FOLDER: &str = "TORU_KILLED_FOLDER";

/// Levels that the store has in common with no kill before it.
const LEVELS_AT_THE_END: i32 = 20;

/// Every so many levels there is a snapshot.
const SNAPSHOT_EVERY: i32 = 37;

/// Numbers that look random, and are the same again for the same seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u32) -> u32 {
        // The high half of a linear congruence is good enough here.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        u32::try_from(self.0 >> 33).unwrap() % bound
    }

    /// The same, for lengths.
    fn length(&mut self, bound: u32) -> usize {
        usize::try_from(self.below(bound)).unwrap()
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }
}

/// What a level is made of: it writes, copies, moves and deletes a lot, sends, and traps at times.
fn changes(level: i32) -> Vec<Change> {
    let mut numbers = Numbers(u64::try_from(level).unwrap() * 977 + 5);
    let mut changes = Vec::new();
    let folder = |n: &mut Numbers| format!("/{}", ["a", "b", "c", "d"][n.length(4)]);
    for _ in 0..numbers.below(25) + 5 {
        let path = format!("{}/{}", folder(&mut numbers), numbers.below(30));
        let bytes = vec![numbers.byte(); numbers.length(1_500)];
        changes.push(match numbers.below(12) {
            0 => Change::Delete(path),
            1 => Change::Move(path, format!("/e/{}", numbers.below(9))),
            2 => Change::Copy(folder(&mut numbers), format!("/f/{}", numbers.below(3))),
            3 => Change::Move(folder(&mut numbers), folder(&mut numbers)),
            4 | 5 => Change::Output(bytes),
            6 => Change::Write("/long".to_owned(), numbers.below(20) * 1_000, bytes),
            _ => Change::Write(path, 0, bytes),
        });
    }
    if numbers.below(9) == 0 {
        changes.extend([Change::Reboot, Change::Trap]);
    }
    changes
}

/// Where a child is: a letter, and the level it is about.
fn mark(marks: &File, letter: u8, level: i32) {
    let [a, b, c, d] = level.to_le_bytes();
    marks.write_all_at(&[letter, a, b, c, d], 0).unwrap();
}

fn marked(path: &Path) -> (char, i32) {
    match fs::read(path).unwrap_or_default()[..] {
        [letter, a, b, c, d] => (letter.into(), i32::from_le_bytes([a, b, c, d])),
        _ => ('-', 0),
    }
}

fn open_or_create(path: &Path) -> (Store, Pvm) {
    if path.exists() {
        let store = Store::open(path).unwrap();
        let pvm = Pvm::resume_wasm(&store.state(), config());
        (store, pvm)
    } else {
        let pvm = pvm();
        (Store::create(path, &pvm).unwrap(), pvm)
    }
}

/// Names the state if it is one to be named, and is not yet.
fn name(store: &mut Store) {
    let last = store.last();
    let name = format!("level-{last}");
    if last % SNAPSHOT_EVERY == 0 && store.level_of(KeptState::Snapshot(&name)).is_err() {
        store.snapshot(&name).unwrap();
    }
}

fn run_level(store: &mut Store, pvm: &mut Pvm, told: impl Fn(u8, i32)) {
    let level = pvm.level();
    told(b'r', level);
    let inbox = messages(&changes(level));
    let report = pvm.run_level(&inbox).unwrap();
    told(b'c', level);
    store.commit(pvm, &report, &inbox).unwrap();
    told(b'i', level);
    name(store);
}

#[test]
#[ignore = "the other test starts it, in a process of its own, and kills it"]
fn child() {
    let folder = std::env::var_os(FOLDER).expect("the folder of the store");
    let folder = Path::new(&folder);
    let marks = File::create(folder.join("marks")).unwrap();
    mark(&marks, b'o', 0);
    let (mut store, mut pvm) = open_or_create(&folder.join("store"));
    name(&mut store);
    mark(&marks, b'i', store.last());
    loop {
        run_level(&mut store, &mut pvm, |letter, level| mark(&marks, letter, level));
    }
}

fn start(folder: &Folder) -> Child {
    let _ = fs::remove_file(folder.path("marks"));
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored"])
        .env(FOLDER, &folder.0)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// Waits until a child has opened its store.
fn opened(child: &mut Child, folder: &Folder) {
    let begun = Instant::now();
    while matches!(marked(&folder.path("marks")).0, '-' | 'o') {
        assert!(begun.elapsed() < Duration::from_secs(300), "a child does not get to work");
        assert!(child.try_wait().unwrap().is_none(), "a child ends by itself");
        sleep(Duration::from_micros(200));
    }
}

#[test]
fn what_is_kept_survives_being_killed() {
    let kills = std::env::var("TORU_KILLS").map_or(50, |text| text.parse().unwrap());
    let folder = Folder::new("kills");
    let path = folder.path("store");
    let mut numbers = Numbers(u64::from(std::process::id()));
    let mut fell: BTreeMap<&str, u32> = BTreeMap::new();
    for kill in 0..kills {
        let mut child = start(&folder);
        // Most fall when it is at work; some while it still opens or makes the store.
        if numbers.below(5) > 0 {
            opened(&mut child, &folder);
        }
        sleep(Duration::from_micros(numbers.below(25_000).into()));
        assert!(child.try_wait().unwrap().is_none(), "a child ends by itself");
        child.kill().unwrap();
        child.wait().unwrap();
        let (letter, level) = marked(&folder.path("marks"));
        if !path.exists() {
            *fell.entry("before there was a store").or_default() += 1;
            continue;
        }
        let store = Store::open(&path).unwrap();
        let last = store.last();
        let moment = match letter {
            '-' => "before the store was opened",
            'o' => "while the store was opened",
            'r' => "while a level was played",
            'c' if last == level => "in a commit that is kept",
            'c' => "in a commit that is not kept",
            'i' => "between levels",
            other => panic!("a mark {other}"),
        };
        match letter {
            'r' => assert_eq!(last, level - 1, "kill {kill}"),
            'c' => assert!(last == level || last == level - 1, "kill {kill}: {last} {level}"),
            'i' => assert_eq!(last, level, "kill {kill}"),
            _ => {}
        }
        *fell.entry(moment).or_default() += 1;
    }

    let (mut store, mut machine) = open_or_create(&path);
    name(&mut store);
    for _ in 0..LEVELS_AT_THE_END {
        run_level(&mut store, &mut machine, |_, _| ());
    }
    store.verify().unwrap();

    // The same without a kill: in a store, and in memory alone.
    let mut straight = pvm();
    let mut whole = Store::create(&folder.path("whole"), &straight).unwrap();
    let mut memory = pvm();
    while whole.last() < store.last() {
        run_level(&mut whole, &mut straight, |_, _| ());
        let level = memory.level();
        let report = memory.run_level(&messages(&changes(level))).unwrap();
        assert_eq!(store.outbox(level).unwrap(), report.outbox, "level {level}");
        assert_eq!(report.status, Status::Running);
    }
    assert_eq!(store.durable(), memory.durable());
    assert_eq!(store.levels(..).unwrap(), whole.levels(..).unwrap());
    let exported = |store: &Store| {
        let mut bytes = Vec::new();
        store.export(&mut bytes).unwrap();
        bytes
    };
    assert!(exported(&store) == exported(&whole), "the exports differ");
    println!("{kills} kills over {} levels:", store.last() - 100);
    for (moment, count) in fell {
        println!("{count:>6} {moment}");
    }
}
