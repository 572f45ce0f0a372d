//! A batcher under load: a crowd that posts transfers which each has signed, and signs the batches that it is offered.
//! The node is a sandbox in this process, the batcher a process of its own, and the crowd a thread of this one.

mod crowd;
mod figures;
mod json;
mod member;
mod offers;
mod posts;
mod process;
mod purse;
mod shared;
mod stream;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cpu_time::ProcessTime;

use crate::Options;
use crate::report::Row;

use super::served::{Folder, Kernel, SandboxServer};
use figures::Run;
use process::Batcher;
use purse::Purses;
use shared::Plan;

/// Between two levels.
const BLOCK_TIME: Duration = Duration::from_secs(1);
/// How long a batch is open for signatures, in milliseconds.
const ROUND_MS: u64 = 800;

/// How large a measurement is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Accounts, each with an event stream of its own.
    pub clients: u32,
    /// Transfers of each that are signed beforehand.
    pub transfers: usize,
    /// How long the crowd posts.
    pub time: Duration,
    /// Transfers a second, where the crowd does not post as fast as it can.
    pub pace: f64,
}

/// What the report has.
pub const FULL: Size =
    Size { clients: 10_000, transfers: 8, time: Duration::from_secs(12), pace: 1_000.0 };
const QUICK: Size = Size { clients: 200, transfers: 8, time: Duration::from_secs(4), pace: 50.0 };

/// The rows of the report. Nothing is measured where this process is not `toru`, which the batcher is a command of.
pub(super) fn rows(options: &Options) -> Result<Vec<Row>, String> {
    let Some(toru) = process::this_program()? else { return Ok(Vec::new()) };
    measure(&toru, if options.quick { QUICK } else { FULL }, &mut |_| ())
}

/// Measures a batcher of this program. `tell` hears the rows of each load.
///
/// # Errors
/// When something cannot be started, or anything that was accepted is not applied.
pub fn measure(toru: &Path, size: Size, tell: &mut dyn FnMut(&[Row])) -> Result<Vec<Row>, String> {
    let Size { clients, transfers, time, pace } = size;
    let purses = Arc::new(Purses::new(clients, transfers)?);
    let mut rows = Vec::new();
    for (vanishing, pace) in [(0, None), (1, None), (10, None), (50, None), (1, Some(pace))] {
        let plan = Plan { clients, time, vanishing, pace };
        let folder = Folder::new("batcher")?;
        let node = SandboxServer::start(Kernel::Native, purses.state()?, Some(BLOCK_TIME))?;
        let batcher = Batcher::start(toru, node.address, &folder.0.join("data"), ROUND_MS)?;
        let (before, cpu) = (batcher.used(), ProcessTime::now());
        let outcome = crowd::run(plan, &purses, batcher.address)?;
        let node = cpu.elapsed().saturating_sub(outcome.cpu);
        let used = batcher.used().zip(before).map(|(used, before)| used.since(before));
        let batches = batcher.batches(&outcome.batches)?;
        let run = Run { plan, outcome, batches, used, node }.rows(ROUND_MS);
        tell(&run);
        rows.extend(run);
    }
    Ok(rows)
}
