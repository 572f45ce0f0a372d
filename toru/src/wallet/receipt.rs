//! `toru receipt`: a payment shown to somebody who trusts layer 1 alone.

mod args;
mod make;
mod told;
mod verify;

use crate::error::Failure;
use crate::ui::{Output, Ui};

pub use args::ReceiptArgs;
use args::ReceiptCommand;

/// Does what the command says.
pub fn receipt(args: &ReceiptArgs, ui: &Ui) -> Result<Output, Failure> {
    match &args.command {
        Some(ReceiptCommand::Verify(args)) => verify::verify(args, ui),
        None => make::make(&args.make, ui),
    }
}
