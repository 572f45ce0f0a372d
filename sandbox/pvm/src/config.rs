//! How a PVM is set up.

use crate::dal::Dal;
use crate::engine::Engine;
use crate::engine::kind::{EngineOptions, default_engine};
use crate::host::{Log, Reveals};
use crate::meter::Interrupt;
use crate::preimages::Preimages;
use crate::version::Version;
use std::collections::HashMap;

/// The rollup the Octez debugger runs, unless told otherwise:
/// `sr163Lv22CdE8QagCwf48PWDTquk6isQwv57`.
pub const DEBUGGER_ROLLUP: [u8; 20] = [0; 20];

/// What the message at the second place of each level says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InfoPerLevel {
    /// Seconds since the epoch: the time stamp of the predecessor block.
    pub predecessor_timestamp: i64,
    /// The hash of the predecessor block.
    pub predecessor: [u8; 32],
}

/// How a PVM is set up. The default is that of the Octez debugger: levels start at 0, so does the
/// rollup; the newest version; no preimages and no DAL; WASM runs in the fastest engine of this build; what the kernel prints is dropped.
pub struct Config {
    /// The version of the PVM to originate the rollup with.
    pub version: Version,
    /// The rollup's address.
    pub rollup: [u8; 20],
    /// The level the rollup was originated at, which the kernel can ask for.
    pub origination_level: i32,
    /// The level of the first inbox. On chain, the one after the origination.
    pub first_level: i32,
    /// Where preimages come from.
    pub preimages: Box<dyn Preimages>,
    /// Where DAL pages come from. Without a source the DAL counts as not active.
    pub dal: Option<Box<dyn Dal>>,
    /// What answers every reveal, in place of the preimages, the rollup's metadata and the DAL.
    pub reveals: Option<Box<dyn Reveals>>,
    /// The most ticks a run may take, if fewer than its version allows: a run that is estimated to
    /// take more leaves the PVM stuck, as it would be on chain beyond
    /// [`Version::ticks_per_call`]. Ticks are looked at each million instructions at least.
    pub tick_limit: Option<u64>,
    /// For how many levels outboxes are kept, if not as long as under the protocol of the version.
    pub outbox_validity: Option<i32>,
    /// Stops what is being played. Keep a clone to set it.
    pub interrupt: Interrupt,
    /// Whether reports have a profile by function. WASM kernels only.
    pub profiled: bool,
    /// Gets what the kernel prints.
    pub log: Log,
    /// What runs WASM.
    pub engine: Box<dyn Engine>,
    /// Whether reports list every host call.
    pub record_host_calls: bool,
}

impl Config {
    /// A rollup on a chain: its first inbox is that of the level after the origination.
    #[must_use]
    pub fn on_chain(rollup: [u8; 20], origination_level: i32) -> Self {
        let first_level = origination_level.saturating_add(1);
        Self { rollup, origination_level, first_level, ..Self::default() }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            version: Version::default(),
            rollup: DEBUGGER_ROLLUP,
            origination_level: 0,
            first_level: 0,
            preimages: Box::new(HashMap::new()),
            dal: None,
            reveals: None,
            tick_limit: None,
            outbox_validity: None,
            interrupt: Interrupt::default(),
            profiled: false,
            log: Box::new(|_| ()),
            engine: default_engine(&EngineOptions::default()),
            record_host_calls: false,
        }
    }
}
