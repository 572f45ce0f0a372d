//! Kernels that are lists of host calls with the answers they must get, for a range of versions.
//!
//! A call is a line: the function's name, then its arguments. `'text'` stands for two arguments,
//! where the text is in memory and how long it is; [`BUFFER`], `INFO` and `END` are addresses, and
//! `END` that of the first byte outside of memory; everything else is a number. Beside the host
//! functions there is `same ADDRESS 'text'`, which answers whether this text is at an address.

use pvm::{Config, HostFn, IMPORT_MODULE, LevelReport, Pvm, Version};
use std::collections::HashMap;
use std::fmt::Write;
use wasmparser::ValType;

/// Where the calls of a table may put things.
pub const BUFFER: i64 = 32_768;
/// Where they may put the place of an input.
const INFO: i64 = 30_000;
/// The size of the memory.
const END: i64 = 65_536;
/// Where texts are.
const TEXTS: usize = 1_024;

/// A call, and what it must answer.
pub type Row<'a> = (&'a str, i64);

/// The values that are in storage before a table is played.
pub const SETUP: &[(&str, &str)] = &[
    ("/v", "0123456789"),
    ("/empty", ""),
    ("/t/x", "x"),
    ("/t/y/z", "z"),
    ("/both", "b"),
    ("/both/c", "c"),
    ("/readonly/r", "r"),
];

/// The versions from one on.
pub fn since(first: Version) -> impl Iterator<Item = Version> {
    Version::ALL.into_iter().filter(move |version| *version >= first)
}

/// A configuration for a version.
pub fn config(version: Version) -> Config {
    Config { version, ..Config::default() }
}

/// Plays a table over [`SETUP`] for every version from one on.
#[track_caller]
pub fn check(first: Version, rows: &[Row<'_>]) {
    for version in since(first) {
        check_in(rows, config(version), &[]);
    }
}

/// Plays a table in one level, with these messages in its inbox.
#[track_caller]
pub fn check_in(rows: &[Row<'_>], config: Config, messages: &[Vec<u8>]) -> (Pvm, LevelReport) {
    let version = config.version;
    let mut pvm = originate(rows, config);
    let report = pvm.run_level(messages).unwrap();
    expect_answers(&pvm, rows, version);
    (pvm, report)
}

/// A PVM with a table for a kernel.
pub fn originate(rows: &[Row<'_>], config: Config) -> Pvm {
    let wasm = kernel(rows, config.version);
    let mut pvm = Pvm::originate_wasm(&wasm, config).unwrap();
    for (path, value) in SETUP {
        pvm.durable_mut().set(path, value.as_bytes()).unwrap();
    }
    pvm
}

/// Compares what the kernel of a table has written down with what it must have got.
#[track_caller]
pub fn expect_answers(pvm: &Pvm, rows: &[Row<'_>], version: Version) {
    let answers = pvm.durable().get("/answers").unwrap_or_default();
    for (i, (call, expected)) in rows.iter().enumerate() {
        let answer = answers.get(i * 8..i * 8 + 8).map(|bytes| bytes.try_into().unwrap());
        let answer = answer.map(i64::from_le_bytes);
        assert_eq!(answer, Some(*expected), "{call:?} in {version}, row {i}");
    }
    assert_eq!(answers.len(), rows.len() * 8, "{version}");
}

/// A module that makes the calls of a table, and appends each answer, as 64 bits, to `/answers`.
fn kernel(rows: &[Row<'_>], version: Version) -> Vec<u8> {
    let mut texts = Texts::default();
    let answers = texts.location("/answers");
    let mut body = String::new();
    for (i, (call, _)) in rows.iter().enumerate() {
        let (call, ty) = assemble_call(call, &mut texts);
        let long = match ty {
            Some(ValType::I64) => call,
            Some(_) => format!("(i64.extend_i32_s {call})"),
            None => format!("{call} (i64.const 0)"),
        };
        writeln!(
            body,
            "{long} (local.set $answer) (i64.store (i32.const 0) (local.get $answer))
            (drop (call $store_write {answers} (i32.const {}) (i32.const 0) (i32.const 8)))",
            i * 8
        )
        .unwrap();
    }
    let mut module = String::from("(module\n");
    for function in HostFn::of(version) {
        let name = function.name();
        if function.is_nds() && !body.contains(&format!("(call ${name} ")) {
            continue;
        }
        write!(module, "(import \"{IMPORT_MODULE}\" \"{name}\" (func ${name}").unwrap();
        function.params().iter().for_each(|ty| write!(module, " (param {ty})").unwrap());
        function.results().iter().for_each(|ty| write!(module, " (result {ty})").unwrap());
        module.push_str("))\n");
    }
    write!(
        module,
        r#"(memory (export "mem") 1) {}
        (func $same (param $a i32) (param $b i32) (param $n i32) (result i32)
            (loop $more
                (if (i32.eqz (local.get $n)) (then (return (i32.const 1))))
                (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                (br_if $more (i32.eq
                    (i32.load8_u (i32.add (local.get $a) (local.get $n)))
                    (i32.load8_u (i32.add (local.get $b) (local.get $n))))))
            (i32.const 0))
        (func (export "kernel_run") (local $answer i64) {body}))"#,
        texts.data()
    )
    .unwrap();
    crate::common::assemble(&module)
}

/// The texts of a table and where they are.
#[derive(Default)]
struct Texts {
    places: HashMap<String, usize>,
    all: Vec<(usize, String)>,
    used: usize,
}

impl Texts {
    /// The two arguments that stand for a text.
    fn location(&mut self, text: &str) -> String {
        let at = *self.places.entry(text.to_owned()).or_insert_with(|| {
            let at = TEXTS + self.used;
            self.used += text.len();
            self.all.push((at, text.to_owned()));
            at
        });
        assert!(at < 30_000 - text.len(), "too many texts");
        format!("(i32.const {at}) (i32.const {})", text.len())
    }

    fn data(&self) -> String {
        let escaped =
            |text: &str| -> String { text.bytes().map(|byte| format!("\\{byte:02x}")).collect() };
        let all = self.all.iter();
        all.map(|(at, text)| format!("(data (i32.const {at}) \"{}\")\n", escaped(text))).collect()
    }
}

/// A line as WAT, and the type of what it leaves on the stack.
fn assemble_call(line: &str, texts: &mut Texts) -> (String, Option<ValType>) {
    let mut words = line.split(' ');
    let name = words.next().unwrap();
    let (params, result): (&[ValType], _) = if name == "same" {
        (&[ValType::I32; 3], Some(ValType::I32))
    } else {
        let function = HostFn::from_name(name).unwrap();
        (function.params(), function.results().first().copied())
    };
    let mut types = params.iter();
    let mut text = format!("(call ${name} ");
    for word in words {
        if let Some(quoted) = word.strip_prefix('\'') {
            text.push_str(&texts.location(quoted.strip_suffix('\'').unwrap()));
            types.next();
            types.next();
        } else {
            let ty = types.next().unwrap();
            write!(text, "({ty}.const {}) ", number(word)).unwrap();
        }
    }
    assert_eq!(types.next(), None, "{line:?} has too few arguments");
    (text + ")", result)
}

/// A number, or an address with one added or taken away.
fn number(word: &str) -> i64 {
    for (name, address) in [("BUFFER", BUFFER), ("INFO", INFO), ("END", END)] {
        if let Some(offset) = word.strip_prefix(name) {
            return if offset.is_empty() { address } else { address + number(offset) };
        }
    }
    word.parse().unwrap()
}
