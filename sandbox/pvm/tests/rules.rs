//! The rules for kernels: each is kept by good modules and named when a module breaks it.

use crate::common::{assemble, kernel};
use pvm::{HostFn, Rule, check, check_stripped, strip};

/// The rules a module breaks, and all that is said about it.
fn broken(text: &str) -> (Vec<Rule>, String) {
    let violations = check(&assemble(text)).unwrap_err();
    let mut rules: Vec<_> = violations.iter().map(|violation| violation.rule).collect();
    rules.dedup();
    (rules, violations.iter().map(|violation| format!("{violation}\n")).collect())
}

/// A module that would be good but for this.
fn with(part: &str) -> String {
    format!(r#"(module {part} (memory (export "m") 1) (func (export "kernel_run")))"#)
}

#[track_caller]
fn expect(text: &str, rule: Rule, says: &str) {
    let (rules, said) = broken(text);
    assert_eq!(rules, [rule], "{said}");
    assert!(said.contains(says), "{said:?} does not say {says:?}");
}

#[test]
fn a_good_kernel_and_its_report() {
    let report = check(&kernel("")).unwrap();
    assert!(report.imports.iter().copied().eq(HostFn::ALL.iter().copied().filter(|f| !f.is_nds())));
    assert_eq!(report.exports, ["mem", "kernel_run"]);
    assert_eq!(report.memory_export, "mem");
    assert_eq!((report.memory_pages, report.memory_pages_max), (1, None));
    assert_eq!((report.functions, report.data_bytes), (4, 28));
    assert_eq!(report.size, kernel("").len());
    assert!(!check_stripped(&report).is_empty(), "wat writes names");
    assert!(Rule::ALL.iter().all(|rule| rule.statement().ends_with('.')));

    let bare = check(&assemble(&with(""))).unwrap();
    assert_eq!(check_stripped(&bare), []);
    // Integer SIMD, bulk memory, sign extension, references.
    check(&assemble(&with(
        "(table 1 funcref) (func (drop (i32x4.extract_lane 0 (v128.const i32x4 0 0 0 0)))
            (memory.copy (i32.const 0) (i32.const 0) (i32.const 0))
            (drop (i64.extend32_s (i64.const 0)))
            (drop (table.get 0 (i32.const 0))))",
    )))
    .unwrap();
}

#[test]
fn bytes_that_are_no_module() {
    for bytes in [&b""[..], b"junk", b"\0asm", b"\0asm\x0d\0\x01\0", b"(module)"] {
        let violations = check(bytes).unwrap_err();
        assert_eq!(violations[0].rule, Rule::Valid, "{bytes:?}");
    }
    // Whatever is cut off or flipped, there is an answer and no panic.
    let whole = kernel("(drop (call $count))");
    for i in 0..whole.len() {
        let _ = check(&whole[..i]);
        let mut flipped = whole.clone();
        flipped[i] ^= 0x41;
        let config = pvm::Config::default();
        let _ = pvm::Pvm::originate_wasm(&flipped, config);
    }
}

#[test]
fn features() {
    expect(&with("(func (result i32 i32) unreachable)"), Rule::Valid, "multi");
    expect(&with("(func $f (return_call $f))"), Rule::Valid, "tail");
    expect(&with("(memory 1)"), Rule::Valid, "memor");
}

#[test]
fn imports() {
    let import = |text: &str| with(&format!("(import {text})"));
    let wrong = import(r#""env" "read_input" (func)"#);
    expect(&wrong, Rule::Imports, "import env.read_input: the only module is smart_rollup_core");
    let wrong = import(r#""smart_rollup_core" "nds_store_read" (func)"#);
    expect(&wrong, Rule::Imports, "nds_store_read is declared () -> ()");
    let nds = import(r#""smart_rollup_core" "nds_registry_clear" (func (param i64) (result i32))"#);
    expect(&nds, Rule::Imports, "nds_registry_clear: the default node has none");
    let wrong = import(r#""smart_rollup_core" "store_set" (func)"#);
    expect(&wrong, Rule::Imports, "store_set: no such host function");
    let wrong = import(r#""smart_rollup_core" "store_has" (func (param i32) (result i64))"#);
    expect(&wrong, Rule::Imports, "declared (i32) -> (i64), but it is (i32, i32) -> (i32)");
    let wrong = import(r#""smart_rollup_core" "store_has" (global i32)"#);
    expect(&wrong, Rule::Imports, "no function");
}

#[test]
fn memory_and_entry_point() {
    let run = r#"(func (export "kernel_run"))"#;
    expect(&format!("(module {run})"), Rule::Memory, "0 memories");
    expect(&format!("(module (memory 1) {run})"), Rule::Memory, "not exported");
    let memory = r#"(memory (export "m") 1)"#;
    expect(&format!("(module {memory})"), Rule::EntryPoint, "no export kernel_run");
    let global = r#"(global (export "kernel_run") i32 (i32.const 0))"#;
    expect(&format!("(module {memory} {global})"), Rule::EntryPoint, "no function");
    let typed = r#"(func (export "kernel_run") (param i32))"#;
    expect(&format!("(module {memory} {typed})"), Rule::EntryPoint, "type (i32) -> ()");
    let (rules, _) = broken("(module)");
    assert_eq!(rules, [Rule::Memory, Rule::EntryPoint], "all rules are told at once");
}

#[test]
fn floats_are_found_wherever_they_hide() {
    for (part, says) in [
        ("(func $f (drop (f32.const 1)))", "function 0 (f) has f32.const at offset 0x"),
        ("(func (drop (i32.trunc_sat_f64_s (f64.const 1))))", "i32.trunc_sat_f64_s"),
        ("(func unreachable (drop (f64.add)))", "f64.add"),
        ("(func (drop (i32.reinterpret_f32 (unreachable))))", "i32.reinterpret_f32"),
        ("(func (drop (f32x4.add (v128.const i32x4 0 0 0 0) (unreachable))))", "f32x4.add"),
        ("(func (local f32))", "has a local of type f32"),
        ("(func (param f64))", "type 0 has f64 in it"),
        ("(global f32 (f32.const 0))", "global 0 is of type f32"),
        ("(func (drop (block (result f32) unreachable)))", "block (type f32)"),
        ("(func (drop (select (result f64) (unreachable))))", "select (type f64)"),
        ("(func (drop (f32.load (i32.const 0))))", "f32.load"),
    ] {
        expect(&with(part), Rule::NoFloats, says);
    }
    let many = with(&format!("(func {})", "(drop (f32.const 1))".repeat(100)));
    let (_, said) = broken(&many);
    assert_eq!(said.lines().count(), 21);
    assert!(said.contains("and 80 more"));
}

#[test]
fn start_functions_may_not_call_the_host() {
    let import = r#"(import "smart_rollup_core" "write_debug" (func $log (param i32 i32)))"#;
    let calls = "(call $log (i32.const 0) (i32.const 0))";
    expect(&with(&format!("{import} (func $s {calls}) (start $s)")), Rule::Start, "function 0");
    expect(
        &with(&format!("{import} (func $s (call $t)) (func $t {calls}) (start $s)")),
        Rule::Start,
        "may call imported function 0 (log)",
    );
    expect(
        &with(&format!(
            "{import} (type $t (func (param i32 i32))) (table 1 funcref) (elem (i32.const 0) $log)
            (func $s (call_indirect (type $t) (i32.const 0) (i32.const 0) (i32.const 0)))
            (start $s)"
        )),
        Rule::Start,
        "function 0",
    );
    check(&assemble(&with("(func $s) (start $s)"))).unwrap();
    check(&assemble(&with(&format!("{import} (func {calls}) (func $s) (start $s)")))).unwrap();
}

#[test]
fn names() {
    let long = "n".repeat(513);
    expect(&with(&format!("(func (export \"{long}\"))")), Rule::Names, "513 bytes");
    check(&assemble(&with(&format!("(func (export \"{}\"))", &long[1..])))).unwrap();
}

#[test]
fn limits_are_those_of_the_default_node() {
    let tables =
        |count: usize, entries: usize| with(&format!("(table {entries} funcref)").repeat(count));
    check(&assemble(&tables(100, 10))).unwrap();
    expect(&tables(101, 1), Rule::Limits, "101 tables (at most 100)");
    check(&assemble(&tables(1, 10_000_000))).unwrap();
    expect(&tables(1, 10_000_001), Rule::Limits, "table 0 has 10000001 entries");
    expect(&tables(1, 4_294_967_295), Rule::Limits, "table 0 has 4294967295 entries");

    let branches = |targets: usize| {
        let targets = "0 ".repeat(targets);
        with(&format!("(func $f (block (br_table {targets} 0 (i32.const 1))))"))
    };
    check(&assemble(&branches(131_072))).unwrap();
    expect(&branches(131_073), Rule::Limits, "function 0 (f) has a br_table of 131073 targets");

    // With those of memory and kernel_run.
    let exports = |count: usize| {
        let exports: String =
            (0..count).map(|i| format!(r#"(export "g{i}" (global 0))"#)).collect();
        with(&format!("(global i32 (i32.const 0)) {exports}"))
    };
    check(&assemble(&exports(99_997))).unwrap();
    expect(&exports(99_998), Rule::Limits, "types of its imports and exports add up to 100000");
    let (_, said) = broken(&exports(99_999));
    assert!(said.contains("100001 exports (at most 100000)"), "{said}");
    // A function counts for its parameters and results too.
    let functions: String = (0..10_000).map(|i| format!(r#"(export "f{i}" (func 0))"#)).collect();
    let wide = format!("(func (param i32 i32 i32 i32 i32 i32 i32 i32 i64)) {functions}");
    expect(&with(&wide), Rule::Limits, "add up to 100002 (below 100000)");
}

#[test]
fn stripping_leaves_out_what_nothing_needs() {
    let wasm = kernel("");
    let stripped = strip(&wasm);
    let report = check(&stripped).unwrap();
    assert_eq!(check_stripped(&report), []);
    assert!(stripped.len() < wasm.len());
    assert_eq!(strip(&stripped), stripped);
    // Wherever they stand; and what a kernel may read of itself stays.
    let custom = |name: &str, at: &str| format!("(@custom \"{name}\" ({at}) \"content\")");
    let with_custom = with(
        &[
            custom("producers", "before first"),
            custom("config", "after memory"),
            custom(".debug_info", "before code"),
            custom("name", "after last"),
            custom("config", "after last"),
        ]
        .concat(),
    );
    let without =
        with(&[custom("config", "after memory"), custom("config", "after last")].concat());
    let assembled = assemble(&with_custom);
    assert_eq!(check_stripped(&check(&assembled).unwrap()).len(), 3);
    assert_eq!(strip(&assembled), assemble(&without));
    assert_eq!(strip(b"junk"), b"junk");
    assert_eq!(strip(&wasm[..40]), &wasm[..40]);
}
