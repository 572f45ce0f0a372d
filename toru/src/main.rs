//! The `toru` binary: a command line, what came of it, the exit code, nothing else.

use std::process::ExitCode;

use toru::cli::{self, NoCommand};
use toru::ui::{Output, Ui};

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    let ui = Ui::of_process(&args);
    let outcome = match cli::parse(args) {
        Ok(cli) => toru::execute(cli, &ui),
        Err(NoCommand::Print(text)) => Ok(Output::from(text)),
        Err(NoCommand::Failure(failure)) => Err(failure),
    };
    ExitCode::from(ui.end(outcome).code())
}
