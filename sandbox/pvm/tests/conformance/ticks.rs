//! Ticks: what is accounted for, the limit of a run, and stopping what never returns.

use super::calls::{config, since};
use crate::common::{kernel_of, number};
use pvm::Version::{V0, V6};
use pvm::ticks::{Phases, REFUTATION_TICKS_PER_SECOND, refutation_time};
use pvm::{Config, DefaultNode, Interrupt, Pvm, PvmError, Status};
use std::thread;
use std::time::Duration;

const FOR_EVER: &str = "(drop (call $count)) (loop $more (br $more))";

fn limited(version: pvm::Version, body: &str, limit: u64) -> Pvm {
    let config = Config { tick_limit: Some(limit), ..config(version) };
    Pvm::originate_wasm(&kernel_of(version, body), config).unwrap()
}

/// The ticks of one level of a kernel with this body.
fn ticks(body: &str) -> u64 {
    phases(body).eval
}

/// The ticks of its phases.
fn phases(body: &str) -> Phases {
    let mut pvm = Pvm::originate_wasm(&kernel_of(V6, body), config(V6)).unwrap();
    let report = pvm.run_level(&[]).unwrap();
    assert_eq!(report.first_trap(), None, "{body}");
    let phases = report.runs[0].phases.unwrap();
    assert_eq!(report.ticks(), Some(phases.total()), "{body}");
    phases
}

#[test]
fn the_phases_of_a_run() {
    let nothing = phases("");
    assert_eq!(nothing.eval, 21);
    // One for each import, and one more.
    assert_eq!(nothing.link, 20);
    // Two to decode an instruction, which is never executed.
    let more = phases(") (func (drop (i32.const 1))");
    assert_eq!((more.decode - nothing.decode, more.init - nothing.init), (8 + 5 + 4, 4));
    assert_eq!((more.link, more.eval), (nothing.link, nothing.eval));
    // A start function is part of the making of the instance.
    let start = phases(") (start $s) (func $s (drop (i32.const 1))");
    assert!(start.init > more.init && start.eval == nothing.eval, "{start:?}");
}

#[test]
fn spans_are_padded_to_the_limit_of_a_call() {
    let body = "(if (i32.lt_u (call $count) (i32.const 3)) (then (call $reboot)))";
    for version in since(V0) {
        let mut pvm = Pvm::originate_wasm(&kernel_of(version, body), config(version)).unwrap();
        let report = pvm.run_level(&[]).unwrap();
        assert_eq!(report.runs.len(), 3);
        // The collecting of the inbox is a span as well.
        assert_eq!(report.padded_ticks(), 4 * version.ticks_per_call(), "{version}");
    }
}

#[test]
fn a_run_over_the_limit_leaves_the_pvm_stuck() {
    for version in since(V0) {
        let mut pvm = limited(version, FOR_EVER, 50_000_000);
        let report = pvm.run_level(&[]).unwrap();
        assert!(matches!(&report.status, Status::Stuck(why) if why.contains("50000000 ticks")));
        assert!(matches!(report.default_node(), DefaultNode::RunsOn(_)), "{version}");
        // Nothing is rolled back.
        assert_eq!(number(&pvm, "/count"), 1, "{version}");
        assert_eq!(pvm.run_level(&[]).unwrap().runs.len(), 0, "{version}");
    }
}

#[test]
fn the_limit_is_that_of_a_run_and_not_of_a_level() {
    let body = "(local $i i32)
        (loop $more
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $more (i32.lt_u (local.get $i) (i32.const 10000))))
        (if (i32.lt_u (call $count) (i32.const 10)) (then (call $reboot)))";
    let mut pvm = limited(V6, body, 1_000_000);
    let report = pvm.run_level(&[]).unwrap();
    assert_eq!((report.runs.len(), &report.status), (10, &Status::Running));
    assert!(report.ticks().unwrap() > 1_000_000);
}

#[test]
fn the_limit_cannot_be_raised() {
    let mut pvm = limited(V0, "(call $work)) (func $work", u64::MAX);
    assert_eq!(pvm.run_level(&[]).unwrap().padded_ticks(), 2 * 11_000_000_000);
    // Twelve thousand million ticks of host calls alone: 72,000 reads of 4,000 bytes.
    let body = "(local $i i32)
        (drop (call $store_write (i32.const 300) (i32.const 4) (i32.const 0)
                                 (i32.const 0) (i32.const 2000)))
        (loop $more
            (drop (call $store_read (i32.const 300) (i32.const 4) (i32.const 0)
                                    (i32.const 8000) (i32.const 2048)))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $more (i32.lt_u (local.get $i) (i32.const 144000))))";
    let report = limited(V0, body, u64::MAX).run_level(&[]).unwrap();
    assert!(matches!(report.status, Status::Stuck(_)), "{report:?}");
    let report = limited(V6, body, u64::MAX).run_level(&[]).unwrap();
    assert_eq!(report.status, Status::Running);
}

#[test]
fn the_estimate_of_ticks() {
    let nothing = ticks("");
    // Six for an instruction.
    assert_eq!(ticks("(drop (i32.const 1))") - nothing, 2 * 6);
    assert_eq!(ticks("(drop (i32.add (i32.const 1) (i32.const 2)))") - nothing, 4 * 6);
    // Six for a block, seven for its end.
    assert_eq!(ticks("(block (drop (i32.const 1)))") - nothing, 2 * 6 + 13);
    // Three for a choice, and one for a block with nothing in it.
    assert_eq!(ticks("(if (i32.const 1) (then (drop (i32.const 1))))") - nothing, 4 * 6 + 3 + 7);
    assert_eq!(ticks("(if (i32.const 0) (then (drop (i32.const 1))))") - nothing, 2 * 6 + 3 + 1);
    // A branch ends its block; with a condition it is a choice.
    assert_eq!(ticks("(block (br 0)) (drop (i32.const 1))") - nothing, 6 + 6 + 7 + 2 * 6);
    let br_if =
        |condition| format!("(block (br_if 0 (i32.const {condition}))) (drop (i32.const 1))");
    assert_eq!(ticks(&br_if(1)) - nothing, 6 + 2 * 6 + 3 + 7 + 2 * 6);
    assert_eq!(ticks(&br_if(0)) - nothing, 6 + 2 * 6 + 7 + 2 * 6);
    // A loop that is branched to is entered anew.
    let rounds = |count| {
        ticks(&format!(
            "(local $i i32) (loop $more
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $more (i32.lt_u (local.get $i) (i32.const {count}))))"
        ))
    };
    assert_eq!(rounds(11) - rounds(1), 10 * (8 * 6 + 3 + 7 + 6));
    // 22 for a call, two for each parameter and local, one for a result, where the call and the
    // parameters are instructions besides.
    let call = "(drop (call $f (i32.const 1)))) (func $f (param i32) (result i32) (local i64 i64)
        (i32.const 3)";
    assert_eq!(ticks(call) - nothing, 2 * 6 + 22 + 2 + 4 + 1 + 6);
    // 42 for a byte filled, 48 for one copied.
    let fill = "(memory.fill (i32.const 8000) (i32.const 0) (i32.const 9))";
    assert_eq!(ticks(fill) - nothing, 4 * 6 + 9 * 42);
    let copy = "(memory.copy (i32.const 8000) (i32.const 0) (i32.const 9))";
    assert_eq!(ticks(copy) - nothing, 4 * 6 + 9 * 48);
    // Five for a host call, one for its look into the storage, 42 for a byte of a key.
    let has = "(drop (call $store_has (i32.const 200) (i32.const 6)))";
    assert_eq!(ticks(has) - nothing, 4 * 6 + 5 + 1 + 6 * 42);
    // What is refused costs the call alone, and so does output.
    let bad = "(drop (call $store_has (i32.const 199) (i32.const 6)))";
    assert_eq!(ticks(bad) - nothing, 4 * 6 + 5);
    let output = "(drop (call $write_output (i32.const 200) (i32.const 6)))";
    assert_eq!(ticks(output) - nothing, 4 * 6 + 5);
    // 42 for a byte that is read, be it an input or a value; of an input nothing else.
    assert_eq!(
        ticks("(drop (call $read))")
            - ticks(
                "(drop (call $none)))
        (func $none (result i32) (drop (i32.const 1)) (drop (i32.const 1)) (i32.const 0)"
            ),
        6 + 5 + 2 * 42 - 2 * 6
    );
}

#[test]
fn the_estimate_of_a_refutation() {
    assert_eq!(refutation_time(11_000_000_000), Duration::from_secs(3_666));
    assert_eq!(refutation_time(REFUTATION_TICKS_PER_SECOND - 1), Duration::ZERO);
    // That of a level is that of its longest run.
    let body = "(local $i i32)
        (if (i32.eq (call $count) (i32.const 1)) (then (loop $more
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $more (i32.lt_u (local.get $i) (i32.const 200000)))) (call $reboot)))";
    let mut pvm = Pvm::originate_wasm(&kernel_of(V6, body), config(V6)).unwrap();
    let report = pvm.run_level(&[]).unwrap();
    let longest = report.runs.iter().map(|run| run.ticks.unwrap()).max().unwrap();
    assert_eq!(report.refutation_time(), Some(refutation_time(longest)));
    assert!(longest > 2 * REFUTATION_TICKS_PER_SECOND && report.runs.len() == 2);
}

#[test]
fn what_never_returns_can_be_interrupted() {
    for body in [
        FOR_EVER,
        ") (table 1 funcref) (elem (i32.const 0) $f) (func $f (loop (br 0))) (start $f) (func",
        "(loop $more (memory.fill (i32.const 0) (i32.const 0) (i32.const 65536)) (br $more))",
    ] {
        let interrupt = Interrupt::default();
        let config = Config { interrupt: interrupt.clone(), ..config(V6) };
        let mut pvm = Pvm::originate_wasm(&kernel_of(V6, body), config).unwrap();
        let before = pvm.durable().clone();
        let handle = interrupt.clone();
        let waker = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            handle.set();
        });
        assert_eq!(pvm.run_level(&[]), Err(PvmError::Interrupted), "{body}");
        waker.join().unwrap();
        assert_eq!((pvm.durable(), pvm.level()), (&before, 0), "{body}");
        assert_eq!(*pvm.status(), Status::Running);
        // It holds until it is cleared.
        assert_eq!(pvm.run_level(&[]), Err(PvmError::Interrupted));
    }
}

#[test]
fn after_an_interrupt_the_level_can_be_played_again() {
    let interrupt = Interrupt::default();
    let config = Config { interrupt: interrupt.clone(), ..config(V6) };
    let mut pvm = Pvm::originate_wasm(&kernel_of(V6, "(drop (call $count))"), config).unwrap();
    interrupt.set();
    assert_eq!(pvm.run_level(&[]), Err(PvmError::Interrupted));
    interrupt.clear();
    assert_eq!(pvm.run_level(&[]).unwrap().level, 0);
    assert_eq!(number(&pvm, "/count"), 1);
}
