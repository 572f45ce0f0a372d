//! The keys the PVM itself reads and writes.

use crate::durable::Key;

/// What version of the PVM this is.
pub(super) const VERSION: Key<'static> = Key::known("/readonly/wasm_version");

/// The kernel.
pub(super) const KERNEL: Key<'static> = Key::known("/kernel/boot.wasm");

/// The last kernel that could be run.
pub(super) const FALLBACK: Key<'static> = Key::known("/readonly/kernel/boot.wasm");

/// There if the kernel wants to run again in this level.
pub(super) const REBOOT: Key<'static> = Key::known("/kernel/env/reboot");

/// How many more times it may: a little-endian `i32`.
pub(super) const REBOOT_COUNTER: Key<'static> = Key::known("/readonly/kernel/env/reboot_counter");

/// There if the last run trapped.
pub(super) const STUCK: Key<'static> = Key::known("/readonly/kernel/env/stuck");

/// There if the last level was ended because of too many reboots.
pub(super) const TOO_MANY_REBOOT: Key<'static> = Key::known("/readonly/kernel/env/too_many_reboot");

/// There if the last upgrade was undone.
pub(super) const UPGRADE_ERROR: Key<'static> = Key::known("/readonly/kernel/env/upgrade_error");
