//! Levels and runs: reboots, traps, what is lost and what stays, outboxes, upgrades.

use crate::common::{assemble, kernel, number, pvm};
use pvm::{Config, Durable, InfoPerLevel, Pvm, PvmError, Status, preimage_hash};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

const ENV: &str = "/readonly/kernel/env";

fn flags(durable: &Durable) -> Vec<String> {
    durable.subkeys(ENV)
}

/// Copies messages to the outbox until the inbox is empty.
const ECHO: &str = "(local $n i32)
    (loop $more
        (local.set $n (call $read))
        (if (local.get $n) (then
            (drop (call $write_output (i32.const 1000) (local.get $n)))
            (br $more))))";

#[test]
fn origination_and_the_first_level() {
    let wasm = kernel(ECHO);
    let mut pvm = pvm(&wasm);
    let durable = pvm.durable();
    assert_eq!(durable.get("/readonly/wasm_version").as_deref(), Some(&b"2.0.0-r6"[..]));
    assert_eq!(durable.get("/kernel/boot.wasm").as_deref(), Some(&wasm[..]));
    assert_eq!(durable.get("/kernel/env/reboot").as_deref(), Some(&b""[..]));
    assert_eq!(durable.iter_values().count(), 3);

    assert_eq!(pvm.level(), 0);
    let message = vec![1, b'h', b'i'];
    let report = pvm.run_level(std::slice::from_ref(&message)).unwrap();
    let info = [&[0, 3][..], &[0; 40]].concat();
    assert_eq!(report.outbox, [vec![0, 1], info, message, vec![0, 2]]);
    assert_eq!((report.level, report.runs.len(), report.unread), (0, 1, 0));
    assert_eq!((report.stuck, report.forced_yield), (false, false));
    assert_eq!(pvm.level(), 1);
    assert_eq!(flags(pvm.durable()), ["reboot_counter"]);
    assert_eq!(number(&pvm, "/readonly/kernel/env/reboot_counter"), 1_001);
    assert!(pvm.durable().has("/kernel/env/reboot"));
    assert_eq!(pvm.durable().get("/readonly/kernel/boot.wasm").as_deref(), Some(&wasm[..]));
}

#[test]
fn levels_ids_and_the_predecessor() {
    // Puts out the 8 bytes of information about each message.
    let wasm = kernel(
        "(loop $more
            (if (call $read) (then
                (drop (call $write_output (i32.const 980) (i32.const 8)))
                (br $more))))",
    );
    let mut pvm = Pvm::originate_wasm(&wasm, Config::on_chain([5; 20], 41)).unwrap();
    for level in [42, 43] {
        let report = pvm.run_level(&[vec![1], vec![1]]).unwrap();
        let infos: Vec<_> = (0..5).map(|id| vec![level, 0, 0, 0, id, 0, 0, 0]).collect();
        assert_eq!(report.outbox, infos);
    }
    let mut pvm = crate::common::pvm(&kernel(ECHO));
    let info = InfoPerLevel { predecessor_timestamp: 258, predecessor: [7; 32] };
    pvm.set_info_per_level(info);
    let report = pvm.run_level(&[]).unwrap();
    assert_eq!(report.outbox[1], [&[0, 3, 0, 0, 0, 0, 0, 0, 1, 2][..], &[7; 32]].concat());
}

#[test]
fn an_echo_kernel_of_one_message_a_run_needs_a_run_for_each() {
    let wasm = kernel(
        "(local $n i32)
        (if (local.tee $n (call $read)) (then
            (drop (call $write_output (i32.const 1000) (local.get $n)))
            ;; All but the end of the level ask for another run.
            (if (i32.ne (i32.load16_u (i32.const 1000)) (i32.const 0x0200))
                (then (call $reboot)))))",
    );
    let report = pvm(&wasm).run_level(&[b"\x01abc".to_vec()]).unwrap();
    assert_eq!(report.runs.len(), 4);
    assert_eq!(report.outbox[2], b"\x01abc");
    assert!(report.runs.iter().all(|run| run.trap.is_none()));
}

#[test]
fn a_thousand_and_one_runs_and_then_no_more() {
    // Remembers the counter it saw first and the one it saw last.
    let wasm = kernel(
        "(if (i32.eq (call $count) (i32.const 1)) (then (call $remember (i32.const 300))))
         (call $remember (i32.const 400))
         (call $reboot)
        )
        (data (i32.const 400) \"/last\")
        (data (i32.const 500) \"/readonly/kernel/env/reboot_counter\")
        (func $remember (param $to i32)
            (drop (call $store_copy (i32.const 500) (i32.const 35) (local.get $to)
                (select (i32.const 4) (i32.const 5) (i32.eq (local.get $to) (i32.const 300)))))",
    );
    let mut pvm = pvm(&wasm);
    let report = pvm.run_level(&[]).unwrap();
    assert_eq!(report.runs.len(), 1_001);
    assert!(report.forced_yield);
    assert_eq!(report.unread, 3);
    assert_eq!(number(&pvm, "/count"), 1_001);
    assert_eq!(number(&pvm, "/out"), 1_000);
    assert_eq!(number(&pvm, "/last"), 0);
    assert_eq!(flags(pvm.durable()), ["reboot_counter", "too_many_reboot"]);
    assert_eq!(number(&pvm, "/readonly/kernel/env/reboot_counter"), 1_001);
    assert!(pvm.durable().has("/kernel/env/reboot"));
    // The next level runs as any other.
    assert_eq!(pvm.run_level(&[]).unwrap().runs.len(), 1_001);
}

#[test]
fn a_trap_keeps_what_was_written_and_loses_the_rest_of_the_inbox() {
    // In its first level: writes, reads one message, traps. Then it counts the messages.
    let wasm = kernel(
        "(local $n i32)
        (if (i32.eq (call $count) (i32.const 1)) (then
            (drop (call $read))
            (drop (call $write_output (i32.const 1000) (i32.const 2)))
            unreachable))
        (loop $more
            (if (call $read) (then
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (br $more))))
        (i32.store (i32.const 800) (local.get $n))
        (drop (call $store_write (i32.const 300) (i32.const 4) (i32.const 0)
                                 (i32.const 800) (i32.const 4)))",
    );
    let mut pvm = pvm(&wasm);
    let report = pvm.run_level(&[vec![1], vec![1]]).unwrap();
    assert_eq!(report.runs.len(), 1);
    assert!(report.first_trap().unwrap().contains("unreachable"));
    assert!(report.stuck);
    assert_eq!(report.unread, 4);
    assert_eq!(report.outbox, [[0, 1]]);
    assert_eq!(report.status, Status::Running);
    assert_eq!(number(&pvm, "/count"), 1);
    assert_eq!(flags(pvm.durable()), ["reboot_counter", "stuck"]);

    let report = pvm.run_level(&[vec![1]]).unwrap();
    assert!(!report.stuck);
    assert_eq!(number(&pvm, "/out"), 4, "the messages of this level, none of the last");
    assert_eq!(flags(pvm.durable()), ["reboot_counter"]);
}

#[test]
fn a_trap_with_the_reboot_flag_set_is_followed_by_another_run() {
    let wasm = kernel(
        "(call $reboot)
        (if (i32.eq (call $count) (i32.const 1)) (then unreachable))
        (drop (call $store_delete (i32.const 100) (i32.const 18)))
        (loop $more (br_if $more (call $read)))",
    );
    let mut pvm = pvm(&wasm);
    let report = pvm.run_level(&[]).unwrap();
    let traps: Vec<_> = report.runs.iter().map(|run| run.trap.is_some()).collect();
    assert_eq!(traps, [true, false]);
    assert!(!report.stuck, "the success cleared it");
    assert_eq!(report.unread, 0);
}

#[test]
fn the_outbox_takes_a_hundred_messages_a_level() {
    let wasm = kernel(
        "(local $i i32) (local $code i32)
        (loop $more
            (local.set $code (call $write_output (i32.const 0) (local.get $i)))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $more (i32.eqz (local.get $code))))
        (i32.store (i32.const 800) (i32.sub (i32.const 0) (local.get $code)))
        (drop (call $store_write (i32.const 300) (i32.const 4) (i32.const 0)
                                 (i32.const 800) (i32.const 4)))",
    );
    let mut pvm = pvm(&wasm);
    for _ in 0..2 {
        let report = pvm.run_level(&[]).unwrap();
        assert_eq!(report.outbox.len(), 100);
        assert_eq!(report.outbox[99].len(), 99);
        assert_eq!(number(&pvm, "/out"), 11);
    }
}

/// Asks for the preimage of the hash at /hash.
const REVEAL: &str = "(drop (call $count))
    (i32.store (i32.const 300) (i32.const 0x7361682f))
    (i32.store8 (i32.const 304) (i32.const 0x68))
    (drop (call $store_read (i32.const 300) (i32.const 5) (i32.const 0)
                            (i32.const 0) (i32.const 33)))
    (drop (call $read))
    (drop (call $write_output (i32.const 0) (i32.const 0)))
    (drop (call $write_output (i32.const 1000)
        (call $reveal_preimage (i32.const 0) (i32.const 33) (i32.const 1000) (i32.const 4096))))";

#[test]
fn a_missing_preimage_stops_the_level_and_leaves_no_trace() {
    let preimages = Box::new(pvm::PreimageDir::new("/nowhere"));
    let config = Config { preimages, ..Config::default() };
    let mut pvm = Pvm::originate_wasm(&kernel(REVEAL), config).unwrap();
    let hash = preimage_hash(b"page");
    pvm.durable_mut().set("/hash", &hash).unwrap();
    let before = pvm.durable().clone();
    pvm.record_host_calls(true);
    let error = pvm.run_level(&[]).unwrap_err();
    let location = format!("/nowhere/00{}", hex::encode(&hash[1..]));
    assert_eq!(
        error,
        PvmError::MissingPreimage { hash: Box::new(hash), location: location.clone() }
    );
    assert!(error.to_string().contains(&location));
    assert_eq!((pvm.durable(), pvm.level()), (&before, 0));

    let preimages = Box::new(HashMap::from([(hash, b"page".to_vec())]));
    let config = Config { preimages, ..Config::default() };
    let mut pvm = Pvm::originate_wasm(&kernel(REVEAL), config).unwrap();
    pvm.durable_mut().set("/hash", &hash).unwrap();
    assert_eq!(pvm.run_level(&[]).unwrap().outbox, [&b""[..], b"page"]);
}

#[test]
fn messages_no_inbox_can_hold_are_refused() {
    let mut pvm = pvm(&kernel(ECHO));
    let error = pvm.run_level(&[vec![1], vec![0; 4_097]]).unwrap_err();
    assert_eq!(error, PvmError::MessageTooLong { index: 1, size: 4_097 });
    let error = pvm.run_level(&vec![Vec::new(); 999_998]).unwrap_err();
    assert_eq!(error, PvmError::TooManyMessages { count: 1_000_001 });
    assert_eq!(pvm.level(), 0);
}

#[test]
fn snapshots() {
    let mut pvm = pvm(&kernel("(drop (call $count))"));
    pvm.run_level(&[]).unwrap();
    let snapshot = pvm.snapshot();
    pvm.run_level(&[]).unwrap();
    assert_eq!((number(&pvm, "/count"), pvm.level()), (2, 2));
    pvm.restore(&snapshot);
    assert_eq!((number(&pvm, "/count"), pvm.level()), (1, 1));
}

#[test]
fn metadata_and_log() {
    let wasm = kernel(
        "(drop (call $write_output (i32.const 1000)
            (call $reveal_metadata (i32.const 1000) (i32.const 100))))
        (call $write_debug (i32.const 200) (i32.const 6))
        (call $write_debug (i32.const -1) (i32.const 6))",
    );
    let lines = Rc::new(RefCell::new(Vec::new()));
    let sink = Rc::clone(&lines);
    let mut config = Config::on_chain([5; 20], 258);
    config.log = Box::new(move |line| sink.borrow_mut().push(line.to_owned()));
    let report = Pvm::originate_wasm(&wasm, config).unwrap().run_level(&[]).unwrap();
    assert_eq!(report.outbox, [[&[5; 20][..], &[0, 0, 1, 2]].concat()]);
    assert_eq!(*lines.borrow(), ["/count"]);
}

#[test]
fn an_upgrade_takes_effect_at_the_next_run_and_a_bad_one_is_undone() {
    let old = kernel(ECHO);
    let mut pvm = pvm(&old);
    pvm.run_level(&[]).unwrap();
    let new = kernel("(drop (call $count))");
    pvm.durable_mut().set("/kernel/boot.wasm", &new).unwrap();
    pvm.run_level(&[]).unwrap();
    assert_eq!(number(&pvm, "/count"), 1);
    assert_eq!(pvm.durable().get("/readonly/kernel/boot.wasm").as_deref(), Some(&new[..]));

    let unlinkable = assemble(
        r#"(module (import "smart_rollup_core" "nds_store_read" (func))
            (memory (export "m") 1) (func (export "kernel_run")))"#,
    );
    let trapping_init = assemble(
        r#"(module (memory (export "m") 1) (data (i32.const 65536) "x")
            (func (export "kernel_run")))"#,
    );
    for bad in [b"no module".to_vec(), unlinkable, trapping_init] {
        pvm.durable_mut().set("/kernel/boot.wasm", &bad).unwrap();
        let report = pvm.run_level(&[vec![1]]).unwrap();
        assert_eq!(report.runs.len(), 1);
        assert!(report.runs[0].upgrade_error.is_some());
        assert_eq!(report.unread, 4, "this level is lost");
        assert_eq!(flags(pvm.durable()), ["reboot_counter", "upgrade_error"]);
        let kept = pvm.durable().get("/kernel/boot.wasm");
        assert_eq!(kept.as_deref(), Some(&new[..]));
        let before = number(&pvm, "/count");
        pvm.run_level(&[]).unwrap();
        assert_eq!(number(&pvm, "/count"), before + 1);
        assert_eq!(flags(pvm.durable()), ["reboot_counter"]);
    }
}

#[test]
fn what_stops_the_pvm_for_good() {
    let no_entry = assemble(r#"(module (memory (export "m") 1))"#);
    let mut pvm = pvm(&kernel(ECHO));
    pvm.run_level(&[]).unwrap();
    pvm.durable_mut().set("/kernel/boot.wasm", &no_entry).unwrap();
    let report = pvm.run_level(&[]).unwrap();
    assert!(matches!(&report.status, Status::Stuck(why) if why.contains("kernel_run")));
    let report = pvm.run_level(&[vec![1]]).unwrap();
    assert_eq!((report.level, report.runs.len()), (2, 0));
    assert_ne!(*pvm.status(), Status::Running);

    for (name, body) in [
        ("recursion", "(call $deeper)) (func $deeper (call $deeper)"),
        ("null", "(call_indirect (i32.const 0))) (table 1 funcref) (func"),
        ("no such element", "(call_indirect (i32.const 1))) (table 1 funcref) (func"),
    ] {
        let report = crate::common::pvm(&kernel(body)).run_level(&[]).unwrap();
        assert!(matches!(report.status, Status::Stuck(_)), "{name}: {report:?}");
    }
    let report = Pvm::originate_unchecked(b"junk", Config::default()).run_level(&[]).unwrap();
    assert!(matches!(report.status, Status::Stuck(_)));
}

#[test]
fn deep_but_bounded_recursion_is_fine() {
    let wasm = kernel(
        "(call $down (i32.const 50000)))
        (func $down (param $n i32)
            (if (local.get $n) (then (call $down (i32.sub (local.get $n) (i32.const 1)))))",
    );
    let report = pvm(&wasm).run_level(&[]).unwrap();
    assert_eq!(report.first_trap(), None);
}
