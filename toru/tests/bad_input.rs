//! What a user reads when an input is wrong: every error in one line, a hint where there is one,
//! nothing on stdout, exit code 2.

use crate::common::Folder;

#[test]
fn the_command_line() {
    let folder = Folder::new("usage");
    for (args, expected) in [
        (
            &["kernel"][..],
            "error: nothing to do: toru kernel has commands of its own\nhint: usage: toru kernel \
             [OPTIONS] <COMMAND>; toru kernel --help says more\n"
                .to_owned(),
        ),
        (
            &["rum"],
            "error: unrecognized subcommand 'rum'\nhint: a similar subcommand exists: 'run'; \
             usage: toru [OPTIONS] <COMMAND>; toru --help says more\n"
                .to_owned(),
        ),
        (
            &["kernel", "check"],
            "error: the following required arguments were not provided: <FILE.wasm>\n\
             hint: usage: toru kernel check [OPTIONS] <FILE.wasm>; toru kernel check --help says more\n"
                .to_owned(),
        ),
        (
            &["run", "--input", "x"],
            "error: unexpected argument '--input' found\n\
             hint: a similar argument exists: '--inputs'; usage: toru run [OPTIONS] \
             [KERNEL.wasm]; toru run --help says more\n"
                .to_owned(),
        ),
        (
            &["run", "--inputs", "x", "--native", "--kernel", "k.wasm"],
            "error: --native and --kernel exclude each other: only our own kernel runs natively\n\
             hint: leave out --native to run that kernel as WASM\n"
                .to_owned(),
        ),
        (
            &["run", "--inputs", "x", "--rollup", "sr1abc"],
            "error: --rollup: \"sr1abc\" has 6 characters (expected 36)\n".to_owned(),
        ),
        (
            &["run", "--inputs", "x", "--rollup", "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT"],
            "error: --rollup: \"KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT\" is not a rollup address \
             (expected sr1…, 36 characters)\n"
                .to_owned(),
        ),
        (
            &["run", "--inputs", "x", "--rollup", "sr163Lv22CdE8QagCwf48PWDTquk6isQwv58"],
            "error: --rollup: \"sr163Lv22CdE8QagCwf48PWDTquk6isQwv58\" has a wrong checksum: \
             a character is mistyped\n"
                .to_owned(),
        ),
    ] {
        assert_eq!(folder.refused(args), expected, "{args:?}");
    }
}

#[test]
fn the_version_is_no_error() {
    let folder = Folder::new("version");
    let version = concat!("toru ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(folder.played(&["-V"]), version);
    let engines = if cfg!(feature = "fast") { "wasmi, wasmtime" } else { "wasmi" };
    assert_eq!(folder.played(&["--version"]), format!("{version}engines: {engines}\n"));
}

#[test]
fn inputs_files() {
    let folder = Folder::new("inputs");
    let shape = "hint: two levels, the first with one message: [[{\"external\": \"00\"}], []]\n";
    for (content, expected) in [
        ("", "error: i.json: not JSON: EOF while parsing a value at line 1 column 0\n".to_owned()),
        (
            "[[]\n",
            "error: i.json: not JSON: EOF while parsing a list at line 2 column 0\n".to_owned(),
        ),
        ("[[]]]", "error: i.json: not JSON: trailing characters at line 1 column 5\n".to_owned()),
        ("{}", format!("error: i.json: expected an array of levels, found an object\n{shape}")),
        (
            r#"[{"external": "00"}]"#,
            format!(
                "error: i.json: level 0: expected an array of messages, found an object\n{shape}"
            ),
        ),
        (
            r#"[[], [{"payload": "Unit", "sender": "tz1abc"}]]"#,
            "error: i.json: level 1, message 0: \"sender\": \"tz1abc\" is not a contract address \
             (expected KT1…, 36 characters)\n"
                .to_owned(),
        ),
        (
            r#"[[{"external": "0g"}]]"#,
            "error: i.json: level 0, message 0: \"external\": expected hex digits, \
             found 'g' at character 2\n"
                .to_owned(),
        ),
        (
            r#"[[{"payload": "Pair \"x"}]]"#,
            "error: i.json: level 0, message 0: \"payload\": line 1, column 6: expected a closing \
             quote before the end of the line\n\
             hint: inside JSON, the quotes of a Michelson string are escaped: \
             \"payload\": \"Pair \\\"a\\\" 1\"\n"
                .to_owned(),
        ),
        (
            "[[{\"ext\\nernal\": \"00\"}]]",
            "error: i.json: level 0, message 0: unknown field \"ext\\nernal\" (expected payload, \
             sender, source, destination, external or serialized)\n"
                .to_owned(),
        ),
    ] {
        folder.file("i.json", content);
        assert_eq!(folder.refused(&["run", "--inputs", "i.json"]), expected, "{content}");
    }
    folder.file("i.json", b"[[\"\xff\"]]");
    let error = folder.refused(&["run", "--inputs", "i.json"]);
    assert!(error.starts_with("error: i.json: not JSON: invalid unicode code point"), "{error}");
    folder.file("i.json", "[".repeat(100_000));
    let error = folder.refused(&["run", "--inputs", "i.json"]);
    assert!(error.starts_with("error: i.json: not JSON: recursion limit exceeded"), "{error}");
}

#[test]
fn files_that_are_not_there() {
    let folder = Folder::new("missing");
    folder.file("i.json", "[]");
    for (args, expected) in [
        (
            &["run", "--inputs", "no.json"][..],
            "error: cannot read no.json: No such file or directory\n",
        ),
        (&["run", "--inputs", "."], "error: cannot read .: Is a directory\n"),
        (
            &["run", "--inputs", "i.json", "--setup", "no.yaml"],
            "error: cannot read no.yaml: No such file or directory\n",
        ),
        (
            &["run", "--inputs", "i.json", "--kernel", "no.wasm"],
            "error: cannot read no.wasm: No such file or directory\n",
        ),
        (
            &["run", "--inputs", "i.json", "--preimages", "no"],
            "error: cannot read no: No such file or directory\n",
        ),
        (
            &["run", "--inputs", "i.json", "--preimages", "i.json"],
            "error: cannot read i.json: Not a directory\n",
        ),
        (
            &["kernel", "check", "no.wasm"],
            "error: cannot read no.wasm: No such file or directory\n",
        ),
        (
            &["kernel", "write", "no/k.wasm"],
            "error: cannot write no/k.wasm: No such file or directory\n",
        ),
    ] {
        assert_eq!(folder.refused(args), expected, "{args:?}");
    }
}

#[test]
fn setup_files() {
    let folder = Folder::new("setup");
    folder.file("i.json", "[]");
    let shape = "hint: a setup file: \
                 {\"instructions\": [{\"set\": {\"value\": \"01\", \"to\": \"/path\"}}]}\n";
    for (content, expected) in [
        ("", format!("error: s.yaml: not a setup file: missing field `instructions`\n{shape}")),
        (
            "instructions: [{set: {value: '0', to: /a}}]",
            "error: s.yaml: instruction 0: \"value\": expected an even number of hex digits, \
             found 1\n"
                .to_owned(),
        ),
        (
            "instructions: [{set: {value: '', to: /readonly/a}}]",
            "error: s.yaml: instruction 0: \"to\": \"/readonly/a\" is read-only \
             (expected a path outside /readonly)\n"
                .to_owned(),
        ),
        (
            "instructions:\n- move: {from: /b, to: /a}",
            "error: s.yaml: instruction 0: \"move\" exists only in an installer kernel \
             (expected \"set\")\nhint: toru kernel install --setup takes it\n"
                .to_owned(),
        ),
    ] {
        folder.file("s.yaml", content);
        let args = ["run", "--inputs", "i.json", "--setup", "s.yaml"];
        assert_eq!(folder.refused(&args), expected, "{content}");
    }
}

#[test]
fn toru_alone_shows_where_to_begin() {
    let folder = Folder::new("begin");
    let text = folder.played(&[]);
    for line in ["toru dev ", "toru balance dev0", "toru send 5 demo dev0 dev1", "toru --help"] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn a_setup_that_breaks_our_kernels_state() {
    let folder = Folder::new("broken-state");
    folder.file("i.json", "[[]]");
    folder.file("s.yaml", "instructions: [{set: {value: '00', to: /toru/state/counts}}]");
    for options in [&[][..], &["--native"]] {
        let args = [&["run", "--inputs", "i.json", "--setup", "s.yaml"], options].concat();
        let error = folder.refused(&args);
        assert!(error.starts_with("error: the kernel's state cannot be read: "), "{error}");
        assert!(error.ends_with("\nhint: the setup writes into it\n"), "{error}");
    }
}
