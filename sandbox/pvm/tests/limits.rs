//! What this engine or machine cannot do is said to be its own limit: never a trap of the PVM, never
//! stuck; and nothing has changed then.

use crate::common::assemble;
use pvm::{
    Config, EngineKind, EngineLimit, EngineOptions, LevelReport, ModuleError, Pvm, PvmError,
    Status, Version, WasmiEngine,
};

const MIB: usize = 1 << 20;

/// A module with one page of memory, these parts and this body of `kernel_run`.
fn module(parts: &str, body: &str) -> Vec<u8> {
    assemble(&format!(
        r#"(module (import "smart_rollup_core" "store_write"
                (func $write (param i32 i32 i32 i32 i32) (result i32)))
            (memory (export "m") 1) (data (i32.const 0) "/resulta")
            {parts} (func $run (export "kernel_run") {body}))"#
    ))
}

/// One that writes what this is, an `i32`, to `/result`.
fn result(parts: &str, value: &str) -> Vec<u8> {
    let write = "(drop (call $write (i32.const 0) (i32.const 7) (i32.const 0) (i32.const 16)
        (i32.const 4)))";
    module(parts, &format!("(i32.store (i32.const 16) {value}) {write}"))
}

/// Each engine of this build, with this limit of memory.
fn limited(megabytes: usize) -> impl Iterator<Item = (EngineKind, Config)> {
    let options = EngineOptions { memory_limit: megabytes * MIB, ..EngineOptions::default() };
    let built = EngineKind::ALL.into_iter().filter(|kind| kind.is_built());
    built.map(move |kind| {
        let engine = kind.engine(&options).unwrap();
        (kind, Config { engine, ..Config::default() })
    })
}

/// As much as a run may have unless told otherwise.
const DEFAULT: usize = pvm::MEMORY_LIMIT_DEFAULT_BYTES / MIB;

fn wasmi() -> Config {
    Config { engine: Box::new(WasmiEngine::default()), ..Config::default() }
}

fn run_level(wasm: &[u8], config: Config) -> (Pvm, Result<LevelReport, PvmError>) {
    let mut pvm = Pvm::originate_wasm(wasm, config).unwrap();
    let played = pvm.run_level(&[]);
    (pvm, played)
}

#[track_caller]
fn expect_result(wasm: &[u8], megabytes: usize, expected: i32) {
    for (kind, config) in limited(megabytes) {
        let (pvm, played) = run_level(wasm, config);
        assert_eq!(played.unwrap().first_trap(), None, "{kind}");
        let result = pvm.durable().get("/result");
        assert_eq!(result.as_deref(), Some(&expected.to_le_bytes()[..]), "{kind}");
    }
}

#[track_caller]
fn expect_limit(wasm: &[u8], megabytes: usize, expected: &EngineLimit) {
    for (kind, config) in limited(megabytes) {
        let (pvm, played) = run_level(wasm, config);
        let Err(PvmError::Limited(limit)) = played else { panic!("{kind}: {played:?}") };
        assert_eq!(limit, *expected, "{kind}");
        assert_eq!((pvm.level(), pvm.status()), (0, &Status::Running), "{kind}");
        assert_eq!(pvm.durable().get("/result"), None, "{kind}: what it wrote before is gone");
        assert_eq!(pvm.durable().get("/readonly/kernel/env/stuck"), None, "{kind}");
    }
}

/// A body with so many operands at once.
fn operands(one: &str, count: usize) -> String {
    format!("{} {}", one.repeat(count), "drop ".repeat(count))
}

/// Modules that the PVM can run, and that the interpreter cannot translate.
fn untranslatable() -> [(&'static str, Vec<u8>); 4] {
    let locals = |count: usize| format!("(local {})", "i32 ".repeat(count));
    [
        ("30,000 locals", module("", &locals(30_000))),
        ("as many as fit alone", module("", &locals(29_999))),
        ("65,536 operands", module("", &operands("memory.size ", 65_536))),
        ("a function that is never called", module(&format!("(func {})", locals(40_000)), "nop")),
    ]
}

#[test]
fn what_cannot_be_translated_is_refused_before_anything_runs() {
    for (name, wasm) in untranslatable() {
        let refused = Pvm::originate_wasm(&wasm, wasmi()).err();
        let Some(ModuleError::Engine(EngineLimit::Translation(_))) = refused else {
            panic!("{name}: {refused:?}")
        };
        assert!(pvm::check(&wasm).is_ok(), "{name}: a node takes it");
        let text = refused.unwrap().to_string();
        assert!(
            text.starts_with("this engine cannot translate the kernel, which the PVM could run")
        );

        let mut pvm = Pvm::originate_unchecked(&wasm, wasmi());
        for _ in 0..2 {
            let played = pvm.run_level(&[]);
            let Err(PvmError::Limited(EngineLimit::Translation(_))) = played else {
                panic!("{name}: {played:?}")
            };
            assert_eq!((pvm.level(), pvm.status()), (0, &Status::Running), "{name}");
        }
    }
}

#[test]
fn close_to_its_limits_the_engine_runs_a_module_or_refuses_it() {
    for one in ["i32.const 1 ", "memory.size "] {
        for count in [65_000, 65_500, 65_525, 65_530, 65_533, 65_535, 65_540] {
            match Pvm::originate_wasm(&module("", &operands(one, count)), wasmi()) {
                Err(ModuleError::Engine(EngineLimit::Translation(_))) => {}
                Err(other) => panic!("{one}{count}: {other}"),
                Ok(mut pvm) => match pvm.run_level(&[]) {
                    Ok(report) => {
                        assert_eq!(report.first_trap(), None, "{one}{count}");
                        assert_eq!(report.status, Status::Running, "{one}{count}");
                    }
                    Err(PvmError::Limited(_)) => {}
                    Err(other) => panic!("{one}{count}: {other}"),
                },
            }
        }
    }
}

#[test]
fn an_upgrade_that_cannot_be_translated_leaves_the_level_unplayed() {
    let (_, next) = untranslatable().into_iter().next().unwrap();
    let bytes: String = next.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let parts =
        format!(r#"(data (i32.const 100) "/kernel/boot.wasm") (data (i32.const 200) "{bytes}")"#);
    let write = format!(
        "(drop (call $write (i32.const 100) (i32.const 17) (i32.const 0) (i32.const 200)
            (i32.const {})))",
        next.len()
    );
    let mut pvm = Pvm::originate_wasm(&module(&parts, &write), wasmi()).unwrap();
    // Shorter than what was there, it is no module with its end.
    pvm.durable_mut().set("/kernel/boot.wasm", &next).unwrap();
    let before = pvm.durable().clone();
    let played = pvm.run_level(&[]);
    assert!(matches!(played, Err(PvmError::Limited(_))), "{played:?}");
    assert!(*pvm.durable() == before);
}

#[test]
fn memory_grows_up_to_the_limit_and_no_answer_is_made_up_beyond() {
    let grow = |pages: usize| format!("(memory.grow (i32.const {pages}))");
    // A page is there already.
    expect_result(&result("", &grow(159)), 10, 1);
    expect_limit(&result("", &grow(160)), 10, &EngineLimit::Memory { limit: 10 * MIB });
    expect_limit(
        &result("", &grow(65_535)),
        DEFAULT,
        &EngineLimit::Memory { limit: pvm::MEMORY_LIMIT_DEFAULT_BYTES },
    );
    // That a memory cannot grow beyond its own maximum, or beyond 4 GiB, is the PVM's answer.
    expect_result(&result("", &grow(65_536)), 10, -1);
    let bounded = assemble(
        r#"(module (import "smart_rollup_core" "store_write"
                (func $write (param i32 i32 i32 i32 i32) (result i32)))
            (memory (export "m") 1 2) (data (i32.const 0) "/result")
            (func (export "kernel_run")
                (i32.store (i32.const 16) (memory.grow (i32.const 1000)))
                (drop (call $write (i32.const 0) (i32.const 7) (i32.const 0) (i32.const 16)
                    (i32.const 4)))))"#,
    );
    expect_result(&bounded, 10, -1);
}

#[test]
fn a_memory_that_begins_beyond_the_limit_is_no_kernel_that_cannot_be_initialised() {
    let wasm = assemble(r#"(module (memory (export "m") 65536) (func (export "kernel_run")))"#);
    let limit = pvm::MEMORY_LIMIT_DEFAULT_BYTES;
    expect_limit(&wasm, DEFAULT, &EngineLimit::Memory { limit });
}

#[test]
fn tables_count_too() {
    let table = |entries: &str| format!("(table $t {entries} funcref)");
    let grow = |by: usize| format!("(table.grow $t (ref.null func) (i32.const {by}))");
    expect_result(&result(&table("5"), &grow(100_000)), 10, 5);
    let limit = EngineLimit::Memory { limit: 10 * MIB };
    expect_limit(&result(&table("5"), &grow(1_000_000)), 10, &limit);
    // Its own maximum is the PVM's answer.
    expect_result(&result(&table("5 10"), &grow(1_000_000)), 10, -1);
    // 4,294,967,295 entries, and a hundred tables of ten million.
    expect_limit(&result(&table("4294967295"), "(i32.const 1)"), 10, &limit);
    let many = "(table 10000000 funcref)".repeat(100);
    let limit = EngineLimit::Memory { limit: pvm::MEMORY_LIMIT_DEFAULT_BYTES };
    expect_limit(&result(&many, "(i32.const 1)"), DEFAULT, &limit);
}

#[test]
fn calls_that_fill_the_stack_are_told_from_too_many_calls() {
    // Calls whose many locals all live on while the next is open, so many of them: some 16 kB each.
    const LOCALS: usize = 2_000;
    let nested = |calls: usize| {
        let locals = "i64 ".repeat(LOCALS);
        let all = |each: &dyn Fn(usize) -> String| (1..=LOCALS).map(each).collect::<String>();
        let set =
            all(&|i| format!("(local.set {i} (i64.load offset={} (i32.const 0))) ", 1_000 + 8 * i));
        let sum = all(&|i| format!("(local.get {i}) i64.add "));
        let nested = format!(
            "(func $f (param i32) (result i64) (local {locals}) {set}
                (if (result i64) (local.get 0)
                    (then (call $f (i32.sub (local.get 0) (i32.const 1))))
                    (else (i64.const 7)))
                {sum})"
        );
        result(&nested, &format!("(i32.wrap_i64 (call $f (i32.const {calls})))"))
    };
    expect_result(&nested(100), DEFAULT, 7);
    let limit = EngineLimit::Stack { limit: 512 * MIB };
    expect_limit(&nested(59_000), DEFAULT, &limit);
    expect_limit(&nested(8_000), 64, &EngineLimit::Stack { limit: 64 * MIB });

    // Of such calls, V0 allows 299, for which there is room.
    for (kind, config) in limited(DEFAULT) {
        let config = Config { version: Version::V0, ..config };
        let (pvm, played) = run_level(&nested(400), config);
        assert!(matches!(played.unwrap().status, Status::Stuck(_)), "{kind}");
        assert!(matches!(pvm.status(), Status::Stuck(_)), "{kind}");
    }
}

#[test]
fn many_small_calls_are_the_pvms_own_limit() {
    for (kind, config) in limited(DEFAULT) {
        let wasm = module("", "(call $run)");
        let (_, played) = run_level(&wasm, config);
        let report = played.unwrap();
        assert!(matches!(report.status, Status::Stuck(_)), "{kind}: {report:?}");
        // The module has names.
        let stack = &report.runs[0].stack;
        assert_eq!((stack.len(), stack[0].as_str()), (33, "run"), "{kind}: {stack:?}");
        assert_eq!(stack[32], "and 59967 more", "{kind}");
    }
}

#[test]
fn the_last_call_that_may_be_made_is_made_and_the_next_is_not() {
    // Functions that call something and functions that do not, each as the innermost.
    let nested = |calls: usize, innermost: &str| {
        let parts = format!(
            "(func $leaf) (func $f (param i32)
                (if (local.get 0)
                    (then (call $f (i32.sub (local.get 0) (i32.const 1))))
                    (else {innermost})))"
        );
        result(&parts, &format!("(call $f (i32.const {calls})) (i32.const 7)"))
    };
    let host_call = "(drop (call $write (i32.const 0) (i32.const 7) (i32.const 0) (i32.const 16)
        (i32.const 4)))";
    for (version, most) in [(Version::V0, 299), (Version::V6, 59_999)] {
        // The host's calls are none of the kernel's.
        for (innermost, own) in [("nop", 2), (host_call, 2), ("(call $leaf)", 3)] {
            for (kind, _) in limited(DEFAULT) {
                let config = || Config {
                    version,
                    engine: kind.engine(&EngineOptions::default()).unwrap(),
                    ..Config::default()
                };
                let (_, played) = run_level(&nested(most - own, innermost), config());
                assert_eq!(played.unwrap().status, Status::Running, "{kind} {version} {innermost}");
                let (_, played) = run_level(&nested(most - own + 1, innermost), config());
                let status = played.unwrap().status;
                assert!(matches!(status, Status::Stuck(_)), "{kind} {version} {innermost}");
            }
        }
    }
}

#[test]
fn engines_that_part_are_told_where() {
    let wasm = result("", "(i32.const 7)");
    let [counted, uncounted] = [true, false].map(|counted| {
        let options = EngineOptions { counted, ..EngineOptions::default() };
        EngineKind::Wasmi.engine(&options).unwrap()
    });
    let engine = Box::new(pvm::ComparedEngine::new(counted, uncounted));
    let (pvm, played) = run_level(&wasm, Config { engine, ..Config::default() });
    let Err(PvmError::Limited(EngineLimit::Parted(how))) = played else { panic!("{played:?}") };
    assert_eq!(how, "run 0: instructions: Some(10) and None");
    assert_eq!((pvm.level(), pvm.durable().get("/result")), (0, None), "the level is not played");
}

#[cfg(feature = "fast")]
#[test]
fn the_compiler_takes_what_is_too_large_for_the_interpreter() {
    for (name, wasm) in untranslatable() {
        let engine = EngineKind::Wasmtime.engine(&EngineOptions::default()).unwrap();
        let (_, played) = run_level(&wasm, Config { engine, ..Config::default() });
        assert_eq!(played.unwrap().first_trap(), None, "{name}");
    }
}

#[cfg(feature = "fast")]
#[test]
fn compiled_modules_are_kept_for_later_processes_and_come_to_the_same() {
    use pvm::{Engine, Target, WasmtimeEngine};
    let folder = files::scratch().unwrap();
    let at = folder.path().join("engine");
    let wasm = result("", "(i32.const 7)");
    let keeping = || WasmtimeEngine::default().with_folder(&at).unwrap();
    let files = || std::fs::read_dir(&at).map_or(0, Iterator::count);
    keeping().compile(&wasm, Target::default()).map(|_| ()).unwrap();
    assert_eq!(files(), 1);
    let config = Config { engine: Box::new(keeping()), ..Config::default() };
    assert_eq!(run_level(&wasm, config).0.durable().get("/result").unwrap(), [7, 0, 0, 0]);
    assert_eq!(files(), 1, "it is the same module");
    // Another limit of open calls is another module.
    let target = Target { version: Version::V0, ..Target::default() };
    keeping().compile(&wasm, target).map(|_| ()).unwrap();
    assert_eq!(files(), 2);
}
