//! The one binary: runs the kernel on inputs and scenarios, checks kernels.

pub mod bench;
pub mod cli;
pub mod completions;
pub mod dev;
pub mod engine;
pub mod error;
pub mod exit;
mod function;
pub mod inputs;
pub mod install;
mod interrupt;
pub mod json;
pub mod kernel;
pub mod key;
pub mod man;
mod profile;
pub mod progress;
pub mod pvm_vectors;
pub mod run;
pub mod run_levels;
pub mod setup;
mod shell;
pub mod state;
pub mod table;
pub mod test;
pub mod text_file;
mod tree;
pub mod ui;
pub mod view;
pub mod wallet;

use cli::{Cli, Command, KernelCommand};
use error::Failure;
use ui::{Output, Ui};

/// Does what the command line asks.
///
/// # Errors
/// When it cannot be done.
pub fn execute(cli: Cli, ui: &Ui) -> Result<Output, Failure> {
    match cli.command {
        Command::Run(args) => run::run(&args, ui),
        Command::Test(args) => test::test(&args, ui),
        Command::Bench(args) => bench::bench(&args, ui),
        Command::State(command) => state::execute(&command, ui),
        Command::Key(args) => key::execute(&args, ui),
        Command::Dev(args) => dev::execute(&args, ui),
        Command::Register(args) => wallet::register(&args, ui),
        Command::Balance(args) => wallet::balance(&args, ui),
        Command::History(args) => wallet::history(&args, ui),
        Command::Tickets(args) => wallet::tickets(&args, ui),
        Command::Deposit(args) => wallet::deposit(&args, ui),
        Command::Ticketer(args) => wallet::ticketer(&args, ui),
        Command::Solvency(args) => wallet::solvency(&args, ui),
        Command::Ticket(args) => wallet::ticket(&args, ui),
        Command::Send(args) => wallet::send(&args, ui),
        Command::Payout(args) => wallet::payout(&args, ui),
        Command::Tx(args) => wallet::tx(&args, ui),
        Command::Receipt(args) => wallet::receipt(&args, ui),
        Command::Swap(args) => wallet::swap(&args, ui),
        Command::Batch(args) => wallet::batch(&args, ui),
        Command::Batcher(args) => wallet::batcher(&args, ui),
        Command::Withdraw(args) => wallet::withdraw(&args, ui),
        Command::Reclaim(args) => wallet::reclaim(&args, ui),
        Command::Withdrawals(args) => wallet::withdrawals(&args, ui),
        Command::Execute(args) => wallet::execute(&args, ui),
        Command::Operator(args) => wallet::operator(&args, ui),
        Command::Explorer(args) => wallet::explorer(&args, ui),
        Command::Kernel(KernelCommand::Check { file }) => kernel::check(&file, ui),
        Command::Kernel(KernelCommand::Write { file }) => kernel::write(&file, ui),
        Command::Kernel(KernelCommand::Install(args)) => install::install(&args, ui),
        Command::Kernel(KernelCommand::Build(args)) => kernel::build(&args, ui),
        Command::Kernel(KernelCommand::Hash { file }) => kernel::print_hash(file.as_deref(), ui),
        Command::Kernel(KernelCommand::Pages(args)) => kernel::write_pages(&args, ui),
        Command::Pvm(command) => pvm_vectors::execute(&command, ui),
        Command::Completions { shell } => completions::script::<Cli>(shell, ui),
        Command::Man { out } => man::write::<Cli>(&out, ui),
    }
}
