//! The kernel, natively and as real WASM: one binary of all files beside this one.

mod adversary;
mod conservation;
mod flood;
mod formats;
mod migration;
mod pay_back;
mod queues;
mod reboots;
mod receipts;
mod reference_model;
mod story;
mod strangers;
mod traps;
mod upgrade;
mod v2;
mod v2_bad;
