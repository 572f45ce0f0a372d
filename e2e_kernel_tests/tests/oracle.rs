//! The kernel does what the ledger oracle says, over random workloads.
//!
//! A failure prints the shrunk workload as a Rust literal: put it into `a_workload_by_hand`.

use e2e_kernel_tests::oracle::Content::*;
use e2e_kernel_tests::oracle::Damage::*;
use e2e_kernel_tests::oracle::Form::*;
use e2e_kernel_tests::oracle::Frame::*;
use e2e_kernel_tests::oracle::Kind::*;
use e2e_kernel_tests::oracle::Message::*;
use e2e_kernel_tests::oracle::Named::*;
use e2e_kernel_tests::oracle::Receiver::*;
use e2e_kernel_tests::oracle::Seal::*;
use e2e_kernel_tests::oracle::Signing::*;
use e2e_kernel_tests::oracle::Start::*;
use e2e_kernel_tests::oracle::{Engine, Operation, Transaction, Workload, check, workload};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// Plays this many workloads, the same ones for the same seed.
fn random(seed: u8, cases: u32, engine: Engine) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    // Its 165 withdrawals take WASM some twenty seconds.
    let crowded = if engine == Engine::Both { 0 } else { 5 };
    let outcome = runner
        .run(&workload(crowded), |workload| check(&workload, engine).map_err(TestCaseError::fail));
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn five_thousand_workloads() {
    random(1, 5_000, Engine::Native);
}

#[test]
fn five_thousand_other_workloads() {
    random(2, 5_000, Engine::Native);
}

#[test]
fn a_hundred_workloads_in_wasm() {
    random(3, 100, Engine::Both);
}

#[test]
fn a_hundred_other_workloads_in_wasm() {
    random(4, 100, Engine::Both);
}

#[test]
fn a_workload_by_hand() {
    let workload = Workload {
        start: Crowded,
        accept_v1: true,
        levels: vec![vec![
            Deposit { to: Account(3), ticket: Gold, amount: 5, form: Branch },
            Batch {
                frame: Unframed,
                damage: Sound,
                seal: Sum,
                transactions: vec![Transaction {
                    operations: vec![Operation {
                        signer: 3,
                        named: ByKey,
                        counter_off_by: 0,
                        contents: vec![Pay(0, Gold, 2), Withdraw(Gold, 3)],
                    }],
                    signing: All,
                }],
            },
            Again(1),
        ]],
    };
    assert_eq!(check(&workload, Engine::Native), Ok(()));
    let fresh = Workload { start: Fresh, ..workload.clone() };
    assert_eq!(check(&fresh, Engine::Both), Ok(()));
    // What is printed is what was written.
    let printed = format!("{workload:?}");
    assert!(printed.contains("Pay(") && printed.contains("vec!["), "{printed}");
}

#[test]
fn as_many_strangers_as_in_the_level_before() {
    let levels = vec![vec![Nonsense(0)], vec![Nonsense(0)], vec![], vec![Nonsense(0), Nonsense(2)]];
    let workload = Workload { start: Fresh, accept_v1: true, levels };
    assert_eq!(check(&workload, Engine::Native), Ok(()));
}
