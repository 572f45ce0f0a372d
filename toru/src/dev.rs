//! `toru dev`: a sandbox with our kernel, funded accounts and a rollup node's interface, and what is
//! said to one that runs.

mod accounts;
mod args;
mod banner;
mod batcher;
mod call;
mod contract;
mod control;
mod explorer;
mod genesis;
mod history;
mod opening;
mod operations;
mod owing;
mod paid;
mod sandbox;
mod start;
mod target;
mod warp;

use crate::error::Failure;
use crate::ui::{Output, Ui};

pub use accounts::{ACCOUNTS, Account, FUNDS, demo_ticket};
pub use args::DevArgs;
pub use genesis::{
    BOOTSTRAP, BOOTSTRAP_TEZ, BOOTSTRAP_TZBTC, BOOTSTRAP_USDT, DevContract, bootstrap,
};
pub(crate) use paid::paid;

/// Does what the command line says.
///
/// # Errors
/// When the sandbox cannot be started, is not there, or refuses.
pub fn execute(args: &DevArgs, ui: &Ui) -> Result<Output, Failure> {
    match &args.command {
        None => start::start(&args.start, ui),
        Some(command) => call::call(command, ui),
    }
}
