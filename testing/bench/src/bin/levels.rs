//! Plays many levels with empty inboxes on a store, and says what they take: see docs/bench.md.

use bench::levels::{Figures, measure};

fn main() -> Result<(), String> {
    let usage = "usage: levels KERNEL.wasm COUNT";
    let mut args = std::env::args().skip(1);
    let (Some(file), Some(count)) = (args.next(), args.next()) else {
        return Err(usage.to_owned());
    };
    let kernel = std::fs::read(&file).map_err(|error| format!("{file}: {error}"))?;
    let count: u32 = count.parse().map_err(|_| usage.to_owned())?;
    let figures = measure(&kernel, count, &mut |level, memory| {
        if level % 10_000 == 0 {
            let kibibytes = memory.map_or(0, |bytes| bytes >> 10);
            eprintln!("level {level}: {kibibytes} KiB of memory");
        }
    })?;
    let (median, slow) = (Figures::median, Figures::slow);
    println!("played alone     median {:.2} ms", median(&figures.played));
    println!(
        "played and kept  median {:.2} ms, one in a hundred over {:.2} ms",
        median(&figures.kept),
        slow(&figures.kept)
    );
    if let Some((before, after)) = figures.memory {
        println!("memory           {} KiB before, {} KiB after", before >> 10, after >> 10);
    }
    println!(
        "file             {} KiB before, {} KiB after",
        figures.file.0 >> 10,
        figures.file.1 >> 10
    );
    Ok(())
}
