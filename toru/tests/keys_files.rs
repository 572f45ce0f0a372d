//! The files of keys and their folder, as `toru key` finds and leaves them: damaged, made by others, readable by their
//! owner alone.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::common::Folder;
use crate::common::keys::{BLSK, PASSWORD, TZ4, done, json, key, refused, with_alice};
use serde_json::Value;

#[test]
fn a_file_that_is_damaged() {
    let folder = with_alice("keys-damaged");
    let path = folder.0.join("k/alice.json");
    let whole = fs::read_to_string(&path).unwrap();
    let hint = "hint: put a copy of the file in its place, or remove it and import the key again\n";
    folder.file("k/bob.json", &whole[..whole.len() / 2]);
    let error = refused(&folder, &["show", "bob"], "");
    assert!(error.starts_with("error: k/bob.json: not a key file: EOF while parsing"), "{error}");
    assert!(error.ends_with(hint) && error.lines().count() == 2, "{error}");

    let output = key(&folder, &["list"], "");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("alice  {TZ4}\n"));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), error, "the good ones are listed");

    done(&folder, &["rm", "bob", "--yes"], "");
    assert!(!folder.0.join("k/bob.json").exists(), "what is damaged can be removed");

    // What counts is the name of the file.
    folder.file("k/carol.json", &whole);
    assert!(done(&folder, &["show", "carol"], "").starts_with("name        carol\n"));
    done(&folder, &["rm", "carol", "--yes"], "");
    folder.file("k/alice.json", whole.replace("\"version\": 4", "\"version\": 5"));
    assert_eq!(
        refused(&folder, &["show", "alice"], ""),
        format!("error: k/alice.json: a key file of version 5 (expected 4)\n{hint}")
    );
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_secret() {
    let folder = with_alice("keys-marks");
    folder.file("marked", format!("\u{feff}{PASSWORD}\r\n"));
    let export = ["export", "alice", "--format", "BLsk", "--yes"];
    let with_file = [&export[..], &["--password-file", "marked"]].concat();
    assert_eq!(done(&folder, &with_file, ""), format!("{BLSK}\n"));
    assert_eq!(done(&folder, &export, &format!("\u{feff}{PASSWORD}\n")), format!("{BLSK}\n"));
    let lines = format!("\u{feff}{BLSK}\n{PASSWORD}\n");
    done(&folder, &["import", "bob", "--octez"], &lines);
    assert!(done(&folder, &["list"], "").contains(&format!("bob    {TZ4}\n")));
}

#[test]
fn a_file_of_another_opens_without_what_it_does_not_need() {
    let folder = with_alice("keys-of-others");
    let whole = json(&fs::read_to_string(folder.0.join("k/alice.json")).unwrap());
    let mut other = whole.clone();
    for field in ["pubkey", "path", "tz4"] {
        other.as_object_mut().unwrap().remove(field);
    }
    other["name"] = Value::Null;
    other["description"] = Value::Null;
    folder.file("k/other.json", other.to_string());
    let export = ["export", "other", "--format", "BLsk", "--yes", "--password-file", "p"];
    assert_eq!(done(&folder, &export, ""), format!("{BLSK}\n"));
    let unknown = "not known: the file has no public key";
    assert_eq!(done(&folder, &["list"], ""), format!("alice  {TZ4}\nother  {unknown}\n"));
    let shown = done(&folder, &["show", "other"], "");
    assert_eq!(
        shown,
        format!("name        other\naccount     {unknown}\nfile        k/other.json\n")
    );
    let shown = json(&done(&folder, &["show", "other", "--json"], ""));
    assert_eq!((&shown["tz4"], &shown["public_key"]), (&Value::Null, &Value::Null));

    let mut named = whole;
    named["name"] = "my validator".into();
    named["path"] = Value::Null;
    folder.file("k/named.json", named.to_string());
    let shown = json(&done(&folder, &["show", "named", "--json"], ""));
    assert_eq!((&shown["tz4"], &shown["name"]), (&TZ4.into(), &"named".into()));
}

#[cfg(unix)]
#[test]
fn the_owner_alone_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = with_alice("keys-modes");
    let mode =
        |path: &str| fs::metadata(folder.0.join(path)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode("k"), mode("k/alice.json")), (0o700, 0o600));
}

#[test]
fn the_folder_is_that_of_a_users_data() {
    let folder = Folder::new("keys-folder");
    let home = folder.0.join("home");
    let listed = |variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_toru"));
        command.args(["key", "new", "a", "--json"]).env_remove("XDG_DATA_HOME").env_remove("HOME");
        command.envs(variables.iter().copied()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(b"password\n");
        child.wait_with_output().unwrap()
    };
    let home = home.to_str().unwrap();
    let data = format!("{home}/data");
    for (variables, expected) in [
        (&[("HOME", home)][..], format!("{home}/.local/share/toru/keys/a.json")),
        (&[("HOME", home), ("XDG_DATA_HOME", &data)], format!("{data}/toru/keys/a.json")),
    ] {
        let output = listed(variables);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(json(&String::from_utf8(output.stdout).unwrap())["file"], *expected);
    }
    let output = listed(&[("HOME", "relative")]);
    let error = &json(&String::from_utf8(output.stdout).unwrap())["error"];
    assert_eq!(
        error["message"],
        "there is no folder for keys: neither XDG_DATA_HOME nor HOME is an absolute path"
    );
    assert_eq!(error["hint"], "--keys names a folder");
}
