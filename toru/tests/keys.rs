//! `toru key` as a user runs it: what is kept, what is refused in which words, and that no secret is in
//! any output that was not asked for it.

use std::fs;

use crate::common::Folder;
use crate::common::keys::{
    BLESK, BLPK, BLSK, OPENED, PASSPHRASE, PASSWORD, TZ4, done, json, key, refused, with_alice,
};
use serde_json::Value;

#[test]
fn a_new_key_is_listed_shown_and_removed() {
    let folder = Folder::new("keys-new");
    folder.file("p", PASSWORD);
    assert_eq!(done(&folder, &["list"], ""), "");
    let made = json(&done(&folder, &["new", "bob", "--json", "--password-file", "p"], ""));
    let other = json(&done(&folder, &["new", "carol", "--json"], PASSWORD));
    assert_ne!(made["tz4"], other["tz4"]);
    let tz4 = made["tz4"].as_str().unwrap();
    assert!(tz4.starts_with("tz4") && tz4.len() == 36, "{tz4}");
    assert_eq!(made["path"], Value::Null);

    let list = done(&folder, &["list"], "");
    assert_eq!(list, format!("bob    {tz4}\ncarol  {}\n", other["tz4"].as_str().unwrap()));
    let all = json(&done(&folder, &["list", "--json"], ""));
    assert_eq!(all, serde_json::json!({"keys": [made, other]}));
    assert_eq!(json(&done(&folder, &["show", "bob", "--json"], "")), made);

    let error = refused(&folder, &["rm", "bob"], "yes\n");
    assert_eq!(
        error,
        "error: removing a key has to be confirmed\nhint: --yes says so beforehand\n"
    );
    assert_eq!(done(&folder, &["rm", "bob", "--yes"], ""), "");
    let missing = "error: there is no key bob\nhint: toru key list says what there is\n";
    assert_eq!(refused(&folder, &["show", "bob"], ""), missing);
    assert_eq!(refused(&folder, &["rm", "bob", "--yes"], ""), missing);
}

#[test]
fn keys_come_from_octez_and_go_there() {
    let folder = with_alice("keys-octez");
    let plain = ["export", "alice", "--format", "BLsk"];
    let yes = [&plain[..], &["--yes", "--password-file", "p"]].concat();
    assert_eq!(done(&folder, &yes, ""), format!("{BLSK}\n"));
    assert_eq!(
        refused(&folder, &plain, &format!("{PASSWORD}\n")),
        "error: a plain secret has to be confirmed\nhint: --yes says so beforehand\n"
    );

    let sealed = done(
        &folder,
        &["export", "alice", "--format", "BLesk"],
        &format!("{PASSWORD}\nanother passphrase\n"),
    );
    assert!(sealed.starts_with("BLesk") && sealed.len() == 89, "{sealed}");
    let again = json(&done(
        &folder,
        &["import", "again", "--octez", "--json"],
        &format!("encrypted:{sealed}another passphrase\n{PASSWORD}\n"),
    ));
    assert_eq!((&again["tz4"], &again["public_key"]), (&TZ4.into(), &BLPK.into()));

    let theirs = format!("{BLESK}\n{PASSPHRASE}\n");
    done(&folder, &["import", "theirs", "--octez", "--password-file", "p"], &theirs);
    let opened = ["export", "theirs", "--format", "BLsk", "--yes", "--password-file", "p"];
    assert_eq!(done(&folder, &opened, ""), format!("{OPENED}\n"));
    assert_eq!(
        refused(&folder, &["import", "x", "--octez"], &format!("{BLESK}\nahThie5h\n")),
        "error: the BLesk: wrong passphrase\n"
    );
}

#[test]
fn words_make_the_same_key_again() {
    let folder = Folder::new("keys-words");
    folder.file("p", PASSWORD);
    let made =
        json(&done(&folder, &["new", "one", "--words", "--json", "--password-file", "p"], ""));
    assert_eq!(made["path"], "m/12381/1729/0/0");
    let words = made["words"].as_str().unwrap();
    assert_eq!(words.split(' ').count(), 24);
    let import = ["import", "two", "--mnemonic", "--json", "--password-file", "p"];
    let again = json(&done(&folder, &import, words));
    assert_eq!(again["tz4"], made["tz4"]);
    assert_eq!(again.get("words"), None);
    let import = ["import", "three", "--mnemonic", "--account", "1", "--json"];
    let other = json(&done(&folder, &import, &format!("{words}\n{PASSWORD}\n")));
    assert_eq!(other["path"], "m/12381/1729/1/0");
    assert_ne!(other["tz4"], made["tz4"]);
    // Nothing of them is kept.
    let file = fs::read_to_string(folder.0.join("k/one.json")).unwrap();
    // One or two may be words of the format, such as "version".
    let kept = words.split(' ').filter(|word| word.len() > 5 && file.contains(word)).count();
    assert!(kept < 4, "{file}");

    let text = done(&folder, &["new", "four", "--words", "--password-file", "p"], "");
    let (_, shown) = text.split_once("has the key:\n\n").unwrap();
    assert_eq!(shown.split_whitespace().count(), 24, "{text}");
    for (words, expected) in [
        ("abandon about", "error: the words: 2 words (expected 12, 15, 18, 21 or 24)\n"),
        (
            &words.replacen(' ', " zzz", 1),
            "error: the words: word 2 is not in the list of BIP-39\n",
        ),
    ] {
        assert_eq!(refused(&folder, &["import", "x", "--mnemonic"], words), expected);
    }
}

#[test]
fn what_is_refused() {
    let folder = with_alice("keys-refused");
    folder
        .file("empty", "\n")
        .file("none", "")
        .file("bytes", b"\xff\n")
        .file("long", "x".repeat(5000));
    let usage = |command: &str| {
        format!(
            "hint: usage: toru key {command} [OPTIONS] <NAME>; toru key {command} --help says more\n"
        )
    };
    let (new_usage, show_usage) = (usage("new"), usage("show"));
    let lines = "hint: where standard input is no terminal, every secret is a line of it, but for \
                 the password with --password-file\n";
    let octez = "hint: octez-client show address NAME --show-secret prints it\n";
    let bad_name = "not a name (expected a letter, then letters, digits, '_' or '-', at most 64 in \
                    all)";
    folder.file("utf16", b"\xff\xfep\0w\0\n\0");
    let empty = "error: the password is empty (control characters do not count)\n";
    let sandbox = |name: &str| {
        format!(
            "error: {name} is an account of every sandbox, whose key everybody knows\n\
             hint: give another name\n"
        )
    };
    let other_case = "error: there is a key alice already, whose name differs in upper and lower \
                      case alone\nhint: give another name\n";
    for (args, input, expected) in [
        (
            &["new", "alice"][..],
            PASSWORD,
            "error: there is a key alice already\n\
             hint: give another name, or remove it first: toru key rm NAME\n"
                .to_owned(),
        ),
        (
            &["new", "../alice"],
            PASSWORD,
            format!("error: invalid value '../alice' for '<NAME>': {bad_name}\n{new_usage}"),
        ),
        (
            &["show", "a/b"],
            "",
            format!("error: invalid value 'a/b' for '<NAME>': {bad_name}\n{show_usage}"),
        ),
        (&["new", "x"], "\n", empty.to_owned()),
        (&["new", "x"], "\t\u{7f}\r\n", empty.to_owned()),
        (&["new", "x"], "\u{feff}\n", empty.to_owned()),
        (&["new", "x"], "\u{85}\u{1}\n", empty.to_owned()),
        (
            &["export", "alice", "--format", "BLesk"],
            "a very secret password\n\t\u{1f}\n",
            "error: the passphrase for the BLesk is empty (control characters do not count)\n"
                .to_owned(),
        ),
        (&["import", "x", "--octez"], &format!("{BLSK}\n\u{0}\u{b}\n"), empty.to_owned()),
        (&["new", "dev0"], PASSWORD, sandbox("dev0")),
        (&["new", "dev9", "--words"], PASSWORD, sandbox("dev9")),
        (&["new", "DEV3"], PASSWORD, sandbox("DEV3")),
        (&["import", "dev07", "--octez"], BLSK, sandbox("dev07")),
        (&["import", "Dev1", "--mnemonic"], BLSK, sandbox("Dev1")),
        (&["new", "bootstrap1"], PASSWORD, sandbox("bootstrap1")),
        (&["import", "Bootstrap5", "--octez"], BLSK, sandbox("Bootstrap5")),
        (&["new", "Alice"], PASSWORD, other_case.to_owned()),
        (&["import", "ALICE", "--octez"], BLSK, other_case.to_owned()),
        (&["import", "aLICE", "--mnemonic"], BLSK, other_case.to_owned()),
        (&["new", "x"], "", format!("error: there is no line with the password\n{lines}")),
        (&["new", "x", "--password-file", "empty"], "", empty.to_owned()),
        (
            &["new", "x", "--password-file", "none"],
            "",
            format!("error: there is no line with the password\n{lines}"),
        ),
        (
            &["new", "x", "--password-file", "bytes"],
            "",
            "error: the line with the password: expected UTF-8 text\n".to_owned(),
        ),
        (
            &["new", "x", "--password-file", "utf16"],
            "",
            "error: the line with the password: the text is UTF-16 (expected UTF-8: save it as \
             that)\n"
                .to_owned(),
        ),
        (
            &["new", "x", "--password-file", "long"],
            "",
            "error: the line with the password has more than 4096 bytes\n".to_owned(),
        ),
        (
            &["new", "x", "--password-file", "gone"],
            "",
            "error: cannot read gone: No such file or directory\n".to_owned(),
        ),
        (
            &["import", "x", "--octez"],
            &BLSK.replace("Guy", "Guz"),
            format!("error: the secret key has a wrong checksum: a character is mistyped\n{octez}"),
        ),
        (
            &["import", "x", "--octez"],
            "edsk3gUf",
            format!("error: the secret key does not begin with BLsk\n{octez}"),
        ),
        (
            &["export", "alice", "--format", "BLesk"],
            "another password\n",
            "error: k/alice.json: wrong password\nhint: the file is as it was: try again\n"
                .to_owned(),
        ),
    ] {
        assert_eq!(refused(&folder, args, input), expected, "{args:?}");
    }
    let neither = refused(&folder, &["import", "x"], BLSK);
    assert!(neither.starts_with("error: the following required arguments"), "{neither}");
    assert_eq!(done(&folder, &["list"], ""), format!("alice  {TZ4}\n"), "nothing was kept");
}

#[test]
fn no_secret_is_in_any_output() {
    let folder = with_alice("keys-no-secret");
    let secret = bs58::decode(BLSK).with_check(None).into_vec().unwrap();
    let little_endian = hex::encode(&secret[4..]);
    let big_endian = hex::encode(secret[4..].iter().rev().copied().collect::<Vec<_>>());
    let mistyped = BLSK.replace("Guy", "Guz");
    let hidden = [BLSK, &BLSK[4..], &mistyped, PASSWORD, PASSPHRASE, &little_endian, &big_endian];
    let file = fs::read_to_string(folder.0.join("k/alice.json")).unwrap();
    let mut seen = vec![("the file".to_owned(), file)];
    let sealed = format!("{BLESK}\n{PASSPHRASE}\n{PASSWORD}\n");
    for (args, input) in [
        (&["list"][..], ""),
        (&["list", "--json"], ""),
        (&["show", "alice"], ""),
        (&["show", "alice", "--json"], ""),
        (&["new", "bob", "--json"], PASSWORD),
        (&["import", "carol", "--octez", "--json"], &sealed),
        (&["import", "dan", "--octez"], &mistyped),
        (&["import", "dan", "--octez"], PASSWORD),
        (&["import", "dan", "--mnemonic"], PASSWORD),
        (&["import", "dan", "--mnemonic"], BLSK),
        (&["export", "alice", "--format", "BLsk"], PASSWORD),
        (&["export", "alice", "--format", "BLesk"], PASSPHRASE),
        (&["export", "alice", "--format", "BLesk"], &format!("{PASSWORD}\n{PASSPHRASE}\n")),
    ] {
        let output = key(&folder, args, input);
        let text = [output.stdout, output.stderr].concat();
        seen.push((format!("{args:?}"), String::from_utf8(text).unwrap()));
    }
    for (what, text) in seen {
        for secret in hidden {
            assert!(!text.contains(secret), "{what}: {text}");
        }
    }
}
