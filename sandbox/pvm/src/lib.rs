//! An embedded Tezos WASM PVM: levels, reboots, durable storage, reveals and outbox, with no
//! Octez node.
#![doc = include_str!("../README.md")]

mod abi;
mod check;
mod codes;
mod commitment;
mod config;
mod dal;
mod durable;
mod engine;
mod host;
mod instrument;
mod machine;
mod memory;
mod merkle;
mod meter;
mod native;
mod preimages;
mod profile;
pub mod proof;
mod report;
mod state;
pub mod ticks;
mod version;

pub use abi::{ENTRY_POINT, HostFn, IMPORT_MODULE};
pub use check::{Report, Rule, Violation, check, check_stripped, never_runs, strip};
pub use codes::{
    Code, MAX_DAL_IMPORT_LEVELS, MAX_INBOX_MESSAGES, MAX_KEY_BYTES, MAX_MESSAGE_BYTES,
    MAX_OUTBOX_MESSAGES, MAX_RUNS_PER_LEVEL, MAX_STORE_IO_BYTES,
};
pub use commitment::{COMMITMENT_BYTES, Commitment};
pub use config::{Config, DEBUGGER_ROLLUP, InfoPerLevel};
pub use dal::{Dal, DalAttestedSlots, DalDir, DalPage, DalPages, DalParameters};
pub use durable::{
    Durable, MAX_ROW_PATH_BYTES, PathError, RowChange, RowContent, RowError, TooDeep, Values,
    row_content,
};
pub use engine::compared::ComparedEngine;
pub use engine::kind::{EngineKind, EngineOptions, NotBuilt, UnknownEngine, default_engine};
pub use engine::limit::{EngineLimit, MEMORY_LIMIT_DEFAULT_BYTES};
pub use engine::wasmi::WasmiEngine;
#[cfg(feature = "fast")]
pub use engine::wasmtime::WasmtimeEngine;
pub use engine::{Engine, ModuleError, Outcome, Program, RunEnd, Target};
pub use host::{Host, HostCall, Log, Raised, Reveals};
pub use machine::{Identity, LevelInbox, Pvm, Snapshot};
pub use meter::Interrupt;
pub use native::{NativeHost, NativeProgram};
pub use preimages::{PreimageDir, PreimageHash, Preimages, preimage_hash};
pub use profile::{Profile, frame_text};
pub use proof::{OutputProof, ProveError};
pub use report::{DefaultNode, LevelReport, PvmError, RunReport, Status};
pub use state::{MAX_OUTBOXES, MachineState, Registers, UnknownHash};
pub use version::{UnknownVersion, Version};
