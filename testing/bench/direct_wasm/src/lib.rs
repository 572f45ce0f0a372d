//! A kernel that only measures: it takes one v2 batch of any size from durable storage through the
//! transaction kernel's own phases, up to the one that it is told. What a phase costs is the
//! difference between two runs.

pub mod direct;

use encoding::{Level, MessageId, RollupAddress};
use host::{Host, RawRollupCore};

/// Where the batch is: what follows the version byte.
pub const BATCH: &str = "/bench/batch";
/// Where the phase is, one byte: a number of [`PHASES`].
pub const PHASE: &str = "/bench/phase";
/// Where the module leaves how much memory it has taken beyond what it began with, in bytes: a u32.
pub const MEMORY: &str = "/bench/memory";
/// The phases in order; phase 0 only reads the batch.
pub const PHASES: [&str; 7] = ["read", "decode", "find", "load", "verify", "apply", "write_back"];

/// All phases but `load`: what is read there is read where it is needed, as the kernel does it.
pub const WHOLE: u8 = 7;

/// Does what the phase says, and tells how many transactions were applied. `None`: something was
/// refused, or the host failed.
pub fn run<H: RawRollupCore>(host: &H) -> Option<u64> {
    let phase = *host.read_at(PHASE, 0, 1).ok()?.first()?;
    let body = host.read(BATCH).ok()?;
    if phase == 0 {
        return Some(0);
    }
    let decoded = direct::decode(&body).ok()?;
    if phase == 1 {
        return Some(0);
    }
    let rollup = host.metadata().map_or(RollupAddress([0; 20]), |metadata| metadata.rollup);
    let mut found = decoded.find(host, &rollup, Level(0)).ok()?;
    if phase == 2 {
        return Some(0);
    }
    if phase != WHOLE {
        found.load().ok()?;
    }
    if phase == 3 {
        return Some(0);
    }
    let checked = found.verify(host).ok()?;
    if phase == 4 {
        return Some(0);
    }
    let applied = checked.apply(MessageId { level: Level(0), index: 2 }).ok()?;
    let count = applied.applied;
    if phase > 5 {
        applied.write_back().ok()?;
    }
    Some(count)
}

/// One run: what the PVM calls. A batch that is refused traps: there is nothing to measure.
#[cfg(target_arch = "wasm32")]
#[unsafe(no_mangle)]
pub extern "C" fn kernel_run() {
    const PAGE_BYTES: usize = 65_536;
    let begin = std::arch::wasm32::memory_size::<0>();
    assert!(run(&host::WasmHost).is_some(), "the batch was refused");
    let pages = std::arch::wasm32::memory_size::<0>().saturating_sub(begin);
    let bytes = u32::try_from(pages.saturating_mul(PAGE_BYTES)).unwrap_or(u32::MAX);
    assert!(host::WasmHost.write_at(MEMORY, 0, &bytes.to_be_bytes()).is_ok());
}
