//! The `toru` binary: errors on stderr in one line each, the exit code, nothing else.

use std::io::{self, Write};
use std::process::ExitCode;

use toru::Output;
use toru::cli::{self, Stop};
use toru::error::Failure;

fn main() -> ExitCode {
    let outcome = match cli::parse(std::env::args_os()) {
        Ok(cli) => toru::execute(cli),
        Err(Stop::Print(text)) => Ok(Output::from(text)),
        Err(Stop::Failure(failure)) => Err(failure),
    };
    let refused = outcome.and_then(|output| print(&output.text).map(|()| output.refused));
    match refused.and_then(|refused| refused.map_or(Ok(()), Err)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Writes the output. That the reader has gone (`toru … | head`) is no failure.
fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(()),
    }
}

fn complain(failure: &Failure) {
    let mut text = format!("error: {failure}\n");
    if let Some(hint) = failure.hint() {
        text.push_str(&format!("hint: {hint}\n"));
    }
    // Nobody is left to tell when stderr is closed too.
    let _ = io::stderr().write_all(text.as_bytes());
}
