//! The outbox, and what a kernel prints.

use super::calls::{check, check_in, config, since};
use crate::common::kernel_of;
use pvm::Pvm;
use pvm::Version::V0;
use std::cell::RefCell;
use std::rc::Rc;

#[test]
fn output_goes_out_in_order() {
    for version in since(V0) {
        let rows = [("write_output 'first'", 0), ("write_output 'second'", 0)];
        let (_, report) = check_in(&rows, config(version), &[]);
        assert_eq!(report.outbox, [&b"first"[..], b"second"], "{version}");
    }
}

#[test]
fn output_has_4096_bytes_at_most() {
    check(
        V0,
        &[
            ("write_output END 4097", -7),
            ("write_output END 1", -6),
            ("write_output 0 -1", -8),
            ("write_output END-4096 4096", 0),
            ("write_output END 0", 0),
            ("write_output -1 0", 0),
        ],
    );
}

#[test]
fn a_level_has_a_hundred_outbox_messages() {
    let mut rows = vec![("write_output 'm'", 0); 100];
    rows.push(("write_output 'm'", -11));
    // Memory is checked before the outbox.
    rows.push(("write_output END 1", -6));
    for version in since(V0) {
        let (mut pvm, report) = check_in(&rows, config(version), &[]);
        assert_eq!(report.outbox.len(), 100, "{version}");
        // The next level has an outbox of its own.
        pvm.durable_mut().delete("/answers").unwrap();
        assert_eq!(pvm.run_level(&[]).unwrap().outbox.len(), 100, "{version}");
    }
}

#[test]
fn the_outbox_of_a_level_is_filled_over_all_its_runs() {
    let body = "(drop (call $write_output (i32.const 200) (i32.const 6)))
        (if (i32.lt_u (call $count) (i32.const 3)) (then (call $reboot)))";
    for version in since(V0) {
        let mut pvm = Pvm::originate_wasm(&kernel_of(version, body), config(version)).unwrap();
        assert_eq!(pvm.run_level(&[]).unwrap().outbox, [b"/count"; 3], "{version}");
    }
}

#[test]
fn debug_output_answers_nothing_and_never_fails() {
    let rows = [
        ("write_debug 'hi'", 0),
        ("write_debug END 1", 0),
        ("write_debug -5 2147483647", 0),
        ("write_debug 0 -1", 0),
    ];
    for version in since(V0) {
        let lines = Rc::new(RefCell::new(Vec::new()));
        let sink = Rc::clone(&lines);
        let mut config = config(version);
        config.log = Box::new(move |line| sink.borrow_mut().push(line.to_owned()));
        check_in(&rows, config, &[]);
        assert_eq!(*lines.borrow(), ["hi"], "{version}");
    }
}
