//! Upgrades, the fallback kernel, and invalid kernels.

use super::calls::{config, since};
use crate::common::{assemble, kernel_of, number};
use pvm::Version::V0;
use pvm::{DefaultNode, Pvm, Status};

const KERNEL: &str = "/kernel/boot.wasm";
const FALLBACK: &str = "/readonly/kernel/boot.wasm";
const UPGRADE_ERROR: &str = "/readonly/kernel/env/upgrade_error";

/// Puts the value at /next in the kernel's place, once.
const UPGRADE: &str = "(drop (call $count))
    (drop (call $store_move (i32.const 600) (i32.const 5) (i32.const 700) (i32.const 17)))
    (call $reboot))
    (data (i32.const 600) \"/next\") (data (i32.const 700) \"/kernel/boot.wasm\") (func";

fn junk() -> Vec<u8> {
    b"no module".to_vec()
}

fn unlinkable() -> Vec<u8> {
    assemble(
        r#"(module (import "smart_rollup_core" "no_such_function" (func))
            (memory (export "mem") 1) (func (export "kernel_run")))"#,
    )
}

fn traps_in_init() -> Vec<u8> {
    assemble(
        r#"(module (memory (export "mem") 1) (data (i32.const 65536) "x")
            (func (export "kernel_run")))"#,
    )
}

fn without_entry() -> Vec<u8> {
    assemble(r#"(module (memory (export "mem") 1))"#)
}

#[test]
fn an_upgrade_takes_effect_at_the_next_run() {
    for version in since(V0) {
        let mut pvm = Pvm::originate_wasm(&kernel_of(version, UPGRADE), config(version)).unwrap();
        let next = kernel_of(version, "(drop (call $count)) (drop (call $count))");
        pvm.durable_mut().set("/next", &next).unwrap();
        let report = pvm.run_level(&[]).unwrap();
        // One by the old kernel, two by the new one, in the same level.
        assert_eq!((report.runs.len(), number(&pvm, "/count")), (2, 3), "{version}");
        assert_eq!(pvm.durable().get(FALLBACK), Some(next), "{version}");
    }
}

#[test]
fn an_instance_that_is_made_makes_its_kernel_the_fallback() {
    for version in since(V0) {
        // That it traps later does not count.
        let wasm = kernel_of(version, "unreachable");
        let mut pvm = Pvm::originate_wasm(&wasm, config(version)).unwrap();
        assert_eq!(pvm.durable().get(FALLBACK), None, "{version}");
        pvm.run_level(&[]).unwrap();
        assert_eq!(pvm.durable().get(FALLBACK), Some(wasm), "{version}");
    }
}

#[test]
fn what_cannot_be_decoded_linked_or_initialised_is_undone() {
    for version in since(V0) {
        for bad in [junk(), unlinkable(), traps_in_init()] {
            let good = kernel_of(version, UPGRADE);
            let mut pvm = Pvm::originate_wasm(&good, config(version)).unwrap();
            pvm.durable_mut().set("/next", &bad).unwrap();
            let report = pvm.run_level(&[vec![1]]).unwrap();
            assert_eq!(report.runs.len(), 2, "{version}");
            assert!(report.runs[1].upgrade_error.is_some(), "{version}");
            assert_eq!(report.status, Status::Running, "{version}");
            assert_eq!(pvm.durable().get(KERNEL), Some(good), "{version}");
            assert!(pvm.durable().has(UPGRADE_ERROR), "{version}");
            assert_eq!(report.unread, 4, "the rest of the inbox is lost in {version}");
            assert!(matches!(report.default_node(), DefaultNode::Exits(_)), "{version}");
        }
    }
}

#[test]
fn the_next_good_run_takes_the_upgrade_error_away() {
    for version in since(V0) {
        let good = kernel_of(version, "(drop (call $count))");
        let mut pvm = Pvm::originate_wasm(&good, config(version)).unwrap();
        pvm.run_level(&[]).unwrap();
        pvm.durable_mut().set(KERNEL, &junk()).unwrap();
        pvm.run_level(&[]).unwrap();
        assert!(pvm.durable().has(UPGRADE_ERROR), "{version}");
        pvm.run_level(&[]).unwrap();
        assert!(!pvm.durable().has(UPGRADE_ERROR), "{version}");
        assert_eq!(number(&pvm, "/count"), 2, "{version}");
    }
}

#[test]
fn without_another_fallback_the_pvm_is_stuck() {
    for version in since(V0) {
        for bad in [junk(), unlinkable(), traps_in_init()] {
            let mut pvm = Pvm::originate_unchecked(&bad, config(version));
            let report = pvm.run_level(&[]).unwrap();
            assert!(matches!(report.status, Status::Stuck(_)), "{version}");
            assert!(matches!(report.default_node(), DefaultNode::Exits(_)), "{version}");
        }
    }
}

#[test]
fn without_kernel_run_the_pvm_is_stuck_whatever_the_fallback() {
    for version in since(V0) {
        let good = kernel_of(version, "");
        let mut pvm = Pvm::originate_wasm(&good, config(version)).unwrap();
        pvm.run_level(&[]).unwrap();
        pvm.durable_mut().set(KERNEL, &without_entry()).unwrap();
        let report = pvm.run_level(&[]).unwrap();
        assert!(matches!(report.status, Status::Stuck(_)), "{version}");
        assert!(matches!(report.default_node(), DefaultNode::Exits(_)), "{version}");
        assert!(!pvm.durable().has(UPGRADE_ERROR), "{version}");
    }
}
