//! What a level can afford, as docs/protocol.md says it: floods of random batches, held against the
//! reference model, which counts the units itself.
#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use model::{Engine, Search, check, codes, flood, scenario};
use scenario::{Engines, Runner, parse};

fn search(seed: u8, cases: u32) -> Search {
    Search { seed, cases, crowded: 0, folder: env!("CARGO_TARGET_TMPDIR").into() }
}

#[test]
fn floods_cost_what_the_model_says_and_wait_as_it_says() {
    let seen = RefCell::new(BTreeSet::new());
    let busy = Cell::new(0);
    let outcome = search(8, 60).run_over(&flood(), |workload| {
        let codes = codes(workload);
        busy.set(busy.get() + usize::from(codes.contains(&303)));
        seen.borrow_mut().extend(codes);
        check(workload, Engine::Native)
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    println!("60 floods, {} of them so large that some were refused as busy", busy.get());
    let seen = seen.into_inner();
    for code in [1, 102, 103, 303, 307, 308, 309, 310] {
        assert!(seen.contains(&code), "{code} is not in {seen:?}");
    }
}

#[test]
fn a_flood_as_a_scenario_says_what_waits_and_what_came_of_it() {
    let mut runner = Runner::new(Engines::Native, kernel_wasm::EMBEDDED).unwrap();
    let waited = Cell::new(0);
    let runner = RefCell::new(&mut runner);
    let outcome = search(9, 4).run_over(&flood(), |workload| {
        let text = scenario("a flood", workload);
        waited.set(waited.get() + text.matches("- message m").count());
        let scenarios = parse(&text).unwrap();
        let differences = runner.borrow_mut().run(&scenarios[0]).unwrap();
        if differences.is_empty() { Ok(()) } else { Err(format!("{differences:#?}")) }
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    assert!(waited.get() > 10, "{} batches waited", waited.get());
}
