//! What a level costs that is kept on the disk, with nothing in its inbox: time and memory.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use pvm::{EngineKind, Pvm};
use store::Persistent;

use crate::batch::crowd;
use crate::engines::config;
use crate::report::Row;
use crate::{Modules, Options};

/// Accounts in the ledger.
const ACCOUNTS: u32 = 1 << 20;

/// What a level may take, in milliseconds.
const GOAL_MS: f64 = 5.0;

/// Levels played before anything is measured: the first have what is only done once.
const WARM_UP: u32 = 50;

/// Bytes of a page, in which Linux counts memory.
const PAGE_BYTES: u64 = 4_096;

/// What was measured.
#[derive(Clone, Debug)]
pub struct Figures {
    /// How long each level took, played and kept, in ascending order.
    pub kept: Vec<Duration>,
    /// How long the same took that are played alone, in ascending order.
    pub played: Vec<Duration>,
    /// Bytes of memory before the first and after the last, where the system tells.
    pub memory: Option<(u64, u64)>,
    /// Bytes of the file before the first and after the last.
    pub file: (u64, u64),
}

impl Figures {
    /// The one in the middle, in milliseconds.
    pub fn median(times: &[Duration]) -> f64 {
        times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }

    /// One in a hundred takes longer, in milliseconds.
    pub fn slow(times: &[Duration]) -> f64 {
        times.get(times.len() * 99 / 100).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }
}

/// The file that is measured, removed at the end.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // If it cannot be removed, it is in the folder for what need not be kept.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Temporary {
    fn bytes(&self) -> Result<u64, String> {
        std::fs::metadata(&self.0).map(|file| file.len()).map_err(|error| error.to_string())
    }
}

/// Bytes of memory that this process has.
pub(crate) fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    text.split_whitespace().nth(1)?.parse::<u64>().ok()?.checked_mul(PAGE_BYTES)
}

/// Plays levels with empty inboxes over a large ledger, kept and not kept. `tell` hears of each
/// thousandth.
pub fn measure(
    kernel: &[u8],
    levels: u32,
    tell: &mut dyn FnMut(u32, Option<u64>),
) -> Result<Figures, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let start = || -> Result<Pvm, String> {
        let mut pvm = Pvm::originate_wasm(kernel, config(EngineKind::Wasmi, true)?)
            .map_err(|error| text(&error))?;
        pvm.durable_mut().graft("/toru", &crowd(ACCOUNTS)?).map_err(|error| text(&error))?;
        Ok(pvm)
    };
    let mut alone = start()?;
    let mut played = Vec::new();
    for level in 0..WARM_UP + levels.min(1_000) {
        let begun = Instant::now();
        let report = alone.run_level(&[]).map_err(|error| text(&error))?;
        if let Some(trap) = report.first_trap() {
            return Err(format!("the kernel trapped: {trap}"));
        }
        if level >= WARM_UP {
            played.push(begun.elapsed());
        }
    }
    drop(alone);

    let name = format!("toru-bench-levels-{}", std::process::id());
    let file = Temporary(std::env::temp_dir().join(name));
    let mut rollup = Persistent::create(&file.0, start()?).map_err(|error| text(&error))?;
    // What is measured is not to be the memory of what measures.
    let mut kept = Vec::with_capacity(usize::try_from(levels).unwrap_or(0));
    let mut before = (None, 0);
    for level in 0..WARM_UP + levels {
        if level == WARM_UP {
            before = (memory(), file.bytes()?);
        }
        let begun = Instant::now();
        rollup.run_level(&[]).map_err(|error| text(&error))?;
        if level >= WARM_UP {
            kept.push(begun.elapsed());
        }
        if level % 1_000 == 0 {
            tell(level, memory());
        }
    }
    let memory = before.0.zip(memory());
    let file = (before.1, file.bytes()?);
    kept.sort_unstable();
    played.sort_unstable();
    Ok(Figures { kept, played, memory, file })
}

/// The rows of the report.
pub(crate) fn rows(modules: &Modules, options: &Options) -> Result<Vec<Row>, String> {
    let levels = if options.quick { 50 } else { 500 };
    let figures = measure(&modules.kernel, levels, &mut |_, _| ())?;
    let row = |metric: &str, phase: &str, value: f64, unit: &str| {
        let mut row = Row::new(metric, value, unit);
        row.accounts = ACCOUNTS;
        row.engine = "wasmi-inbox".to_owned();
        row.phase = phase.to_owned();
        row
    };
    let ms = "empty_level_ms";
    let mut rows = vec![
        row(ms, "played alone", Figures::median(&figures.played), "ms"),
        row(ms, "played and kept", Figures::median(&figures.kept), "ms").against("goal", GOAL_MS),
        row(ms, "kept, slow", Figures::slow(&figures.kept), "ms").against("goal", GOAL_MS),
    ];
    if let Some((before, after)) = figures.memory {
        let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let memory = row("memory", "kept", mebibytes(after), "MiB");
        rows.push(memory.against("before the levels", mebibytes(before)));
    }
    Ok(rows)
}
