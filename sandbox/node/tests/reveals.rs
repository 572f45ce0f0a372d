//! Pages that a simulation brings with it can be revealed in it, and nowhere else.

use mockup::State;
use node::{Chain, Layer1, NodeError, Pages, Parts, Queue, SettlementParameters};
use pvm::{Config, Pvm, preimage_hash};
use store::Persistent;

/// Reveals the page whose hash each level's third message has after its tag, and keeps it at /page.
const KERNEL: &str = r#"
    (module
        (import "smart_rollup_core" "read_input"
            (func $read (param i32 i32 i32) (result i32)))
        (import "smart_rollup_core" "reveal_preimage"
            (func $reveal (param i32 i32 i32 i32) (result i32)))
        (import "smart_rollup_core" "store_write"
            (func $write (param i32 i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "/page")
        (func (export "kernel_run") (local $size i32)
            (drop (call $read (i32.const 16) (i32.const 64) (i32.const 4096)))
            (drop (call $read (i32.const 16) (i32.const 64) (i32.const 4096)))
            (local.set $size (call $read (i32.const 16) (i32.const 64) (i32.const 4096)))
            (if (i32.gt_s (local.get $size) (i32.const 30)) (then
                (local.set $size (call $reveal
                    (i32.const 65) (i32.const 33) (i32.const 8192) (i32.const 4096)))
                (drop (call $write (i32.const 0) (i32.const 5) (i32.const 0)
                    (i32.const 8192) (local.get $size)))))))"#;

#[test]
fn pages_are_there_for_their_simulation_alone() {
    let file = std::env::temp_dir().join(format!("node-reveals-{}", std::process::id()));
    let wasm = wat::parse_str(KERNEL).unwrap();
    let config = || Config::on_chain([0; 20], 0);
    let pages = Pages::default();
    let simulator = Config { preimages: Box::new(pages.clone()), ..config() };
    let rollup = Pvm::originate_wasm(&wasm, config()).unwrap();
    let parts = Parts {
        rollup: Persistent::create(&file, rollup).unwrap(),
        simulator: Pvm::originate_wasm(&wasm, simulator).unwrap(),
        pages,
        settlement: SettlementParameters::new(2, 3, 0).unwrap(),
        layer1: Layer1::in_memory(State::new([0; 20], None)),
        owing: None,
        queue: Queue::in_memory(),
        describe: |_| None,
    };
    let mut chain = Chain::new(parts).unwrap();
    let page = b"a page of some words".to_vec();
    let asks = vec![[&[1], preimage_hash(&page).as_slice()].concat()];
    let missing = |outcome: Result<_, NodeError>| {
        matches!(outcome, Err(NodeError::LevelFailed(pvm::PvmError::MissingPreimage { .. })))
    };
    assert!(missing(chain.simulate(&asks, Vec::new()).map(|_| ())));
    let simulated = chain.simulate(&asks, vec![b"another".to_vec(), page.clone()]).unwrap();
    assert_eq!(simulated.durable.get("/page"), Some(page.clone()));
    assert!(missing(chain.simulate(&asks, Vec::new()).map(|_| ())));
    assert!(missing(chain.bake_with(&asks).map(|_| ())));
    let long = vec![vec![0; pvm::MAX_MESSAGE_BYTES + 1]];
    assert!(matches!(chain.simulate(&asks, long), Err(NodeError::TooMuch { .. })));
    assert_eq!((chain.head(), chain.store().durable().get("/page")), (0, None));
    std::fs::remove_file(&file).unwrap();
}
