//! The flow of runs: origination, reboots, yields, and the flags they leave.

use super::calls::{config, since};
use crate::common::{kernel_of, number};
use pvm::Version::{self, V0};
use pvm::{Durable, LevelReport, Pvm};

/// What the PVM keeps about its runs.
const ENV: &str = "/readonly/kernel/env";

fn originate(version: Version, body: &str) -> Pvm {
    Pvm::originate_wasm(&kernel_of(version, body), config(version)).unwrap()
}

fn run_level(version: Version, body: &str) -> (Pvm, LevelReport) {
    let mut pvm = originate(version, body);
    let report = pvm.run_level(&[]).unwrap();
    (pvm, report)
}

fn flags(durable: &Durable) -> Vec<String> {
    durable.subkeys(ENV)
}

#[test]
fn origination_writes_version_kernel_and_reboot_flag() {
    for version in since(V0) {
        let wasm = kernel_of(version, "");
        let pvm = Pvm::originate_wasm(&wasm, config(version)).unwrap();
        let all: Vec<_> = pvm.durable().iter_values().collect();
        let expected = [
            ("/kernel/boot.wasm".to_owned(), wasm),
            ("/kernel/env/reboot".to_owned(), Vec::new()),
            ("/readonly/wasm_version".to_owned(), version.name().as_bytes().to_vec()),
        ];
        assert_eq!(all, expected, "{version}");
    }
}

#[test]
fn a_level_without_reboots_is_one_run() {
    for version in since(V0) {
        let (pvm, report) = run_level(version, "(drop (call $count))");
        assert_eq!((report.runs.len(), report.forced_yield), (1, false), "{version}");
        assert_eq!(number(&pvm, "/count"), 1);
        assert_eq!(flags(pvm.durable()), ["reboot_counter"]);
        // For the next level.
        assert!(pvm.durable().has("/kernel/env/reboot"), "{version}");
    }
}

#[test]
fn the_reboot_flag_of_any_content_asks_for_another_run() {
    for content in [0, 2] {
        let body = format!(
            "(if (i32.lt_u (call $count) (i32.const 6)) (then
                (drop (call $store_write (i32.const 100) (i32.const 18) (i32.const 0)
                                         (i32.const 0) (i32.const {content})))))"
        );
        for version in since(V0) {
            let (_, report) = run_level(version, &body);
            assert_eq!(report.runs.len(), 6, "{version}");
        }
    }
}

#[test]
fn the_reboot_flag_is_gone_when_a_run_starts() {
    let body = "(if (call $store_has (i32.const 100) (i32.const 18)) (then unreachable))
        (if (i32.lt_u (call $count) (i32.const 3)) (then (call $reboot)))";
    for version in since(V0) {
        let (_, report) = run_level(version, body);
        assert_eq!((report.runs.len(), report.first_trap()), (3, None), "{version}");
    }
}

#[test]
fn a_thousand_and_one_runs_and_then_a_forced_yield() {
    for version in since(V0) {
        let (mut pvm, report) = run_level(version, "(drop (call $count)) (call $reboot)");
        assert_eq!((report.runs.len(), report.forced_yield), (1_001, true), "{version}");
        assert_eq!(number(&pvm, "/count"), 1_001);
        assert_eq!(flags(pvm.durable()), ["reboot_counter", "too_many_reboot"]);
        assert!(pvm.durable().has("/kernel/env/reboot"), "{version}");
        // The next level is played as any other.
        assert_eq!(pvm.run_level(&[]).unwrap().runs.len(), 1_001, "{version}");
    }
}

#[test]
fn the_reboot_counter_goes_from_1000_to_0_and_is_1001_between_levels() {
    // Keeps what the counter is in the first run and in the last.
    let body = "(if (i32.eq (call $count) (i32.const 1))
            (then (call $keep (i32.const 300) (i32.const 4)))
            (else (call $keep (i32.const 400) (i32.const 5))))
        (call $reboot))
        (data (i32.const 400) \"/last\")
        (data (i32.const 500) \"/readonly/kernel/env/reboot_counter\")
        (func $keep (param i32 i32) (drop (call $store_copy (i32.const 500) (i32.const 35)
            (local.get 0) (local.get 1)))";
    for version in since(V0) {
        let (pvm, _) = run_level(version, body);
        assert_eq!(pvm.durable().get("/out").as_deref(), Some(&[232, 3, 0, 0][..]), "{version}");
        assert_eq!(pvm.durable().get("/last").as_deref(), Some(&[0; 4][..]), "{version}");
        assert_eq!(number(&pvm, "/readonly/kernel/env/reboot_counter"), 1_001, "{version}");
    }
}

#[test]
fn too_many_reboot_goes_with_the_next_good_level() {
    // Reboots for ever in its first level only.
    let body = "(if (i32.lt_u (call $count) (i32.const 1002)) (then (call $reboot)))";
    for version in since(V0) {
        let (mut pvm, report) = run_level(version, body);
        assert!(report.forced_yield);
        assert_eq!(flags(pvm.durable()), ["reboot_counter", "too_many_reboot"], "{version}");
        assert!(!pvm.run_level(&[]).unwrap().forced_yield);
        assert_eq!(flags(pvm.durable()), ["reboot_counter"], "{version}");
    }
}

#[test]
fn each_run_is_a_fresh_instance() {
    let body = "(if (i32.load (i32.const 8000)) (then unreachable))
        (if (global.get $g) (then unreachable))
        (i32.store (i32.const 8000) (i32.const 1))
        (global.set $g (i32.const 1))
        (if (i32.lt_u (call $count) (i32.const 3)) (then (call $reboot))))
        (global $g (mut i32) (i32.const 0)) (func";
    for version in since(V0) {
        let (_, report) = run_level(version, body);
        assert_eq!((report.runs.len(), report.first_trap()), (3, None), "{version}");
    }
}

#[test]
fn one_message_a_run_makes_as_many_runs_as_messages() {
    let body = "(local $n i32)
        (if (local.tee $n (call $read)) (then
            (drop (call $write_output (i32.const 1000) (local.get $n)))
            ;; All but the end of the level ask for another run.
            (if (i32.ne (i32.load16_u (i32.const 1000)) (i32.const 0x0200))
                (then (call $reboot)))))";
    for version in since(V0) {
        let mut pvm = originate(version, body);
        let report = pvm.run_level(&[b"\x01abc".to_vec()]).unwrap();
        assert_eq!((report.runs.len(), report.unread), (4, 0), "{version}");
        assert_eq!(report.outbox[2], b"\x01abc", "{version}");
    }
}
