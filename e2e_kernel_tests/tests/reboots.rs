//! Reboots that run out in the middle of a queue: the rest waits for the next level, in order, and
//! everything is done once.
//!
//! Our own work never needs 1,001 runs: a level's budget is 40 of them. So another kernel burns the
//! first ones and then puts ours in its place, in the same level, with its inbox not yet read.
#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use std::cell::Cell;
use std::rc::Rc;

use host::Host;
use kernel_wasm::EMBEDDED;
use kit::upgrading::{COUNCIL, NEXT, announce, page_messages};
use kit::{LevelOutcome, Person, Twin, batch, deposit, pay, tx};
use pvm::{Config, NativeHost, NativeProgram, Pvm};
use tx_kernel::layout::{ADMINISTRATOR, REBOOT, UPGRADE_DELAY};
use tx_kernel::results::ResultCode;

/// Runs that a level has.
const RUNS: u32 = 1_001;
/// Where our kernel waits for its turn. The end of the path is one that comparisons leave out.
const OURS: &str = "/waiting/kernel/boot.wasm";
/// Where the PVM has the kernel that it runs.
const INSTALLED: &str = "/kernel/boot.wasm";

/// A kernel that asks for another run until only `left` are left, and gives way to ours then.
fn burner(left: u32) -> Vec<u8> {
    // The counter is what is left after this run, which is the last one of the burner.
    let text = format!(
        r#"(module
        (import "smart_rollup_core" "store_read"
            (func $read (param i32 i32 i32 i32 i32) (result i32)))
        (import "smart_rollup_core" "store_write"
            (func $write (param i32 i32 i32 i32 i32) (result i32)))
        (import "smart_rollup_core" "store_copy"
            (func $copy (param i32 i32 i32 i32) (result i32)))
        (memory (export "mem") 1)
        (data (i32.const 100) "{REBOOT}")
        (data (i32.const 200) "/readonly/kernel/env/reboot_counter")
        (data (i32.const 300) "{OURS}")
        (data (i32.const 400) "/kernel/boot.wasm")
        (func (export "kernel_run")
            (drop (call $write (i32.const 100) (i32.const {reboot}) (i32.const 0)
                               (i32.const 0) (i32.const 0)))
            (drop (call $read (i32.const 200) (i32.const 35) (i32.const 0)
                              (i32.const 900) (i32.const 4)))
            (if (i32.eq (i32.load (i32.const 900)) (i32.const {left})) (then
                (drop (call $copy (i32.const 300) (i32.const {ours})
                                  (i32.const 400) (i32.const 17)))))))"#,
        reboot = REBOOT.len(),
        ours = OURS.len(),
    );
    wat::parse_str(text).unwrap()
}

/// Rollups on which ours has so many runs of the first level, and all those of the others.
fn left_with(left: u32) -> Twin {
    let burnt = Cell::new(0);
    let native = NativeProgram::new(move |host: &NativeHost| {
        if burnt.get() < RUNS - left {
            burnt.set(burnt.get() + 1);
            host.write_at(REBOOT, 0, &[1]).unwrap();
            return;
        }
        tx_kernel::kernel_run(host);
    });
    let native = Pvm::originate(Box::new(native), Config::default());
    let mut wasm = Pvm::originate_wasm(&burner(left), Config::default()).unwrap();
    wasm.durable_mut().set(OURS, EMBEDDED).unwrap();
    Twin::of(native, wasm)
}

fn too_many(twin: &Twin) -> bool {
    twin.durable().has("/readonly/kernel/env/too_many_reboot")
}

/// A batch in which all of them take part, and the first pays the second one gold.
fn together(people: &[Person], counter: u64) -> Vec<u8> {
    let operations = people.iter().enumerate().map(|(number, person)| {
        let contents = if number == 0 { vec![pay(&people[1], "gold", 1)] } else { vec![] };
        person.does(counter, contents)
    });
    batch(vec![(tx(operations.collect()), people.iter().collect())])
}

/// What has become of the messages of a level, as far as something has.
fn codes(twin: &Twin, of: &LevelOutcome, count: u32) -> Vec<Option<ResultCode>> {
    let code = |number| twin.message(of.level, number).map(|result| result.outcome().code);
    (0..count).map(code).collect()
}

#[test]
fn reboots_that_run_out_in_the_middle_of_a_queue_lose_and_double_nothing() {
    let people: Vec<Person> = (1..=22).map(Person::new).collect();
    let accepted = Some(ResultCode::BatchAccepted);
    // With each number of runs the cut is elsewhere: before anything is read, between batches, and
    // in the middle of a verification, whose half is kept.
    let mut cuts = Vec::new();
    for left in 1..=5 {
        let mut twin = left_with(left);
        let mut level = vec![deposit(&twin.rollup(), &people[0], "gold", 10)];
        level.extend((0..4).map(|counter| together(&people, counter)));
        let first = twin.run_level(&level);
        let done = codes(&twin, &first, 5);
        let batches = done[1..].iter().filter(|code| **code == accepted).count();
        let rest = vec![None; 4 - batches];
        assert_eq!(done[1 + batches..], rest, "in order, {left} runs: {done:?}");
        assert_eq!(done[0], Some(ResultCode::DepositCredited));
        assert_eq!(twin.counter(&people[21]), batches as u64);
        assert_eq!((first.native.forced_yield, too_many(&twin)), (batches < 4, batches < 4));
        assert_eq!(first.native.unread, 0);
        cuts.push(batches);

        // One more comes in the next level, behind what is left.
        let second = twin.run_level(&[together(&people, 4)]);
        assert!(!second.native.forced_yield && !too_many(&twin));
        assert_eq!(codes(&twin, &first, 5)[1..], vec![accepted; 4], "{left}");
        assert_eq!(codes(&twin, &second, 1), [accepted], "had it come first, it would be stale");
        assert!(people.iter().all(|person| twin.counter(person) == 5));
        assert_eq!((twin.balance(&people[0], "gold"), twin.balance(&people[1], "gold")), (5, 5));
        let third = twin.run_level(&[]);
        assert_eq!(third.runs, 1, "nothing is left over");
        assert_eq!(twin.balance(&people[1], "gold"), 5);
    }
    println!("batches done before the reboots ran out: {cuts:?}");
    assert!(cuts.first() < cuts.last() && cuts.is_sorted(), "{cuts:?}");
}

/// Rollups with another kernel that is due in the next level, of which ours has so many runs.
fn due_with(left: u32) -> Twin {
    let burnt = Rc::new(Cell::new(RUNS));
    let counted = burnt.clone();
    let native = NativeProgram::new(move |host: &NativeHost| {
        if counted.get() < RUNS - left {
            counted.set(counted.get() + 1);
            host.write_at(REBOOT, 0, &[1]).unwrap();
        } else if host.durable().get(INSTALLED).as_deref() == Some(NEXT) {
            next_kernel::run(host);
        } else {
            tx_kernel::kernel_run(host);
        }
    });
    let native = Pvm::originate(Box::new(native), Config::default());
    let wasm = Pvm::originate_wasm(EMBEDDED, Config::default()).unwrap();
    let mut twin = Twin::of(native, wasm);
    twin.set(ADMINISTRATOR, &COUNCIL.0);
    twin.set(UPGRADE_DELAY, &1_u32.to_be_bytes());
    let rollup = twin.rollup();
    twin.run_level(&[announce(&rollup, NEXT)]);
    twin.run_level(&page_messages(&rollup, NEXT));
    burnt.set(0);
    twin.set(OURS, EMBEDDED);
    twin.set(INSTALLED, &burner(left));
    twin
}

#[test]
fn a_kernel_that_is_due_in_the_last_run_is_installed_with_the_next_level() {
    let alice = Person::new(1);
    for (left, at_once) in [(1, false), (2, true), (3, true)] {
        let mut twin = due_with(left);
        let gold = deposit(&twin.rollup(), &alice, "gold", 10);
        let is_new = |twin: &Twin| twin.durable().get(INSTALLED).as_deref() == Some(NEXT);
        let first = twin.run_level(std::slice::from_ref(&gold));
        assert_eq!((is_new(&twin), first.native.unread), (at_once, 0), "{left}");
        let second = twin.run_level(&[gold]);
        assert!(is_new(&twin) && second.native.unread == 0, "{left}");
        twin.run_level(&[]);
        assert_eq!(twin.balance(&alice, "gold"), 20, "{left}");
    }
}
