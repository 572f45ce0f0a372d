//! Which modules the PVM takes.

use super::calls::{config, since};
use crate::common::assemble;
use pvm::Version::{V0, V6};
use pvm::{DefaultNode, HostFn, Pvm, PvmError, Raised, Status, Version};
use std::fmt::Write;

/// Whether a module is still running after a level, or why not.
fn runs(version: Version, module: &str) -> Result<(), String> {
    let mut pvm = Pvm::originate_unchecked(&assemble(module), config(version));
    match pvm.run_level(&[]).unwrap().status {
        Status::Running => Ok(()),
        Status::Stuck(why) => Err(why),
    }
}

/// A module that would be good but for this.
fn with(part: &str) -> String {
    format!(r#"(module {part} (memory (export "m") 1) (func (export "kernel_run")))"#)
}

fn import(module: &str, function: HostFn) -> String {
    let mut text = format!("(import \"{module}\" \"{}\" (func ", function.name());
    function.params().iter().for_each(|ty| write!(text, "(param {ty})").unwrap());
    function.results().iter().for_each(|ty| write!(text, "(result {ty})").unwrap());
    text + "))"
}

#[test]
fn functions_link_from_their_version_on() {
    for version in since(V0) {
        for function in HostFn::ALL.iter().copied() {
            let linked = runs(version, &with(&import("smart_rollup_core", function)));
            assert_eq!(linked.is_ok(), version >= function.since(), "{function} in {version}");
        }
    }
}

#[test]
fn the_functions_of_each_version() {
    let names = |version| -> Vec<&str> {
        let older = |function: &HostFn| function.since() == version;
        HostFn::of(version).filter(older).map(HostFn::name).collect()
    };
    let counts: Vec<_> = since(V0).map(|version| names(version).len()).collect();
    assert_eq!(counts, [14, 3, 1, 1, 0, 0, 11]);
    assert_eq!(
        names(Version::V1),
        ["store_delete_value", "store_create", "__internal_store_get_hash"]
    );
    assert_eq!(names(Version::V2), ["store_exists"]);
    assert_eq!(names(Version::V3), ["reveal"]);
    assert!(names(V6).iter().all(|name| name.starts_with("nds_")));
}

#[test]
fn other_modules_do_not_link() {
    for version in since(V0) {
        for module in ["rollup_safe_core", "env", "pvm", ""] {
            let linked = runs(version, &with(&import(module, HostFn::ReadInput)));
            assert!(linked.is_err(), "{module} in {version}");
        }
    }
}

#[test]
fn imports_have_the_signatures_of_the_functions() {
    let import = |signature: &str| {
        with(&format!(r#"(import "smart_rollup_core" "store_has" (func {signature}))"#))
    };
    for version in since(V0) {
        assert_eq!(runs(version, &import("(param i32 i32) (result i32)")), Ok(()), "{version}");
        for wrong in ["", "(param i32 i32)", "(param i32 i32) (result i64)"] {
            assert!(runs(version, &import(wrong)).is_err(), "{wrong} in {version}");
        }
    }
    // As text about write_debug sometimes has it.
    let debug = r#"(import "smart_rollup_core" "write_debug"
        (func (param i32 i32) (result i32)))"#;
    assert!(runs(V6, &with(debug)).is_err());
}

#[test]
fn floats_are_refused_dead_code_included() {
    for version in since(V0) {
        for part in [
            "(func unreachable (drop (f64.add)))",
            "(func (local f32))",
            "(func (param f64))",
            "(global f32 (f32.const 0))",
            "(func (drop (i32.trunc_sat_f64_s (f64.const 1))))",
        ] {
            assert!(runs(version, &with(part)).is_err(), "{part} in {version}");
        }
    }
}

#[test]
fn one_memory_exported_by_any_name() {
    let run = r#"(func (export "kernel_run"))"#;
    for version in since(V0) {
        for name in ["memory", "mem", "x y"] {
            let module = format!("(module (memory (export \"{name}\") 1) {run})");
            assert_eq!(runs(version, &module), Ok(()), "{name} in {version}");
        }
        assert!(runs(version, &format!("(module {run})")).is_err(), "{version}");
        assert!(runs(version, &format!("(module (memory 1) {run})")).is_err(), "{version}");
        assert!(runs(version, &with("(memory 1)")).is_err(), "{version}");
    }
}

#[test]
fn kernel_run_is_a_function_without_parameters() {
    let memory = r#"(memory (export "m") 1)"#;
    for version in since(V0) {
        // What it returns is dropped; the default node has no such kernel.
        for results in
            ["(result i32) (i32.const 1)", "(result i64 i32) (i64.const 1) (i32.const 1)"]
        {
            let text = format!(r#"(module {memory} (func (export "kernel_run") {results}))"#);
            let mut pvm = Pvm::originate_unchecked(&assemble(&text), config(version));
            let report = pvm.run_level(&[]).unwrap();
            assert_eq!((&report.status, report.first_trap()), (&Status::Running, None));
            assert!(matches!(report.default_node(), DefaultNode::Exits(_)), "{results}");
        }
        // There is nothing to call it with. That is noticed when the kernel has become the fallback; that there
        // is no function, before that; and what comes to nothing in a segment or at the start, before both.
        let outcome = |rest: &str| {
            let kernel = assemble(&format!("(module {memory} {rest})"));
            let mut pvm = Pvm::originate_unchecked(&kernel, config(version));
            let report = pvm.run_level(&[]).unwrap();
            assert!(matches!(report.status, Status::Stuck(_)), "{rest} in {version}");
            assert!(matches!(report.default_node(), DefaultNode::Exits(_)), "{rest}");
            pvm.durable().get("/readonly/kernel/boot.wasm") == Some(kernel)
        };
        assert!(outcome(r#"(func (export "kernel_run") (param i32))"#));
        assert!(outcome(
            r#"(func (export "kernel_run") (param i32 i64) (result i32) (local.get 0))"#
        ));
        for missing in [
            "",
            r#"(global (export "kernel_run") i32 (i32.const 0))"#,
            r#"(func (export "kernel_next"))"#,
        ] {
            assert!(!outcome(missing), "{missing} in {version}");
        }
    }
}

#[test]
fn names_have_512_bytes_at_most() {
    let name = "n".repeat(513);
    for version in since(V0) {
        let export = |name: &str| with(&format!("(func (export \"{name}\"))"));
        assert_eq!(runs(version, &export(&name[1..])), Ok(()), "{version}");
        assert!(runs(version, &export(&name)).is_err(), "{version}");
    }
}

#[test]
fn start_functions_may_run_and_may_not_call_the_host() {
    let import = r#"(import "smart_rollup_core" "write_debug" (func $log (param i32 i32)))"#;
    let start = |body: &str| with(&format!("{import} (start $s) (func $s {body})"));
    let call = "(call $log (i32.const 0) (i32.const 0))";
    for version in since(V0) {
        assert_eq!(runs(version, &start("nop")), Ok(()), "{version}");
        assert!(runs(version, &start(call)).is_err(), "{version}");
        // Only a call that is made counts.
        let dead = format!("(if (i32.const 0) (then {call}))");
        assert_eq!(runs(version, &start(&dead)), Ok(()), "{version}");
    }
}

#[test]
fn what_compilers_emit_is_taken() {
    let module = with(
        "(table 1 funcref)
        (func (result i32 i32) (i32.const 1) (i32.const 2))
        (func (drop (i32x4.extract_lane 0 (v128.const i32x4 0 0 0 0)))
            (memory.copy (i32.const 0) (i32.const 0) (i32.const 0))
            (drop (i64.extend32_s (i64.const 0)))
            (drop (table.get 0 (i32.const 0))))",
    );
    for version in since(V0) {
        assert_eq!(runs(version, &module), Ok(()), "{version}");
    }
}

#[test]
fn without_the_new_durable_storage_its_functions_stop_the_node() {
    use super::calls::{config, originate};
    for call in [
        "nds_registry_resize 1",
        "nds_registry_copy 0 1",
        "nds_registry_move 0 1",
        "nds_registry_clear 0",
        "nds_store_exists 0 'key'",
        "nds_store_read 0 'key' 0 END 4096",
        "nds_store_write 0 'key' 0 END 4096",
        "nds_store_set 0 'key' END 4096",
        "nds_store_delete 0 'key'",
        "nds_store_value_size 0 'key'",
        "nds_database_get_hash 0 END 32",
    ] {
        let mut pvm = originate(&[("write_output 'before'", 0), (call, 0)], config(V6));
        let before = pvm.durable().clone();
        let error = pvm.run_level(&[]).unwrap_err();
        let name = call.split(' ').next().unwrap();
        let raised = Raised::NoSecondStorage { function: HostFn::from_name(name).unwrap() };
        assert_eq!(error, PvmError::Raised(raised), "{call}");
        assert_eq!((pvm.durable(), pvm.level()), (&before, 0), "nothing has changed");
    }
}
