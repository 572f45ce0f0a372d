//! The kernel of a later release, made up for tests: today's, over a layout of the state that has a
//! directory more, of every account by its index. What it migrates is thus real, and as large as the
//! ledger.

use std::marker::PhantomData;

use accounts::Ledger;
use encoding::AccountIndex;
use host::{Host, HostError, RawRollupCore, Subtree};
use tx_kernel::layout::LAYOUT_VERSION;
use tx_kernel::migrate::Release;

/// While there is a value here, each step of the migration that begins at this number of an account,
/// a big-endian `u32`, traps.
pub const TRAP: &str = "/next/trap";

/// Where the directory has an account.
pub fn directory_path(account: u32) -> String {
    format!("/directory/{account}")
}

/// The release, for a host.
pub struct Next<H>(PhantomData<H>);

impl<H: RawRollupCore + 'static> Next<H> {
    /// One layout later than today's.
    pub const RELEASE: Release<'static, H> =
        Release { version: LAYOUT_VERSION + 1, migrations: &[write_directory] };
}

/// Puts one account into the directory: its address and its counter.
fn write_directory<H: RawRollupCore>(
    state: &Subtree<'_, H>,
    step: u64,
) -> Result<Option<u64>, HostError> {
    let mut ledger = Ledger::open(*state)?;
    let index = u32::try_from(step).unwrap_or(u32::MAX);
    if index >= ledger.accounts() {
        return Ok(None);
    }
    assert!(state.host().read_at(TRAP, 0, 4)? != index.to_be_bytes(), "told to trap");
    let account = ledger.account(AccountIndex(index))?;
    let record = [&account.address.0[..], &account.counter.get().to_be_bytes()].concat();
    state.write(&directory_path(index), &record)?;
    Ok(Some(step.saturating_add(1)))
}

/// One run, on any host.
pub fn run<H: RawRollupCore + 'static>(host: &H) {
    tx_kernel::kernel_run_of(&Next::RELEASE, host);
}

/// One run: what the PVM calls.
#[cfg(target_arch = "wasm32")]
#[unsafe(no_mangle)]
pub extern "C" fn kernel_run() {
    run(&host::WasmHost);
}
