//! An embedded Tezos WASM PVM: levels, reboots, durable storage, reveals and outbox, with no
//! Octez node.
#![doc = include_str!("../README.md")]

mod abi;
mod check;
mod codes;
mod config;
mod durable;
mod engine;
mod host;
mod instrument;
mod machine;
mod memory;
mod native;
mod preimages;
mod report;

pub use abi::{ENTRY_POINT, HostFn, IMPORT_MODULE};
pub use check::{Report, Rule, Violation, check, check_stripped};
pub use codes::{
    Code, MAX_INBOX_MESSAGES, MAX_KEY_BYTES, MAX_MESSAGE_BYTES, MAX_OUTBOX_MESSAGES,
    MAX_RUNS_PER_LEVEL, MAX_STORE_IO_BYTES,
};
pub use config::{Config, DEBUGGER_ROLLUP, InfoPerLevel};
pub use durable::{Durable, MAX_ROW_PATH_BYTES, PathError, RowChange, RowError, TooDeep, Values};
pub use engine::wasmi::WasmiEngine;
pub use engine::{Engine, ModuleError, Outcome, Program, RunEnd};
pub use host::{Host, HostCall, Log};
pub use machine::{Identity, Pvm, Snapshot};
pub use native::{NativeHost, NativeProgram};
pub use preimages::{PreimageDir, PreimageHash, Preimages};
pub use report::{LevelReport, PvmError, RunReport, Status};
