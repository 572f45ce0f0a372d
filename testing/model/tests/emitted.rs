//! What the model writes as scenario files passes `toru test`'s runner, and what is wrong in one
//! is shown by it.
#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use std::cell::{Cell, RefCell};
use std::fs;
use std::path::PathBuf;

use model::{Content, Message, Search, Workload, scenario};
use scenario::{Difference, Engines, Runner, parse};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("emitted")
}

fn run_level(runner: &mut Runner, text: &str) -> Vec<Difference> {
    let scenarios = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(scenarios.len(), 1);
    runner.run(&scenarios[0]).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The numbers of the lines in which somebody is said to have something.
fn balances(text: &str) -> Vec<usize> {
    let is_balance =
        |line: &str| line.starts_with("      - p") && !line.contains(':') && line.contains(" has ");
    text.lines()
        .enumerate()
        .filter(|(_, line)| is_balance(line) && !line.contains(" no "))
        .map(|(at, _)| at)
        .collect()
}

/// The text with one more in that line.
fn one_more(text: &str, at: usize) -> (String, String) {
    let mut wrong = String::new();
    let lines: Vec<String> = text
        .lines()
        .enumerate()
        .map(|(number, line)| {
            if number != at {
                return line.to_owned();
            }
            let (head, rest) = line.split_once(" has ").unwrap();
            let (amount, ticket) = rest.split_once(' ').unwrap();
            let amount: u64 = amount.replace(',', "").parse().unwrap();
            let other = if amount == u64::MAX { amount - 1 } else { amount + 1 };
            let other = explain::text::grouped(&other.to_string());
            let line = format!("{head} has {other} {ticket}");
            wrong = line.trim_start_matches([' ', '-']).to_owned();
            line
        })
        .collect();
    (lines.join("\n"), wrong)
}

#[test]
fn what_the_model_writes_passes_and_with_one_number_wrong_it_does_not() {
    let runner = RefCell::new(Runner::new(Engines::Native, kernel_wasm::EMBEDDED).unwrap());
    let (wrong, exact) = (Cell::new(0), Cell::new(0));
    let search = Search { seed: 5, cases: 500, crowded: 3, folder: folder() };
    let outcome = search.run(|workload| {
        let text = scenario("made by the model", workload);
        let mut runner = runner.borrow_mut();
        let differences = run_level(&mut runner, &text);
        if !differences.is_empty() {
            return Err(format!("{differences:#?}"));
        }
        exact.set(exact.get() + usize::from(!text.contains("raw:")));
        let balances = balances(&text);
        if let Some(at) = balances.get(balances.len() / 2) {
            let (text, expected) = one_more(&text, *at);
            let differences = run_level(&mut runner, &text);
            if differences.len() != 1 || differences[0].expected != expected {
                return Err(format!("{expected}, but the runner says {differences:#?}"));
            }
            wrong.set(wrong.get() + 1);
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    println!("500 played, {} all in words, {} with a wrong number", exact.get(), wrong.get());
    assert!(wrong.get() > 350 && exact.get() > 40, "{} {}", wrong.get(), exact.get());
}

#[test]
fn what_the_model_writes_passes_on_both_engines() {
    let runner = RefCell::new(Runner::new(Engines::Both, kernel_wasm::EMBEDDED).unwrap());
    let search = Search { seed: 6, cases: 12, crowded: 0, folder: folder() };
    let outcome = search.run(|workload| {
        let differences = run_level(&mut runner.borrow_mut(), &scenario("both", workload));
        if differences.is_empty() { Ok(()) } else { Err(format!("{differences:#?}")) }
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

/// Whether somebody withdraws something in a transaction.
fn withdraws(workload: &Workload) -> bool {
    let of = |message: &Message| match message {
        Message::Batch { transactions, .. } => {
            let operations = transactions.iter().flat_map(|one| &one.operations);
            operations.flat_map(|one| &one.contents).any(|one| matches!(one, Content::Withdraw(..)))
        }
        _ => false,
    };
    workload.levels.iter().flatten().any(of)
}

#[test]
fn a_workload_that_fails_is_made_small_and_written_as_a_scenario() {
    // As if the rollup could not withdraw.
    let search = Search { seed: 7, cases: 100, crowded: 0, folder: folder() };
    let told = search.run(|workload| match withdraws(workload) {
        true => Err("nobody may withdraw".to_owned()),
        false => Ok(()),
    });
    let told = told.unwrap_err();
    let path = folder().join("model-7.yaml");
    let written = fs::read_to_string(&path).unwrap();
    for part in ["nobody may withdraw", &written, &path.display().to_string(), "Workload {"] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    assert_eq!(written.matches("withdraws").count(), 1, "made small: {written}");
    assert!(!written.contains(" is sent "), "made small: {written}");
    let mut runner = Runner::new(Engines::Native, kernel_wasm::EMBEDDED).unwrap();
    assert_eq!(run_level(&mut runner, &written), []);
}
