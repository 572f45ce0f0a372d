//! Traps, and what stops the PVM for good: with what a node with default options does instead.

use super::calls::{config, since};
use crate::common::{assemble, kernel_of, number};
use pvm::Version::{self, V0, V1, V6};
use pvm::{DefaultNode, LevelReport, Pvm, Status};

fn run_level(version: Version, body: &str) -> (Pvm, LevelReport) {
    let mut pvm = Pvm::originate_wasm(&kernel_of(version, body), config(version)).unwrap();
    let report = pvm.run_level(&[]).unwrap();
    (pvm, report)
}

fn exits(report: &LevelReport) -> bool {
    matches!(report.default_node(), DefaultNode::Exits(_))
}

/// Traps that the default node knows as such.
const SHARED: [(&str, &str); 5] = [
    ("unreachable", "unreachable"),
    ("out of memory", "(drop (i32.load (i32.const 65536)))"),
    ("division by zero", "(drop (i32.div_u (i32.const 1) (i32.const 0)))"),
    ("bulk out of memory", "(memory.fill (i32.const 65535) (i32.const 0) (i32.const 2))"),
    (
        "wrong type",
        "(call_indirect (param i64) (i64.const 0) (i32.const 0))) (table 1 funcref)
        (elem (i32.const 0) $count) (func",
    ),
];

#[test]
fn traps_set_the_stuck_flag_and_the_default_node_agrees() {
    for version in since(V0) {
        for (name, body) in SHARED {
            let (pvm, report) = run_level(version, body);
            assert!(report.first_trap().is_some(), "{name} in {version}");
            assert!(report.stuck && pvm.durable().has("/readonly/kernel/env/stuck"), "{name}");
            assert_eq!(report.status, Status::Running, "{name} in {version}");
            assert_eq!(*report.default_node(), DefaultNode::Same, "{name} in {version}");
        }
    }
}

#[test]
fn signed_overflow_traps_and_the_default_node_exits() {
    for version in since(V0) {
        let (pvm, report) =
            run_level(version, "(drop (i32.div_s (i32.const -2147483648) (i32.const -1)))");
        assert!(pvm.durable().has("/readonly/kernel/env/stuck"), "{version}");
        assert_eq!(report.status, Status::Running, "{version}");
        assert!(exits(&report), "{version}");
    }
}

#[test]
fn a_trap_rolls_nothing_back() {
    let body = "(drop (call $count))
        (drop (call $read))
        (drop (call $write_output (i32.const 1000) (i32.const 2)))
        unreachable";
    for version in since(V0) {
        let (pvm, report) = run_level(version, body);
        assert_eq!(number(&pvm, "/count"), 1, "{version}");
        assert_eq!(report.outbox, [[0, 1]], "{version}");
        assert_eq!(report.unread, 2, "{version}");
    }
}

#[test]
fn a_trap_ends_the_level_unless_a_reboot_was_asked_for() {
    let asks = "(call $reboot) (if (i32.eq (call $count) (i32.const 1)) (then unreachable))
        (drop (call $store_delete (i32.const 100) (i32.const 18)))
        (loop $more (br_if $more (call $read)))";
    let does_not = "(if (i32.eq (call $count) (i32.const 1)) (then unreachable))
        (loop $more (br_if $more (call $read)))";
    for version in since(V0) {
        let (_, report) = run_level(version, asks);
        assert_eq!((report.runs.len(), report.unread), (2, 0), "{version}");
        let (_, report) = run_level(version, does_not);
        assert_eq!((report.runs.len(), report.unread), (1, 3), "{version}");
    }
}

#[test]
fn the_next_success_takes_the_stuck_flag_away() {
    let body = "(if (i32.eq (call $count) (i32.const 1)) (then unreachable))";
    for version in since(V0) {
        let (mut pvm, report) = run_level(version, body);
        assert!(report.stuck, "{version}");
        assert!(!pvm.run_level(&[]).unwrap().stuck, "{version}");
        assert!(!pvm.durable().has("/readonly/kernel/env/stuck"), "{version}");
    }
}

#[test]
fn calls_to_nothing_in_a_table_stop_the_pvm() {
    for version in since(V0) {
        for element in [0, 1] {
            let body = format!("(call_indirect (i32.const {element}))) (table 1 funcref) (func");
            let (_, report) = run_level(version, &body);
            assert!(matches!(report.status, Status::Stuck(_)), "{element} in {version}");
            assert!(exits(&report), "{element} in {version}");
        }
    }
}

/// A kernel whose calls nest so deep, `kernel_run` included.
fn deep(calls: usize) -> String {
    format!(
        "(call $down (i32.const {})))
        (func $down (param $n i32)
            (if (local.get $n) (then (call $down (i32.sub (local.get $n) (i32.const 1)))))",
        calls - 2
    )
}

#[test]
fn v0_has_299_open_calls_at_most() {
    let (_, report) = run_level(V0, &deep(299));
    assert_eq!((report.first_trap(), &report.status), (None, &Status::Running));
    let (_, report) = run_level(V0, &deep(300));
    assert!(matches!(report.status, Status::Stuck(_)));
    assert!(exits(&report));
}

#[test]
fn later_versions_have_59999_open_calls_at_most() {
    for version in since(V1) {
        let (_, report) = run_level(version, &deep(59_999));
        assert_eq!((report.first_trap(), &report.status), (None, &Status::Running), "{version}");
        let (_, report) = run_level(version, &deep(60_000));
        assert!(matches!(report.status, Status::Stuck(_)), "{version}");
        assert!(exits(&report), "{version}");
    }
}

#[test]
fn a_host_call_is_no_open_call() {
    for version in since(V0) {
        let most = if version == V0 { 299 } else { 59_999 };
        // The deepest function calls the host.
        let body = deep(most) + "(else (drop (call $store_has (i32.const 200) (i32.const 6)))))";
        let body = body.replacen("(i32.const 1)))))", "(i32.const 1)))) ", 1);
        let (_, report) = run_level(version, &body);
        assert_eq!((report.first_trap(), &report.status), (None, &Status::Running), "{version}");
        assert_eq!(report.host_call_count(), 1, "{version}");
    }
}

#[test]
fn a_negative_maximum_for_what_is_there_stops_the_pvm() {
    let name = "(drop (call $store_get_nth_key (i32.const 500) (i32.const 7) (i64.const INDEX)
        (i32.const 1000) (i32.const -1)))) (data (i32.const 500) \"/kernel\") (func";
    for version in since(V0) {
        let (_, report) = run_level(version, &name.replace("INDEX", "0"));
        assert!(matches!(report.status, Status::Stuck(_)), "{version}");
        assert!(exits(&report), "{version}");
        // Where there is nothing, that counts first.
        let (_, report) = run_level(version, &name.replace("INDEX", "9"));
        assert_eq!((report.first_trap(), &report.status), (None, &Status::Running), "{version}");
    }
}

#[test]
fn a_stuck_pvm_takes_inboxes_and_does_nothing() {
    for version in since(V0) {
        let (mut pvm, _) =
            run_level(version, "(call_indirect (i32.const 0))) (table 1 funcref) (func");
        let before = pvm.durable().clone();
        for level in 1..3 {
            let report = pvm.run_level(&[vec![1]]).unwrap();
            assert_eq!((report.level, report.runs.len()), (level, 0), "{version}");
        }
        assert_eq!(*pvm.durable(), before, "{version}");
    }
}

#[test]
fn a_stuck_pvm_does_not_migrate() {
    let (mut pvm, _) = run_level(V1, "(call_indirect (i32.const 0))) (table 1 funcref) (func");
    let inbox = pvm::LevelInbox { migration: Some("u025_025"), ..pvm::LevelInbox::default() };
    pvm.run_inbox(&inbox).unwrap();
    assert_eq!(pvm.version(), V1);
}

#[test]
fn the_default_node_does_not_link_the_new_durable_storage() {
    let wasm = assemble(
        r#"(module (import "smart_rollup_core" "nds_registry_clear"
                (func $clear (param i64) (result i32)))
            (memory (export "mem") 1) (func (export "kernel_run")))"#,
    );
    let mut pvm = Pvm::originate_wasm(&wasm, config(V6)).unwrap();
    let report = pvm.run_level(&[]).unwrap();
    assert_eq!((report.first_trap(), &report.status), (None, &Status::Running));
    assert!(exits(&report));
}

#[test]
fn the_default_node_does_not_take_several_results() {
    for version in since(V0) {
        let (_, report) = run_level(
            version,
            "(call $two) (drop) (drop))
            (func $two (result i32 i64) (i32.const 1) (i64.const 2)",
        );
        assert_eq!((report.first_trap(), &report.status), (None, &Status::Running));
        assert!(exits(&report), "{version}");
    }
}
