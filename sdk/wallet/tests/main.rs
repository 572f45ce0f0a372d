//! The library over a node that answers as Octez's does: one binary of all files beside this one.

mod common;
mod contract;
mod credited;
mod files;
mod inboxes;
mod layer1;
mod names;
mod octez;
mod pay;
mod solvency;
mod statuses;
mod withdrawals;
