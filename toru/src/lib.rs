//! The one binary: runs the kernel on inputs and scenarios, checks kernels.

pub mod bench;
pub mod cli;
pub mod completions;
pub mod dev;
pub mod error;
pub mod exit;
pub mod inputs;
pub mod install;
pub mod json;
pub mod kernel;
pub mod key;
pub mod man;
pub mod out;
pub mod play;
mod profile;
pub mod progress;
pub mod run;
pub mod setup;
pub mod state;
pub mod table;
pub mod test;
pub mod text_file;
mod tree;
pub mod view;
pub mod wallet;

pub use layer1::{address, michelson, outbox};

use layer1::{hex_text, plain};

use explain::{batch_v2 as compact, outcome as reasons, text as describe};

use cli::{Cli, Command, KernelCommand};
use error::Failure;

/// What a command came to.
#[derive(Debug, Default)]
pub struct Output {
    /// To be printed.
    pub text: String,
    /// To be reported after that: the command did its work, and the answer is no.
    pub refused: Option<Failure>,
}

impl From<String> for Output {
    fn from(text: String) -> Self {
        Self { text, refused: None }
    }
}

/// Does what the command line asks.
pub fn execute(cli: Cli) -> Result<Output, Failure> {
    let json = cli.json;
    match cli.command {
        Command::Run(args) => run::run(&args),
        Command::Test(args) => test::test(&args, json),
        Command::Bench(args) => bench::bench(&args, json),
        Command::State(command) => state::execute(&command),
        Command::Key(args) => key::execute(&args, json),
        Command::Dev(args) => dev::execute(&args, json),
        Command::Register(args) => wallet::register(&args),
        Command::Balance(args) => wallet::balance(&args),
        Command::Tickets(args) => wallet::tickets(&args),
        Command::Send(args) => wallet::send(&args),
        Command::Tx(args) => wallet::tx(&args),
        Command::Swap(args) => wallet::swap(&args),
        Command::Batch(args) => wallet::batch(&args),
        Command::Withdraw(args) => wallet::withdraw(&args),
        Command::Withdrawals(args) => wallet::withdrawals(&args),
        Command::Execute(args) => wallet::execute(&args),
        Command::Kernel(KernelCommand::Check { file }) => kernel::check(&file, json),
        Command::Kernel(KernelCommand::Write { file }) => kernel::write(&file, json),
        Command::Kernel(KernelCommand::Install(args)) => install::install(&args),
        Command::Kernel(KernelCommand::Build(args)) => kernel::build(&args, json),
        Command::Kernel(KernelCommand::Hash { file }) => kernel::print_hash(file.as_deref(), json),
        Command::Kernel(KernelCommand::Pages(args)) => kernel::write_pages(&args, json),
        Command::Completions { shell } => completions::script(shell, json).map(Output::from),
        Command::Man { out } => man::write(&out, json).map(Output::from),
    }
}
