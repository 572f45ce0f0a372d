//! `toru key` as tests run it, with Octez's keys.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

use super::Folder;
use serde_json::Value;

/// Octez's first key vector.
pub const BLSK: &str = "BLsk1eGhiPQXKtvvkBeXzmtVVJs6KPhEF45drF7MLjoCDcSnTGuyjL";
pub const BLPK: &str =
    "BLpk1ur5XXicWYMMzCVZZWyLZhybtyX8Zot2uCzDCZW8KcC5BdZiLVXRZvZzi4GuZYL9SarUvKpE";
pub const TZ4: &str = "tz4TFJdv9Jd44FtBMAxi3KQT7AtazhVyaPa6";
/// Octez's first encrypted key, its passphrase, and the key.
pub const BLESK: &str = "BLesk1ExnCaFxVcGFvKFQrPs2AADo2KpukB6bhA8SLASRzZ58uqvSNUNyzdNdya5NPgE1BAFwcN3wty\
                     Fv76r1GJ9";
pub const PASSPHRASE: &str = "ahThie5H";
pub const OPENED: &str = "BLsk1o1S8oAG76r3o3aJr1gbVhNdDnAMsdy1yMfwHLWwUHfAeyEXHV";
pub const PASSWORD: &str = "a very secret password";

/// Runs `toru key … --keys k` with these lines on standard input.
pub fn key(folder: &Folder, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_toru"))
        .arg("key")
        .args(args)
        .args(["--keys", "k"])
        .current_dir(&folder.0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Whoever is refused before anything is read closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// Expects success; returns what is on stdout.
pub fn done(folder: &Folder, args: &[&str], input: &str) -> String {
    let output = key(folder, args, input);
    assert!(output.status.success() && output.stderr.is_empty(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Expects a refusal; returns what is on stderr.
pub fn refused(folder: &Folder, args: &[&str], input: &str) -> String {
    let output = key(folder, args, input);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {output:?}");
    assert!(output.stdout.is_empty(), "{args:?}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}

pub fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A folder with Octez's key as alice, under [`PASSWORD`], which is in the file `p` too.
pub fn with_alice(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.file("p", format!("{PASSWORD}\n"));
    let text = done(&folder, &["import", "alice", "--octez"], &format!("{BLSK}\n{PASSWORD}\n"));
    assert_eq!(
        text,
        format!(
            "name        alice\naccount     {TZ4}\npublic key  {BLPK}\nfile        k/alice.json\n"
        )
    );
    folder
}
