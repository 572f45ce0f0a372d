//! Upgrades: the administrator's contract announces a kernel by hash, its pages come through the
//! inbox, and so many levels after the last of them it is installed.
//!
//! During the delay everyone can read what is going to be installed, and leave. The installation is
//! the last thing in a level, with a reboot to follow: the new kernel starts over an empty inbox, so
//! that nothing is lost if the PVM has to put the old one back.

use encoding::limits::{KERNEL_BYTES, UPGRADE_DELAY_LEVELS};
use encoding::{Kt1Address, Level};
use host::{Host, HostError, RawRollupCore, Subtree};
use inbox::upgrade::{Page, UpgradeCommand, hash_of_page};

use crate::draft::Draft;
use crate::layout::{self, STATE};
use crate::pending_upgrade::{Change, KERNEL, PendingUpgrade, UPGRADE};
use crate::refusal::Refusal;
use crate::results::{MessageResult, Outcome, ResultCode, as_u64};

/// The kernel that the PVM runs next.
pub(crate) const INSTALLED: &str = "/kernel/boot.wasm";
/// The one before the last installation.
pub(crate) const PREVIOUS: &str = "/toru/previous/kernel/boot.wasm";
/// How often the kernel may still be run in this level: a little-endian `i32`, the PVM's.
const REBOOTS_LEFT: &str = "/readonly/kernel/env/reboot_counter";

/// How every WASM module begins: the magic number and version 1.
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// Does what the contract `sender` orders, if it is the administrator.
pub(crate) fn execute<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    sender: &Kt1Address,
    command: UpgradeCommand,
) -> Result<MessageResult, HostError> {
    let refuse = |code| Ok(MessageResult::Refused(Outcome::plain(code)));
    if !layout::is_administrator(draft.host(), sender)? {
        return refuse(ResultCode::NotTheAdministrator);
    }
    let (pending, reason) = match command {
        UpgradeCommand::Announce(first) => {
            let pending = PendingUpgrade { next: Some(first), bytes: 0, due: Level(0) };
            (Some(pending), Outcome::plain(ResultCode::UpgradeAnnounced))
        }
        UpgradeCommand::Cancel if PendingUpgrade::read(&draft.state())?.is_none() => {
            return refuse(ResultCode::NoUpgrade);
        }
        UpgradeCommand::Cancel => (None, Outcome::plain(ResultCode::UpgradeCancelled)),
    };
    draft.upgrade = Some(Change { pending, page: Vec::new() });
    Ok(MessageResult::Done(reason))
}

/// Looks at a page: what it changes and what its result is, or why it is refused.
pub(crate) fn examine<H: RawRollupCore>(
    draft: &Draft<'_, H>,
    body: &[u8],
) -> Result<(Change, Outcome), Refusal> {
    let pending = PendingUpgrade::read(&draft.state())?;
    let Some(mut pending) = pending.filter(|pending| pending.next == Some(hash_of_page(body)))
    else {
        return Err(Outcome::plain(ResultCode::PageNotExpected).into());
    };
    let page = Page::decode(body).map_err(|malformed| Outcome::malformed(&malformed))?;
    let is_first = pending.bytes == 0;
    // A page has less than 4,096 bytes.
    let added = u32::try_from(page.data.len()).unwrap_or(u32::MAX);
    pending.bytes = pending.bytes.saturating_add(added);
    let bytes = u64::from(pending.bytes);
    if is_first && !page.data.starts_with(MODULE) || bytes > as_u64(KERNEL_BYTES) {
        return Err(Outcome::new(ResultCode::NotAKernel, bytes, 0).into());
    }
    pending.next = page.next;
    let mut due = 0;
    if pending.next.is_none() {
        pending.due = Level(draft.level().0.saturating_add(delay(draft.host())?));
        due = u64::from(pending.due.0.unsigned_abs());
    }
    let reason = Outcome::new(ResultCode::PageKept, bytes, due);
    Ok((Change { pending: Some(pending), page: page.data.to_vec() }, reason))
}

/// Installs the new kernel if it is due. Returns whether it has: it is to be run at once then.
pub(crate) fn install<H: RawRollupCore>(host: &H, level: Level) -> Result<bool, HostError> {
    let state = Subtree::new(host, STATE);
    let Some(pending) = PendingUpgrade::read(&state)? else { return Ok(false) };
    if pending.next.is_some() || level < pending.due || !may_reboot(host)? {
        return Ok(false);
    }
    let kernel = state.path(KERNEL);
    // It is gone already if a run was cut off between the moving and the deleting.
    if host.has(&kernel)? {
        if host.has(INSTALLED)? {
            host.copy(INSTALLED, PREVIOUS)?;
        }
        host.rename(&kernel, INSTALLED)?;
    }
    state.delete(UPGRADE)?;
    Ok(true)
}

/// Whether the PVM will run the kernel once more in this level. A kernel that is installed in the
/// last run would start with the next level's inbox, which would be lost if the kernel is invalid.
fn may_reboot<H: RawRollupCore>(host: &H) -> Result<bool, HostError> {
    let left = host.read_record(REBOOTS_LEFT, REBOOTS_LEFT)?.map_or(0, i32::from_le_bytes);
    Ok(left > 0)
}

/// Levels between the last page and the installation, as the configuration has it.
fn delay<H: RawRollupCore>(host: &H) -> Result<i32, HostError> {
    Ok(layout::upgrade_delay(host)?.unwrap_or(UPGRADE_DELAY_LEVELS))
}
