//! A PVM that is taken apart between levels and put together again goes on as if nothing had been.

use crate::common::kernel;
use pvm::{Config, Identity, InfoPerLevel, NativeHost, NativeProgram, Pvm, Snapshot, Status};

/// The state from its parts, as somebody who kept them has it.
fn kept(pvm: &Pvm) -> Snapshot {
    let state = pvm.snapshot();
    let durable = state.durable().clone();
    Snapshot::new(durable, state.next_level(), state.last_level(), state.status().clone())
}

#[test]
fn levels_go_on_where_they_were() {
    // Counts its runs, and sends the information about the predecessor.
    let wasm = kernel(
        "(drop (call $count)) (drop (call $read)) (drop (call $write_output (i32.const 1000)
         (call $read)))",
    );
    let config = || Config::on_chain([7; 20], 41);
    let mut straight = Pvm::originate_wasm(&wasm, config()).unwrap();
    let mut resumed = Pvm::originate_wasm(&wasm, config()).unwrap();
    for second in 0..4 {
        let info = InfoPerLevel { predecessor_timestamp: second, predecessor: [3; 32] };
        straight.set_info_per_level(info);
        resumed = Pvm::resume_wasm(&kept(&resumed), config());
        resumed.set_info_per_level(info);
        assert_eq!(resumed.info_per_level(), info);
        assert_eq!(resumed.run_level(&[]), straight.run_level(&[]));
        assert_eq!(resumed.durable(), straight.durable());
        assert_eq!(resumed.level(), straight.level());
    }
    assert_eq!(resumed.durable().get("/count").as_deref(), Some(&[4, 0][..]));
    let identity = Identity { rollup: [7; 20], origination_level: 41, fixed_kernel: false };
    assert_eq!(resumed.identity(), identity);
}

#[test]
fn a_native_kernel_goes_on_too() {
    let program = || Box::new(NativeProgram::new(|_: &NativeHost| ()));
    let mut pvm = Pvm::originate(program(), Config::default());
    pvm.run_level(&[]).unwrap();
    let mut resumed = Pvm::resume(program(), &kept(&pvm), Config::default());
    assert_eq!(resumed.run_level(&[]).unwrap().level, 1);
    assert!(resumed.identity().fixed_kernel);
}

#[test]
fn what_is_stuck_stays_stuck_for_the_same_reason() {
    let mut pvm = Pvm::originate_unchecked(b"no kernel", Config::default());
    pvm.run_level(&[]).unwrap();
    assert!(matches!(pvm.status(), Status::Stuck(_)));
    let resumed = Pvm::resume_wasm(&kept(&pvm), Config::default());
    assert_eq!(resumed.status(), pvm.status());
}
