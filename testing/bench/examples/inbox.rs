//! Instructions a transfer of one batch through the inbox of a kernel: `inbox KERNEL.wasm N`.
#![allow(clippy::unwrap_used, reason = "a tool")]
use bench::batch::{Mode, crowd, enrol, signed};
use bench::trace::{Receivers, generate};
use bench::{people, wasm};
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let kernel = std::fs::read(&args[1]).unwrap();
    for n in args[2..].iter().map(|n| n.parse::<usize>().unwrap()) {
        let accounts = 1 << 20;
        let crowd = crowd(accounts).unwrap();
        let trace = generate(n, accounts, Receivers::Uniform, u64::from(accounts) << 32 | n as u64);
        let keys = people::keys(n).unwrap();
        let mut state = crowd.clone();
        enrol(&mut state, &trace, &keys).unwrap();
        let message = inbox::envelope::framed_v2(&wasm::ROLLUP, &signed(&trace, Mode::Batch, &wasm::ROLLUP).unwrap().encode());
        let (all, empty) = wasm::through_inbox(&kernel, &state, &[message]).unwrap();
        println!("{n}: {} a transfer, empty {empty}", all / n as u64);
    }
}
