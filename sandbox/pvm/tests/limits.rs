//! What this engine or machine cannot do is said to be its own limit: never a trap of the PVM, never
//! stuck; and nothing has changed then.

use crate::common::assemble;
use pvm::{
    Config, EngineLimit, LevelReport, ModuleError, Pvm, PvmError, Status, Version, WasmiEngine,
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

fn limited(megabytes: usize) -> Config {
    let engine = WasmiEngine::default().with_memory_limit(megabytes * MIB);
    Config { engine: Box::new(engine), ..Config::default() }
}

fn run_level(wasm: &[u8], config: Config) -> (Pvm, Result<LevelReport, PvmError>) {
    let mut pvm = Pvm::originate_wasm(wasm, config).unwrap();
    let played = pvm.run_level(&[]);
    (pvm, played)
}

#[track_caller]
fn expect_result(wasm: &[u8], config: Config, expected: i32) {
    let (pvm, played) = run_level(wasm, config);
    assert_eq!(played.unwrap().first_trap(), None);
    assert_eq!(pvm.durable().get("/result").as_deref(), Some(&expected.to_le_bytes()[..]));
}

#[track_caller]
fn expect_limit(wasm: &[u8], config: Config, expected: &EngineLimit) {
    let (pvm, played) = run_level(wasm, config);
    let Err(PvmError::Limited(limit)) = played else { panic!("{played:?}") };
    assert_eq!(limit, *expected);
    assert_eq!((pvm.level(), pvm.status()), (0, &Status::Running));
    assert_eq!(pvm.durable().get("/result"), None, "what it wrote before is gone");
    assert_eq!(pvm.durable().get("/readonly/kernel/env/stuck"), None);
}

/// A body with so many operands at once.
fn operands(one: &str, count: usize) -> String {
    format!("{} {}", one.repeat(count), "drop ".repeat(count))
}

/// Modules that the PVM can run, and that cannot be translated here.
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
        let refused = Pvm::originate_wasm(&wasm, Config::default()).err();
        let Some(ModuleError::Engine(EngineLimit::Translation(_))) = refused else {
            panic!("{name}: {refused:?}")
        };
        assert!(pvm::check(&wasm).is_ok(), "{name}: a node takes it");
        let text = refused.unwrap().to_string();
        assert!(
            text.starts_with("this engine cannot translate the kernel, which the PVM could run")
        );

        let mut pvm = Pvm::originate_unchecked(&wasm, Config::default());
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
            match Pvm::originate_wasm(&module("", &operands(one, count)), Config::default()) {
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
    let mut pvm = Pvm::originate_wasm(&module(&parts, &write), Config::default()).unwrap();
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
    expect_result(&result("", &grow(159)), limited(10), 1);
    expect_limit(&result("", &grow(160)), limited(10), &EngineLimit::Memory { limit: 10 * MIB });
    expect_limit(
        &result("", &grow(65_535)),
        Config::default(),
        &EngineLimit::Memory { limit: pvm::MEMORY_LIMIT_DEFAULT_BYTES },
    );
    // That a memory cannot grow beyond its own maximum, or beyond 4 GiB, is the PVM's answer.
    expect_result(&result("", &grow(65_536)), limited(10), -1);
    let bounded = assemble(
        r#"(module (import "smart_rollup_core" "store_write"
                (func $write (param i32 i32 i32 i32 i32) (result i32)))
            (memory (export "m") 1 2) (data (i32.const 0) "/result")
            (func (export "kernel_run")
                (i32.store (i32.const 16) (memory.grow (i32.const 1000)))
                (drop (call $write (i32.const 0) (i32.const 7) (i32.const 0) (i32.const 16)
                    (i32.const 4)))))"#,
    );
    expect_result(&bounded, limited(10), -1);
}

#[test]
fn a_memory_that_begins_beyond_the_limit_is_no_kernel_that_cannot_be_initialised() {
    let wasm = assemble(r#"(module (memory (export "m") 65536) (func (export "kernel_run")))"#);
    let limit = pvm::MEMORY_LIMIT_DEFAULT_BYTES;
    expect_limit(&wasm, Config::default(), &EngineLimit::Memory { limit });
}

#[test]
fn tables_count_too() {
    let table = |entries: &str| format!("(table $t {entries} funcref)");
    let grow = |by: usize| format!("(table.grow $t (ref.null func) (i32.const {by}))");
    expect_result(&result(&table("5"), &grow(100_000)), limited(10), 5);
    let limit = EngineLimit::Memory { limit: 10 * MIB };
    expect_limit(&result(&table("5"), &grow(1_000_000)), limited(10), &limit);
    // Its own maximum is the PVM's answer.
    expect_result(&result(&table("5 10"), &grow(1_000_000)), limited(10), -1);
    // 4,294,967,295 entries, and a hundred tables of ten million.
    expect_limit(&result(&table("4294967295"), "(i32.const 1)"), limited(10), &limit);
    let many = "(table 10000000 funcref)".repeat(100);
    let limit = EngineLimit::Memory { limit: pvm::MEMORY_LIMIT_DEFAULT_BYTES };
    expect_limit(&result(&many, "(i32.const 1)"), Config::default(), &limit);
}

#[test]
fn calls_that_fill_the_stack_are_told_from_too_many_calls() {
    // A call of 20,000 locals, so many times.
    let nested = |calls: usize| {
        let locals = "i64 ".repeat(20_000);
        let nested = format!(
            "(func $f (param i32) (local {locals})
                (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1))))))"
        );
        result(&nested, &format!("(call $f (i32.const {calls})) (i32.const 7)"))
    };
    expect_result(&nested(100), Config::default(), 7);
    let limit = EngineLimit::Stack { limit: 512 * MIB };
    expect_limit(&nested(50_000), Config::default(), &limit);
    expect_limit(&nested(1_000), limited(64), &EngineLimit::Stack { limit: 64 * MIB });

    // Of such calls, V0 allows three hundred, for which there is room.
    let config = Config { version: Version::V0, ..Config::default() };
    let (pvm, played) = run_level(&nested(400), config);
    assert!(matches!(played.unwrap().status, Status::Stuck(_)));
    assert!(matches!(pvm.status(), Status::Stuck(_)));
}

#[test]
fn many_small_calls_are_the_pvms_own_limit() {
    let wasm = module("", "(call $run)");
    let (_, played) = run_level(&wasm, Config::default());
    let report = played.unwrap();
    assert!(matches!(report.status, Status::Stuck(_)), "{report:?}");
    // The module has names.
    let stack = &report.runs[0].stack;
    assert_eq!((stack.len(), stack[0].as_str()), (33, "run"), "{stack:?}");
    assert!(stack[32].starts_with("and 59,") || stack[32].starts_with("and 59"), "{stack:?}");
}
