//! Instruction counts, to the instruction, on small modules whose path is known.

use crate::common::{assemble, kernel, pvm};
use pvm::{Config, LevelReport, Pvm, WasmiEngine};

/// Plays one level to a module that has nothing but these functions.
fn run_level(functions: &str) -> LevelReport {
    let module = format!(r#"(module (memory (export "m") 1) {functions})"#);
    pvm(&assemble(&module)).run_level(&[]).unwrap()
}

/// The count of a module whose `kernel_run` has this body.
fn count(body: &str) -> u64 {
    let report = run_level(&format!(r#"(func (export "kernel_run") {body})"#));
    assert_eq!(report.first_trap(), None, "{body}");
    report.instructions().unwrap()
}

#[test]
fn straight_lines() {
    assert_eq!(count(""), 0);
    assert_eq!(count("nop"), 0);
    assert_eq!(count("(drop (i32.const 1))"), 2);
    assert_eq!(count("(drop (i32.add (i32.const 1) (i32.const 2)))"), 4);
    assert_eq!(count("return"), 1);
    // What is never reached is not counted.
    assert_eq!(count("return (drop (i32.const 1))"), 1);
    // The ends of blocks cost nothing, nor do the blocks.
    assert_eq!(count("(block (block (drop (i32.const 1))))"), 2);
    assert_eq!(count("(loop (drop (i32.const 1)))"), 2);
    // Bulk memory and sign extension.
    assert_eq!(count("(memory.fill (i32.const 0) (i32.const 0) (i32.const 9))"), 4);
    assert_eq!(count("(drop (i32.extend8_s (i32.const 0)))"), 3);
}

#[test]
fn branches() {
    let if_else = |condition: u8| {
        count(&format!(
            "(if (i32.const {condition})
                (then (drop (i32.const 1)))
                (else (drop (i32.add (i32.const 1) (i32.const 1)))))
            nop (drop (i32.const 1))"
        ))
    };
    assert_eq!(if_else(1), 2 + 2 + 2);
    assert_eq!(if_else(0), 2 + 4 + 2);
    let if_only =
        |condition: u8| count(&format!("(if (i32.const {condition}) (then (drop (i32.const 1))))"));
    assert_eq!((if_only(1), if_only(0)), (4, 2));
    let br_if = |condition: u8| {
        count(&format!(
            "(block (br_if 0 (i32.const {condition})) (drop (i32.const 1)) (br 0)
                (drop (i32.const 1)))
            (drop (i32.const 1))"
        ))
    };
    assert_eq!(br_if(1), 2 + 2);
    assert_eq!(br_if(0), 2 + 2 + 1 + 2);
    // A branch out of everything is a return.
    assert_eq!(count("(block (br 1)) (drop (i32.const 1))"), 1);
    assert_eq!(count("(br_if 0 (i32.const 0)) (drop (i32.const 1))"), 4);
}

#[test]
fn branch_tables() {
    let table = |index: u8| {
        count(&format!(
            "(block $c (block $b (block $a
                (br_table $a $b $c (i32.const {index})))
                (drop (i32.const 1)) return)
                (drop (i32.const 1)) nop (drop (i32.const 1)))
            (drop (i32.const 1))"
        ))
    };
    assert_eq!(table(0), 2 + 3);
    assert_eq!(table(1), 2 + 4 + 2);
    assert_eq!(table(2), 2 + 2);
    assert_eq!(table(9), 2 + 2);
}

#[test]
fn loops() {
    let times = |n: u32| {
        count(&format!(
            "(local $i i32)
            (local.set $i (i32.const {n}))
            (loop $more
                (local.set $i (i32.sub (local.get $i) (i32.const 1)))
                (br_if $more (local.get $i)))
            (drop (i32.const 1))"
        ))
    };
    for n in [1, 2, 10, 100_000] {
        assert_eq!(times(n), 2 + 6 * u64::from(n) + 2);
    }
    // The block around a loop that something leaves by.
    assert_eq!(
        count(
            "(local $i i32)
            (block $out (loop $more
                (br_if $out (i32.eq (local.get $i) (i32.const 3)))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br $more)))"
        ),
        4 * 4 + 3 * 5
    );
}

#[test]
fn calls() {
    let functions = r#"
        (table 2 funcref) (elem (i32.const 0) $one $two)
        (func $one (drop (i32.const 1)))
        (func $two (call $one) (call $one))
        (func (export "kernel_run")
            (call $two)
            (call_indirect (i32.const 1)))"#;
    // `$one` costs 2, so `$two` 2 + 4.
    assert_eq!(run_level(functions).instructions(), Some(1 + 6 + 2 + 6));
    let recursion = r#"
        (func $down (param i32)
            (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1))))))
        (func (export "kernel_run") (call $down (i32.const 10)))"#;
    assert_eq!(run_level(recursion).instructions(), Some(2 + 10 * 6 + 2));
    // A host call is one instruction.
    let report = pvm(&kernel("(drop (call $read))")).run_level(&[]).unwrap();
    // 2 here, 4 in `$read`.
    assert_eq!(report.instructions(), Some(6));
}

#[test]
fn a_stretch_that_traps_counts_whole() {
    let functions = r#"
        (func $inner (drop (i32.div_u (i32.const 1) (i32.const 0))) (drop (i32.const 1)))
        (func (export "kernel_run")
            (call $inner) (drop (i32.const 1))
            (if (i32.const 1) (then (drop (i32.const 1)))))"#;
    let report = run_level(functions);
    assert!(report.first_trap().is_some());
    assert_eq!(report.instructions(), Some((1 + 2 + 2) + 6));
}

#[test]
fn every_run_counts_for_itself_and_start_functions_count() {
    let report = run_level(
        r#"(global $g (mut i64) (i64.const 5)) (start $s)
        (func $s (global.set $g (i64.const 6)))
        (export "__pvm_meter" (global $g))
        (func (export "kernel_run") (if (i64.ne (global.get $g) (i64.const 6))
            (then unreachable)))"#,
    );
    assert_eq!(report.first_trap(), None, "the module's own globals are left alone");
    assert_eq!(report.instructions(), Some(2 + 4));

    let body = "(if (i32.lt_u (call $count) (i32.const 3)) (then (call $reboot)))";
    let report = pvm(&kernel(body)).run_level(&[]).unwrap();
    let counts: Vec<_> = report.runs.iter().map(|run| run.instructions.unwrap()).collect();
    assert_eq!(counts.len(), 3);
    assert_eq!(counts[0], counts[1]);
    assert_eq!(counts[1], counts[2] + 1 + 7, "the last does not reboot");
    assert_eq!(report.instructions(), Some(counts.iter().sum()));
}

#[test]
fn counting_can_be_left_out() {
    let config = Config { engine: Box::new(WasmiEngine::uncounted()), ..Config::default() };
    let wasm = kernel("(drop (call $read))");
    let report = Pvm::originate_wasm(&wasm, config).unwrap().run_level(&[]).unwrap();
    assert_eq!((report.instructions(), report.unread), (None, 2));
}
