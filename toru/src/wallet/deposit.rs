//! `toru deposit`: tez or tokens of layer 1 become tickets of an account on the rollup. In the sandbox it happens; on
//! a real chain the command of `octez-client` is printed, and the operation for other signers.

mod make;
mod plan;
mod route;

use clap::Args;

use super::error::deposit::DepositFailure;
use super::session::Session;
use crate::cli::groups::{ConfirmArgs, Layer1Args, WaitArgs, WalletArgs};
use crate::error::Failure;
use crate::exit::EXIT_CODES;
use crate::ui::{Output, Ui};

/// `toru deposit`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct DepositArgs {
    /// How much, in the unit of the ticket: 12.5
    #[arg(value_name = "AMOUNT", allow_negative_numbers = true)]
    amount: String,

    /// Which ticket: the name of a pinned one, such as XTZ
    #[arg(value_name = "TICKET")]
    ticket: String,

    /// Who pays on layer 1 and signs the operation: tz1…, in the sandbox bootstrap1 to bootstrap5, elsewhere any
    /// name that octez-client knows
    #[arg(long, value_name = "tz1…|NAME")]
    from: String,

    /// Who is credited on the rollup: a key's name, tz4…, #N, or dev0 to dev9 of the sandbox
    #[arg(long, value_name = "tz4…|NAME")]
    to: String,

    /// The contract that has the ticket minted and sends it to the rollup; by default, the one that is pinned with
    /// the ticket
    #[arg(long, value_name = "KT1…")]
    helper: Option<String>,

    /// Where layer 1 is.
    #[command(flatten)]
    layer1: Layer1Args,

    /// Whether it is made.
    #[command(flatten)]
    confirm: ConfirmArgs,

    /// How long it is waited for.
    #[command(flatten)]
    wait: WaitArgs,

    /// Where.
    #[command(flatten)]
    wallet: WalletArgs,
}

/// Makes it, or says how.
pub fn deposit(args: &DepositArgs, ui: &Ui) -> Result<Output, Failure> {
    let session = Session::open(&args.wallet, ui)?;
    let happens_here = session.wallet.is_sandbox();
    if !happens_here && args.wait.wait.is_some() {
        return Err(DepositFailure::NothingToWaitFor.into());
    }
    let plan = session.deposit_plan(args)?;
    match happens_here {
        true => session.make_deposit(&plan, args),
        false => session.print_deposit(&plan),
    }
}
