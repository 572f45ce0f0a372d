//! `toru run --state` and `toru state`: a rollup that is kept goes on as one that was never put away,
//! and whatever file is named, the answer is one line.

use std::fs;

use crate::common::Folder;
use serde_json::Value;

const TWO: &str = r#"[[{"external": "00aa"}], [{"payload": "Pair \"x\" 0x00"}, {"external": ""}]]"#;
const FOUR: &str = r#"[[{"external": "00aa"}], [{"payload": "Pair \"x\" 0x00"}, {"external": ""}],
    [{"external": "00aa"}], [{"payload": "Pair \"x\" 0x00"}, {"external": ""}]]"#;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Two levels, kept in `s`.
fn kept(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.file("two.json", TWO).file("four.json", FOUR);
    folder.played(&["run", "--state", "s", "--inputs", "two.json"]);
    folder
}

#[test]
fn levels_go_on_as_if_they_had_been_played_at_once() {
    for options in [&[][..], &["--native"], &["--accept-v1"]] {
        let folder = Folder::new("state-goes-on");
        folder.file("two.json", TWO).file("four.json", FOUR);
        let first = [&["run", "--state", "s", "--inputs", "two.json", "--json"], options].concat();
        let first = json(&folder.played(&first));
        let rest = ["run", "--state", "s", "--inputs", "two.json", "--json"];
        let rest = json(&folder.played(&rest));
        let whole = [&["run", "--inputs", "four.json", "--json"], options].concat();
        let whole = json(&folder.played(&whole));
        let levels = |run: &Value| run["levels"].as_array().unwrap().clone();
        assert_eq!([levels(&first), levels(&rest)].concat(), levels(&whole));
        assert_eq!(rest["durable"], whole["durable"]);
    }
}

#[test]
fn it_shows_goes_back_names_and_forgets() {
    let folder = kept("state-commands");
    let text = folder.played(&["state", "show", "s"]);
    for expected in
        ["sr163Lv22CdE8QagCwf48PWDTquk6isQwv57", "next level  2", "level -1", "│     1 ┆"]
    {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    let shown = json(&folder.played(&["state", "snapshot", "s", "here", "--json"]));
    assert_eq!(shown["snapshots"], serde_json::json!({"here": 1}));
    assert_eq!((&shown["last"], &shown["next_level"]), (&1.into(), &2.into()));
    assert_eq!(shown["levels"].as_array().unwrap().len(), 2);
    assert_eq!(shown["levels"][1]["messages"], 2);
    folder.played(&["run", "--state", "s", "--inputs", "two.json"]);

    let shown = json(&folder.played(&["state", "revert", "s", "here", "--json"]));
    assert_eq!((&shown["last"], &shown["oldest"]), (&1.into(), &(-1).into()));
    assert_eq!(
        folder.refused(&["state", "revert", "s", "-1"]),
        "error: s: the snapshot \"here\" of level 1 is in the way\n\
         hint: toru state snapshot FILE NAME --forget forgets it\n"
    );
    let shown = json(&folder.played(&["state", "prune", "s", "1", "--json"]));
    assert_eq!((&shown["oldest"], &shown["last"]), (&0.into(), &1.into()));
    folder.played(&["state", "snapshot", "s", "here", "--forget"]);
    let shown = json(&folder.played(&["state", "revert", "s", "0", "--json"]));
    assert_eq!((&shown["last"], &shown["next_level"]), (&0.into(), &1.into()));
}

#[test]
fn an_export_is_the_same_rollup_elsewhere() {
    let folder = kept("state-export");
    folder.played(&["state", "export", "s", "e"]);
    folder.played(&["state", "import", "t", "e"]);
    folder.played(&["state", "export", "t", "f"]);
    let [e, f] = ["e", "f"].map(|name| fs::read(folder.0.join(name)).unwrap());
    assert!(e == f, "the export of the import differs");
    let run = |file| folder.played(&["run", "--state", file, "--inputs", "two.json", "--json"]);
    assert_eq!(run("s"), run("t"));

    for (file, bytes, expected) in [
        ("cut", &e[..e.len() / 2], "the export is cut off after "),
        ("long", &[&e[..], b"x"].concat(), "the export has bytes after its end, at "),
        ("text", b"some text", "not an export of a store"),
        ("changed", &[&e[..99], &[!e[99]], &e[100..]].concat(), "the export is "),
    ] {
        folder.file(file, bytes);
        let error = folder.refused(&["state", "import", "new", file]);
        assert!(error.starts_with(&format!("error: {file}: {expected}")), "{error}");
        assert!(
            error.ends_with("\nhint: toru state export writes what can be imported\n"),
            "{error}"
        );
        assert!(!folder.0.join("new").exists());
    }
}

#[test]
fn every_refusal_is_a_line_and_a_hint() {
    let folder = kept("state-refused");
    folder.file("text", "this is no state at all").file("empty", "");
    folder.played(&["state", "export", "s", "e"]);
    let makes = "hint: toru run --state makes a state where there is no file\n";
    for (args, expected) in [
        (
            &["state", "show", "no"][..],
            "error: no: cannot open the store: No such file or directory\n".to_owned(),
        ),
        (
            &["state", "show", "text"],
            format!("error: text: not a store: it does not begin as one\n{makes}"),
        ),
        (
            &["state", "show", "empty"],
            format!("error: empty: not a store: it is too short\n{makes}"),
        ),
        (
            &["run", "--state", ".", "--inputs", "two.json"],
            format!("error: .: not a store: it is no ordinary file\n{makes}"),
        ),
        (
            &["state", "revert", "s", "9"],
            "error: s: level 9 is not kept: the store has those from -1 to 1\n\
             hint: toru state show says what there is\n"
                .to_owned(),
        ),
        (
            &["state", "revert", "s", "nowhere"],
            "error: s: there is no snapshot \"nowhere\"\n\
             hint: toru state show says what there is\n"
                .to_owned(),
        ),
        (
            &["state", "snapshot", "s", "7"],
            "error: s: \"7\" is no name of a snapshot: a letter, then letters, digits, '.', '_' or \
             '-', at most 64 in all\n"
                .to_owned(),
        ),
        (
            &["state", "import", "s", "e"],
            "error: s: there is a file already\nhint: give another name, or delete that file\n"
                .to_owned(),
        ),
        (
            &["state", "export", "s", "no/e"],
            "error: cannot write no/e: No such file or directory\n".to_owned(),
        ),
        (
            &["run", "--state", "no/s", "--inputs", "two.json"],
            "error: no/s: cannot make the store: No such file or directory\n".to_owned(),
        ),
        (
            &["run", "--state", "s", "--inputs", "two.json", "--accept-v1"],
            "error: --accept-v1 is for a new rollup, and --state names one that is kept\n\
             hint: leave out --accept-v1, or name a file that is not there\n"
                .to_owned(),
        ),
        (
            &["run", "--state", "s", "--inputs", "two.json", "--native"],
            "error: s: the store is of another rollup: its kernel is in its storage, not a \
             program\nhint: leave the option out, or name another file\n"
                .to_owned(),
        ),
    ] {
        assert_eq!(folder.refused(args), expected, "{args:?}");
    }
    let open = store::Store::open(&folder.0.join("s")).unwrap();
    assert_eq!(
        folder.refused(&["state", "show", "s"]),
        "error: s: the store is in use by another process\n\
         hint: wait until it has ended, or stop it\n"
    );
    drop(open);
}

#[test]
fn no_damage_makes_it_panic() {
    let folder = kept("state-damaged");
    let good = fs::read(folder.0.join("s")).unwrap();
    let mut refused = 0;
    for i in 0..60 {
        let at = good.len() * i / 60;
        let mut bytes = good.clone();
        if i % 2 == 0 {
            bytes.truncate(at);
        } else {
            bytes[at..].iter_mut().take(64).for_each(|byte| *byte ^= 0xa5);
        }
        folder.file("s", &bytes);
        let output = folder.toru(&["state", "show", "s"]);
        let error = String::from_utf8(output.stderr).unwrap();
        match output.status.code() {
            Some(0) => assert!(error.is_empty(), "{at}: {error}"),
            Some(2) => {
                assert!(error.starts_with("error: s: ") && error.lines().count() <= 2, "{error}");
                refused += 1;
            }
            other => panic!("{at}: {other:?} {error}"),
        }
    }
    assert!(refused > 20, "{refused}");
}

/// Sends what it is sent to the outbox.
fn echo() -> Vec<u8> {
    wat::parse_str(
        r#"(module
          (import "smart_rollup_core" "read_input" (func $read (param i32 i32 i32) (result i32)))
          (import "smart_rollup_core" "write_output" (func $write (param i32 i32) (result i32)))
          (memory (export "mem") 1)
          (func (export "kernel_run") (local $n i32)
            (loop $next
              (local.set $n (call $read (i32.const 100) (i32.const 200) (i32.const 4096)))
              (if (local.get $n) (then
                (if (i32.load8_u (i32.const 200)) (then
                  (drop (call $write (i32.const 200) (local.get $n)))))
                (br $next))))))"#,
    )
    .unwrap()
}

/// A rollup of that kernel with five levels, the third of which has two messages.
fn echoed(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.file("k.wasm", echo()).file(
        "i.json",
        r#"[[], [{"external": "aa"}], [{"external": "bb"}, {"external": "cc"}], [], []]"#,
    );
    folder
}

#[test]
fn a_message_is_proven_and_whatever_else_is_refused() {
    let folder = echoed("state-proofs");
    let run = ["run", "--kernel", "k.wasm", "--state", "s", "--inputs", "i.json", "--json"];
    let run = json(&folder.played(&run));
    let shown = json(&folder.played(&["state", "show", "s", "--json"]));
    let hashes = |of: &Value| -> Vec<Value> {
        of["levels"].as_array().unwrap().iter().map(|one| one["state_hash"].clone()).collect()
    };
    assert_eq!(hashes(&run), hashes(&shown));
    assert_eq!(shown["levels"][4]["tick"], 500_000_000_000_000_u64);
    assert_eq!(shown["state_hash"], shown["levels"][4]["state_hash"]);

    let prove = ["state", "prove", "s", "--level", "2", "--index", "1", "--commitment-period", "2"];
    let proof = folder.played(&[&prove[..], &["--json"]].concat());
    folder.file("p", &proof);
    let proof = json(&proof);
    // Commitments are made after the levels -1, 1 and 3, and the last has level 2 in it.
    assert_eq!(proof["state_level"], 3);
    assert_eq!(proof["state_hash"], shown["levels"][3]["state_hash"]);
    assert_eq!(proof["commitment"]["compressed_state"], proof["state_hash"]);
    assert_eq!(proof["commitment"]["number_of_ticks"], "200000000000000");
    assert_eq!(proof["message"], "01cc");
    let commitment = proof["commitment"]["hash"].as_str().unwrap();
    let state = proof["state_hash"].as_str().unwrap();
    for against in [["--commitment", commitment], ["--state", state]] {
        let told = folder.played(&[&["state", "verify", "p"], &against[..]].concat());
        assert!(
            told.starts_with("good: message 1 of the outbox of level 2 is in the state "),
            "{told}"
        );
        assert!(told.ends_with("\nmessage     01cc\n"), "{told}");
    }

    // The hash of another commitment, a proof of another state, a message that was changed.
    let other = layer1::hashes::COMMITMENT.text(&[7; 32]);
    let first = shown["levels"][0]["state_hash"].as_str().unwrap();
    for against in [["--commitment", &other], ["--state", first]] {
        let args = [&["state", "verify", "p"], &against[..]].concat();
        let error = folder.refused_with(3, &args);
        assert!(error.starts_with("error: p: layer 1 would refuse the proof: "), "{error}");
    }
    let bytes = proof["proof"].as_str().unwrap();
    let changed = proof.to_string().replace(bytes, &format!("{}dd", &bytes[..bytes.len() - 2]));
    folder.file("q", &changed);
    let error = folder.refused_with(3, &["state", "verify", "q", "--commitment", commitment]);
    assert!(error.contains("the message of the state is another one"), "{error}");
    let cut = proof.to_string().replace(bytes, &bytes[..300]);
    folder.file("q", &cut);
    let error = folder.refused(&["state", "verify", "q", "--commitment", commitment]);
    assert!(error.starts_with("error: q: the proof ends at byte 150, in "), "{error}");
    // What is written beside the proof has to be what it proves.
    let said: [(&str, Value, &str); 3] = [
        ("message_index", 0.into(), "1"),
        ("outbox_level", 3.into(), "2"),
        ("message", "01cd".into(), "01cc"),
    ];
    for (name, said, is) in said {
        let mut changed = proof.clone();
        changed[name] = said;
        folder.file("q", changed.to_string());
        let error = folder.refused_with(3, &["state", "verify", "q", "--state", state]);
        let expected = format!("the file's \"{name}\" is ");
        assert!(
            error.contains(&expected) && error.contains(&format!("the proof's {is}")),
            "{error}"
        );
    }
    // What a node answers has no commitment, but its hash.
    folder.file("q", format!(r#"{{"commitment": "{commitment}", "proof": "{bytes}"}}"#));
    folder.played(&["state", "verify", "q", "--state", state]);
    let error = folder.refused(&["state", "verify", "q", "--commitment", commitment]);
    assert!(error.contains("it has no commitment"), "{error}");

    for (args, expected) in [
        (
            ["--level", "2", "--index", "2"],
            "the outbox of level 2 has 2 messages, and none of index 2",
        ),
        (
            ["--level", "7", "--index", "0"],
            "the state has no outbox of level 7: it has those of 0 to 4",
        ),
    ] {
        let error = folder.refused(&[&["state", "prove", "s"], &args[..]].concat());
        assert!(error.starts_with(&format!("error: s: {expected}\n")), "{error}");
    }
    let late = [&["state", "prove", "s", "--level", "4", "--index", "0"], &prove[7..]].concat();
    let error = folder.refused(&late);
    assert!(error.contains("no commitment with level 4 in it can be made"), "{error}");
}

#[test]
fn all_of_a_state_is_checked() {
    let folder = echoed("state-check");
    folder.played(&["run", "--kernel", "k.wasm", "--state", "s", "--inputs", "i.json"]);
    let told = folder.played(&["state", "verify", "s"]);
    assert!(told.starts_with("good: all 6 states from level -1 to level 4 "), "{told}");
    let told = json(&folder.played(&["state", "verify", "s", "--json"]));
    assert_eq!((&told["levels"], &told["hashes"]), (&5.into(), &6.into()));
}
