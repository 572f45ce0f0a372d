//! Measures a batcher under load and nothing else: see docs/bench.md.

use std::path::Path;
use std::time::Duration;

use bench::load::batcher::{FULL, Size, measure};
use bench::report::table;

fn main() -> Result<(), String> {
    let usage = "usage: batcher TORU [CLIENTS [SECONDS [TRANSFERS_A_SECOND]]]";
    let mut args = std::env::args().skip(1);
    let toru = args.next().ok_or(usage)?;
    let mut number = |default: f64| match args.next() {
        None => Ok(default),
        Some(text) => text.parse::<f64>().map_err(|_| usage.to_owned()),
    };
    let clients = number(f64::from(FULL.clients))?;
    let time = Duration::from_secs_f64(number(FULL.time.as_secs_f64())?);
    let pace = number(FULL.pace)?;
    let clients = format!("{clients}").parse().map_err(|_| usage.to_owned())?;
    let size = Size { clients, time, pace, ..FULL };
    measure(Path::new(&toru), size, &mut |rows| println!("{}", table(rows))).map(drop)
}
