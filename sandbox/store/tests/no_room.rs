//! Where nothing can be written: that is said plainly, and what was kept stays kept.
#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use crate::common::{Change, Folder, config, messages, pvm};
use store::{Persistent, RunError, Store, StoreError};

/// Names the folder of the store to a child that may write only so much to a file.
const FOLDER: &str = "TORU_FULL_FOLDER";

/// How much that is, in the shell's blocks of 512 bytes (1,024 in some shells).
const BLOCKS: &str = "2000";

/// A level that takes much room.
fn large(level: i32) -> Vec<Vec<u8>> {
    let byte = u8::try_from(level % 251).unwrap();
    let changes: Vec<_> =
        (0..50).map(|i| Change::Write(format!("/{level}/{i}"), 0, vec![byte; 1_900])).collect();
    messages(&changes)
}

#[test]
#[ignore = "the other test starts it, in a process that may not write much"]
fn child() {
    let folder = std::env::var_os(FOLDER).expect("the folder of the store");
    let path = Path::new(&folder).join("store");
    let mut real = Persistent::create(&path, pvm()).unwrap();
    for _ in 0..1_000 {
        let before = real.pvm().snapshot();
        let level = real.pvm().level();
        let Err(error) = real.run_level(&large(level)) else { continue };
        assert!(matches!(error, RunError::Store(StoreError::Io { .. })), "{error:?}");
        assert!(error.to_string().contains("File too large"), "{error}");
        assert_eq!(real.pvm().durable(), before.durable());
        assert_eq!(real.pvm().level(), level);
        // It does not go on as if nothing had been.
        let error = real.run_level(&[]).unwrap_err();
        assert!(matches!(error, RunError::Store(StoreError::MustReopen)), "{error:?}");
        drop(real);
        println!("full at level {level}");
        return;
    }
    panic!("there is room for everything");
}

#[test]
fn a_full_disk_is_said_and_leaves_the_state_of_before() {
    let folder = Folder::new("full");
    // With the signal ignored, the system answers with an error, as it does where a disk is full.
    let script = format!(
        "trap '' XFSZ; ulimit -f {BLOCKS}; exec \"$0\" --exact no_room::child --ignored --nocapture"
    );
    let output = Command::new("sh")
        .args(["-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env(FOLDER, &folder.0)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let level = text.lines().find_map(|line| line.split_once("full at level "));
    let level: i32 = level.unwrap().1.parse().unwrap();

    let store = Store::open(&folder.path("store")).unwrap();
    assert_eq!(store.last(), level - 1);
    assert!(level > 101, "some levels found room");
    store.verify().unwrap();
    // With room again, it goes on, and comes to what it would have come to.
    let mut real = Persistent::resume_wasm(store, config()).unwrap();
    let mut straight = pvm();
    for level in 101..level {
        straight.run_level(&large(level)).unwrap();
    }
    real.run_level(&large(level)).unwrap();
    straight.run_level(&large(level)).unwrap();
    assert_eq!(real.store().durable(), straight.durable());
}

#[test]
fn where_no_file_can_be_made_none_is() {
    let folder = Folder::new("nowhere");
    std::fs::write(folder.path("file"), "").unwrap();
    // A folder that is not there, one that is a file, and one where not even root may write.
    for path in [folder.path("no/store"), folder.path("file/store"), "/proc/store".into()] {
        let error = Store::create(&path, &pvm()).unwrap_err();
        assert!(matches!(error, StoreError::Io { action: "make the store", .. }), "{error:?}");
    }
    assert_eq!(folder.names(), ["file"]);
}

#[test]
fn a_kernel_that_doubles_its_tree_for_ever_is_stopped_and_the_state_is_whole() {
    let folder = Folder::in_memory("doubling");
    let mut real = Persistent::create(&folder.path("store"), pvm()).unwrap();
    real.run_level(&messages(&[Change::Write("/a/x".to_owned(), 0, vec![1])])).unwrap();
    let before = real.pvm().durable().clone();
    // Each pair of copies makes two of what was there: 2^30 values for next to nothing.
    let changes: Vec<_> = (0..30)
        .flat_map(|_| [("/a", "/b/l"), ("/a", "/b/r"), ("/b", "/a")])
        .map(|(from, to)| match to {
            "/a" => Change::Move(from.to_owned(), to.to_owned()),
            _ => Change::Copy(from.to_owned(), to.to_owned()),
        })
        .collect();
    let error = real.run_level(&messages(&changes)).unwrap_err();
    assert!(matches!(error, RunError::Store(StoreError::TooMuch)), "{error:?}");
    assert!(*real.pvm().durable() == before && *real.store().durable() == before);
    assert_eq!(real.run_level(&[]).unwrap().level, 102);
    drop(real);
    let store = Store::open(&folder.path("store")).unwrap();
    assert_eq!(store.last(), 102);
    store.verify().unwrap();
}
