//! A kernel of twenty lines, played for three levels: it counts external messages in its storage,
//! and sends the count to the outbox.
//!
//! `cargo run --release -p pvm --example counter`

use pvm::{Config, Pvm};

const KERNEL: &str = r#"
(module
    (import "smart_rollup_core" "read_input" (func $read (param i32 i32 i32) (result i32)))
    (import "smart_rollup_core" "write_output" (func $send (param i32 i32) (result i32)))
    (import "smart_rollup_core" "store_read"
        (func $load (param i32 i32 i32 i32 i32) (result i32)))
    (import "smart_rollup_core" "store_write"
        (func $store (param i32 i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "/count")
    (func (export "kernel_run")
        (drop (call $load (i32.const 0) (i32.const 6) (i32.const 0) (i32.const 16) (i32.const 4)))
        (loop $more
            (if (call $read (i32.const 32) (i32.const 64) (i32.const 4096)) (then
                ;; The tag of external messages is 1.
                (i32.store (i32.const 16) (i32.add (i32.load (i32.const 16))
                    (i32.eq (i32.load8_u (i32.const 64)) (i32.const 1))))
                (br $more))))
        (drop (call $store (i32.const 0) (i32.const 6) (i32.const 0) (i32.const 16) (i32.const 4)))
        (drop (call $send (i32.const 16) (i32.const 4)))))
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let wasm = wat::parse_str(KERNEL)?;
    let mut pvm = Pvm::originate_wasm(&wasm, Config { profiled: true, ..Config::default() })?;
    for messages in [vec![], vec![b"\x01one".to_vec(), b"\x01two".to_vec()], vec![vec![1]]] {
        let report = pvm.run_level(&messages)?;
        println!(
            "level {}: {} instructions, some {} ticks, outbox {:?}",
            report.level,
            report.instructions().unwrap_or(0),
            report.ticks().unwrap_or(0),
            report.outbox
        );
    }
    println!("/count is {:?}, of PVM {}", pvm.durable().get("/count"), pvm.version());
    Ok(())
}
