//! Where somebody has put a link in the place of a file that a command writes: nothing is written to what
//! the link leads to.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;

use crate::common::Folder;
use crate::common::sandbox::Sandbox;

const ROLLUP: &str = "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57";

/// Puts a link to somebody's file in a place, which may be in a folder that is not there yet.
fn link(folder: &Folder, place: &str) {
    folder.file("theirs", "precious");
    let place = folder.0.join(place);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    symlink(folder.0.join("theirs"), place).unwrap();
}

/// Whether a command has written a file in a place, and nothing through the link that was there.
fn replaced(folder: &Folder, place: &str) {
    let theirs = fs::read_to_string(folder.0.join("theirs")).unwrap();
    assert_eq!(theirs, "precious", "{place}");
    let found = folder.0.join(place).symlink_metadata().unwrap();
    assert!(found.is_file() && found.len() > 0, "{place}: {found:?}");
}

#[test]
fn what_a_command_writes_takes_the_place_of_a_link() {
    let folder = Folder::new("links-replaced");
    folder.file("inputs.json", "[[]]");
    folder.played(&["kernel", "write", "kernel.wasm"]);
    folder.played(&["run", "--inputs", "inputs.json", "--state", "s"]);
    for (place, args) in [
        ("k.wasm", &["kernel", "write", "k.wasm"][..]),
        (
            "pages/pages.json",
            &["kernel", "pages", "kernel.wasm", "--rollup", ROLLUP, "--out", "pages"],
        ),
        (
            "pages2/page-0000.hex",
            &["kernel", "pages", "kernel.wasm", "--rollup", ROLLUP, "--out", "pages2"],
        ),
        ("dist/installer.wasm", &["kernel", "install", "--out", "dist"]),
        ("dist2/installer.hex", &["kernel", "install", "--out", "dist2"]),
        ("man/toru.1", &["man", "--out", "man"]),
        ("profile/level-0.collapsed", &["run", "--inputs", "inputs.json", "--profile", "profile"]),
        ("profile2/flamegraph.svg", &["run", "--inputs", "inputs.json", "--profile", "profile2"]),
        ("export", &["state", "export", "s", "export"]),
    ] {
        link(&folder, place);
        folder.played(args);
        replaced(&folder, place);
    }
    // A name that could be guessed for what is not finished yet is used by nobody.
    let names = fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = names.filter(|name| name.to_string_lossy().contains(".new")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_must_be_new_is_refused_where_a_link_is() {
    let folder = Folder::new("links-refused");
    folder.file("inputs.json", "[[]]").file("password", "correct horse battery\n");
    folder.played(&["run", "--inputs", "inputs.json", "--state", "s"]);
    folder.played(&["state", "export", "s", "export"]);
    for (place, args) in [
        ("imported", &["state", "import", "imported", "export"][..]),
        ("k/alice.json", &["key", "new", "alice", "--keys", "k", "--password-file", "password"]),
    ] {
        link(&folder, place);
        folder.refused(args);
        assert_eq!(fs::read_to_string(folder.0.join("theirs")).unwrap(), "precious", "{place}");
        assert!(folder.0.join(place).is_symlink(), "{place}");
        // One that leads nowhere does not make a file there either.
        fs::remove_file(folder.0.join(place)).unwrap();
        symlink(folder.0.join("nowhere"), folder.0.join(place)).unwrap();
        folder.refused(args);
        assert!(!folder.0.join("nowhere").exists(), "{place}");
    }
}

#[test]
fn the_wallet_and_the_sandbox_write_through_no_link() {
    let folder = Folder::new("links-wallet");
    folder.file("password", "correct horse battery\n");
    let sandbox = Sandbox::start(&folder, &["--state", "sandbox"]);
    let user = sandbox.user(&folder);
    let craft = ["tx", "craft", "1", "demo", "dev0", "dev1", "--out"];
    link(&folder, "offer.json");
    user.refused(2, &[&craft[..], &["offer.json"]].concat());
    user.done(&[&craft[..], &["t.json"]].concat());
    let bytes = fs::read(folder.0.join("t.json")).unwrap();
    // The draft of before, by the name that it had.
    link(&folder, "t.json.new");
    user.done(&["tx", "sign", "t.json", "--key", "dev0", "--yes"]);
    assert!(fs::read(folder.0.join("t.json")).unwrap().len() > bytes.len());
    assert!(folder.0.join("t.json").symlink_metadata().unwrap().is_file());
    // The record of withdrawals is not added to what a link leads to.
    link(&folder, &format!("w/{ROLLUP}.jsonl"));
    let withdraw = ["withdraw", "1", "demo", "--from", "dev0", "--yes"];
    let contract = "--to=KT1UuCZfusSPmKYDZ9EiP3dafh3QzPDV8tZF%burn";
    let output = user.run(&[&withdraw[..], &[contract]].concat());
    assert_ne!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(fs::read_to_string(folder.0.join("theirs")).unwrap(), "precious");
    drop(sandbox);
    // The node's own records, made anew as it starts.
    for kind in ["queue", "layer1"] {
        fs::remove_file(folder.0.join(format!("sandbox.{kind}"))).unwrap();
        link(&folder, &format!("sandbox.{kind}.new"));
    }
    let sandbox = Sandbox::start(&folder, &["--state", "sandbox"]);
    sandbox.mine(1);
    assert_eq!(fs::read_to_string(folder.0.join("theirs")).unwrap(), "precious");
}
