//! The kernel's one sentence: recover, collect the inbox, credit deposits, verify and apply batches, send.
//!
//! Each run of a level goes through it from the start. A run that has more to do than it may leaves
//! the reboot flag standing; a run that is cut off by a trap or a host failure leaves it too, and
//! the next one finds the message in progress and sets it aside.

use host::{Host, HostError, RawRollupCore};

use crate::layout::{self, Layout, LevelUse, REBOOT};
use crate::migrate::{self, Release};
use crate::{batches, deposits, in_progress, ingest, receipts, send, upgrade};

/// One run of the kernel.
pub fn kernel_run<H: RawRollupCore>(host: &H) {
    kernel_run_of(&Release::THIS, host);
}

/// One run of a kernel made for another layout of the state.
pub fn kernel_run_of<H: RawRollupCore>(release: &Release<'_, H>, host: &H) {
    if let Err(error) = run(release, host) {
        host.debug(&format!("toru: this run stopped early: {error}\n"));
    }
}

fn run<H: RawRollupCore>(release: &Release<'_, H>, host: &H) -> Result<(), HostError> {
    // Before anything that could fail: what is cut off is run again, with the inbox still there.
    host.write_at(REBOOT, 0, &[1])?;
    let rollup = host.metadata()?.rollup;
    let accept_v1 = layout::accepts_v1(host)?;
    let layout = migrate::open(host, release)?;
    let level = LevelUse::read(host)?.unwrap_or_default();

    match layout {
        Layout::Ours => {}
        Layout::Older(version) => {
            ingest::ingest(host, &rollup, accept_v1, layout, level)?;
            return migrate::go_on(host, release, version);
        }
        Layout::Newer => {
            ingest::ingest(host, &rollup, accept_v1, layout, level)?;
            host.debug("toru: the state is a newer kernel's; taking messages in, nothing else\n");
            return host.delete(REBOOT);
        }
    }

    in_progress::recover(host, &level)?;
    let mut level = ingest::ingest(host, &rollup, accept_v1, layout, level)?;
    let more = deposits::work_off(host, &rollup, &level)?
        || batches::work_off(host, &rollup, accept_v1, &mut level)?;
    if more {
        return Ok(());
    }
    receipts::seal(host, level.level)?;
    send::send(host)?;
    if upgrade::install(host, level.level)? {
        return Ok(());
    }
    host.delete(REBOOT)
}
