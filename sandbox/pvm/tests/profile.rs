//! Profiles: whose instructions are whose, whichever way functions end.

use crate::common::{assemble, kernel};
use pvm::{Config, LevelReport, Pvm};

fn run_level(wasm: &[u8], profiled: bool) -> LevelReport {
    let config = Config { profiled, ..Config::default() };
    Pvm::originate_wasm(wasm, config).unwrap().run_level(&[]).unwrap()
}

/// The stacks of one level of a module with these functions, and the sum of their instructions,
/// which must be what is counted without a profile.
fn stacks(functions: &str) -> Vec<(String, u64)> {
    let wasm = assemble(&format!(r#"(module (memory (export "m") 1) {functions})"#));
    let report = run_level(&wasm, true);
    assert_eq!(report.first_trap(), None);
    let stacks: Vec<_> = report.profile.as_ref().unwrap().stacks().collect();
    assert_eq!(
        report.instructions(),
        run_level(&wasm, false).instructions(),
        "it changes no count"
    );
    assert_eq!(report.ticks(), run_level(&wasm, false).ticks());
    assert_eq!(report.instructions(), Some(stacks.iter().map(|(_, own)| own).sum()));
    stacks.into_iter().map(|(stack, own)| (stack.to_owned(), own)).collect()
}

fn expect(functions: &str, expected: &[(&str, u64)]) {
    let expected: Vec<_> =
        expected.iter().map(|(stack, own)| ((*stack).to_owned(), *own)).collect();
    assert_eq!(stacks(functions), expected, "{functions}");
}

#[test]
fn instructions_belong_to_the_function_and_its_callers() {
    expect(
        r#"(func $leaf (drop (i32.const 1)))
        (func $twice (call $leaf) (call $leaf))
        (func $run (export "kernel_run") (call $twice) (call $leaf) (drop (i32.const 1)))"#,
        &[("run", 4), ("run;leaf", 2), ("run;twice", 2), ("run;twice;leaf", 4)],
    );
}

#[test]
fn functions_may_end_in_any_way() {
    for (end, own) in [
        ("nop", 0),
        ("return", 1),
        ("(block (loop (return)))", 1),
        ("(block (br 1))", 1),
        ("(br_if 0 (i32.const 1)) (drop (i32.const 1))", 2),
        ("(block (br_table 0 1 (i32.const 1))) (drop (i32.const 1))", 2),
        ("(if (i32.const 1) (then (return)) (else (drop (i32.const 1))))", 3),
    ] {
        let functions = format!(
            r#"(func $f {end})
            (func $run (export "kernel_run") (call $f) (drop (i32.const 1)))"#
        );
        let mut expected = vec![("run", 3)];
        expected.extend((own > 0).then_some(("run;f", own)));
        expect(&functions, &expected);
    }
}

#[test]
fn functions_may_have_results() {
    expect(
        r#"(func $one (result i32) (drop (i32.const 5)) (return (i32.const 7)))
        (func $two (param i32) (result i32 i64)
            (block (br_if 0 (local.get 0)) (return (i32.const 1) (i64.const 2)))
            (i32.const 3) (i64.const 4))
        (func $run (export "kernel_run")
            (if (i32.ne (call $one) (i32.const 7)) (then unreachable))
            (if (i64.ne (call $two (i32.const 0)) (i64.const 2)) (then unreachable)) (drop)
            (if (i64.ne (call $two (i32.const 1)) (i64.const 4)) (then unreachable)) (drop))"#,
        &[("run", 4 + 6 + 6), ("run;one", 4), ("run;two", 5 + 4)],
    );
}

#[test]
fn what_has_no_name_has_an_index() {
    expect(
        r#"(table 1 funcref) (elem (i32.const 0) 0) (func (drop (i32.const 1)))
        (func (export "kernel_run") (call_indirect (i32.const 0)) (call 0))"#,
        &[("func[1]", 3), ("func[1];func[0]", 4)],
    );
}

#[test]
fn start_functions_are_in_it() {
    expect(
        r#"(start $s) (func $s (drop (i32.const 1)))
        (func $run (export "kernel_run") (drop (i32.const 1)))"#,
        &[("run", 2), ("s", 2)],
    );
}

#[test]
fn all_runs_of_a_level_add_up_and_traps_lose_nothing() {
    let body = "(if (i32.lt_u (call $count) (i32.const 3)) (then (call $reboot)))
        (call $trap)) (func $trap (drop (i32.const 1)) unreachable";
    let report = run_level(&kernel(body), true);
    assert_eq!(report.runs.len(), 3);
    let profile = report.profile.as_ref().unwrap();
    let total: u64 = profile.stacks().map(|(_, own)| own).sum();
    assert_eq!(report.instructions(), Some(total));
    // The kernel's own function has no name.
    let trap = profile.stacks().find(|(stack, _)| stack.ends_with(";trap"));
    assert_eq!(trap.map(|(_, own)| own), Some(3 * 3));
    assert!(profile.to_string().contains(";trap 9\n"), "{profile}");
}

#[test]
fn long_runs_are_counted_across_rations() {
    let functions = r#"(func $work (param $n i32)
            (loop $more (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
        (func $run (export "kernel_run") (call $work (i32.const 1000000)))"#;
    expect(functions, &[("run", 2), ("run;work", 5_000_000)]);
}

#[test]
fn there_is_none_unless_asked_for() {
    assert_eq!(run_level(&kernel(""), false).profile, None);
}

#[test]
fn a_trap_says_which_functions_were_open() {
    let text = r#"(module (memory (export "m") 1)
        (func $leaf (drop (i32.div_u (i32.const 1) (i32.const 0))))
        (func $twice (call $leaf))
        (func $run (export "kernel_run") (call $twice)))"#;
    let wasm = assemble(text);
    for profiled in [false, true] {
        let report = run_level(&wasm, profiled);
        assert_eq!(report.runs[0].stack, ["leaf", "twice", "run"]);
        assert_eq!(report.first_trap(), Some("integer divide by zero"));
    }
    let stripped = pvm::strip(&wasm);
    assert_eq!(run_level(&stripped, false).runs[0].stack, Vec::<String>::new());
    assert_eq!(run_level(&stripped, true).runs[0].stack, ["func[0]", "func[1]", "func[2]"]);
    // One that returns has none open.
    assert_eq!(run_level(&kernel(""), true).runs[0].stack, Vec::<String>::new());
}

#[test]
fn finding_them_leaves_no_trace() {
    let body = "(call $write_debug (i32.const 200) (i32.const 6)) (drop (call $count))
        (drop (call $read)) (drop (call $write_output (i32.const 1000) (i32.const 2)))
        (if (i32.lt_u (call $count) (i32.const 8)) (then (call $reboot)))
        (call $trap)) (func $trap unreachable";
    let traced = |wasm: &[u8]| {
        let log = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
        let lines = std::rc::Rc::clone(&log);
        let config = Config {
            log: Box::new(move |text| lines.borrow_mut().push(text.to_owned())),
            record_host_calls: true,
            ..Config::default()
        };
        let mut pvm = Pvm::originate_wasm(wasm, config).unwrap();
        let mut report = pvm.run_level(&[vec![1, 2, 3]]).unwrap();
        let stacks: Vec<_> =
            report.runs.iter_mut().map(|run| std::mem::take(&mut run.stack)).collect();
        // To decode the names takes a tick.
        for run in &mut report.runs {
            let phases = run.phases.as_mut().unwrap();
            phases.decode = 0;
            run.ticks = Some(phases.total());
        }
        pvm.durable_mut().set("/kernel/boot.wasm", b"").unwrap();
        let log = log.borrow().clone();
        (stacks, report, log, pvm.durable().get("/count"))
    };
    let named = traced(&kernel(body));
    let bare = traced(&pvm::strip(&kernel(body)));
    assert_eq!(named.0.len(), 4);
    assert!(named.0.iter().all(|stack| stack[0] == "trap"), "{:?}", named.0);
    assert_eq!((named.1, named.2, named.3), (bare.1, bare.2, bare.3));
}
