//! Counts what one batch of any size takes that is handed to the kernel's phases directly, phase by phase, and what memory
//! it takes. For who tunes them, as `toru bench` counts the phases that were built into it. See docs/bench.md.

use bench::batch::{Mode, crowd, enrol, signed};
use bench::people;
use bench::trace::{Receivers, generate};
use bench::wasm::{self, Phase};

fn main() -> Result<(), String> {
    let usage = || "usage: direct DIRECT.wasm ACCOUNTS TRANSFERS...".to_owned();
    let mut args = std::env::args().skip(1);
    let file = args.next().ok_or_else(usage)?;
    let module = std::fs::read(&file).map_err(|error| format!("{file}: {error}"))?;
    let accounts: u32 = args.next().and_then(|text| text.parse().ok()).ok_or_else(usage)?;
    for transfers in args {
        let transfers: usize = transfers.parse().map_err(|_| usage())?;
        let seed = u64::from(accounts) << 32 | transfers as u64;
        let trace = generate(transfers, accounts, Receivers::Uniform, seed);
        let mut state = crowd(accounts)?;
        enrol(&mut state, &trace, &people::keys(transfers)?)?;
        let body = signed(&trace, Mode::Batch, &wasm::ROLLUP)?.encode();
        let direct = wasm::phases(&module, &state, &body)?;
        let each = |all: u64| all as f64 / transfers as f64;
        println!("{transfers} transfers among {accounts} accounts; each:");
        let print = |name: &str, phase: &Phase| {
            let Phase { instructions, ticks, host_calls } = phase;
            let (instructions, ticks) = (each(*instructions), each(*ticks));
            let calls = each(*host_calls);
            println!(
                "{instructions:>10.1} instructions {ticks:>10.0} ticks {calls:>6.2} calls  {name}"
            );
        };
        for (name, phase) in direct_wasm::PHASES.iter().skip(1).zip(&direct.phases) {
            print(name, phase);
        }
        print("all but the signature", &direct.all_but_the_signature);
        print("total", &direct.total);
        println!("{:>10.1} bytes of memory", each(direct.memory.into()));
    }
    Ok(())
}
