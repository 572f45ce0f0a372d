//! The library over a node that answers as Octez's does: one binary of all files beside this one.

mod batcher;
mod common;
mod contract;
mod cosigned;
mod credited;
mod fake_batcher;
mod files;
mod inboxes;
mod indexes;
mod layer1;
mod names;
mod octez;
mod offers;
mod pay;
mod payout;
mod solvency;
mod statuses;
mod withdrawals;
