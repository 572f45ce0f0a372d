//! `toru register`: makes an account of a key, or lets the key of an account that is there sign.

use clap::Args;
use client::{Assembly, Builder};
use encoding::AccountIndex;
use serde_json::json;
use wallet::patience::Patience;

use super::error::result::ResultError;
use super::session::Session;
use super::via::LAYER1;
use crate::cli::groups::{SendingArgs, WalletArgs};
use crate::error::Failure;
use crate::exit::EXIT_CODES;
use crate::ui::{Output, Ui};

/// `toru register`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct RegisterArgs {
    /// Which key: its name, or dev0 to dev9 in the sandbox
    #[arg(value_name = "KEY")]
    key: String,

    /// Where.
    #[command(flatten)]
    wallet: WalletArgs,

    /// How.
    #[command(flatten)]
    sending: SendingArgs,
}

/// Registers a key. One that is registered already is left alone.
pub fn register(args: &RegisterArgs, ui: &Ui) -> Result<Output, Failure> {
    let session = Session::open(&args.wallet, ui)?;
    let state = session.state()?;
    let reference = session.account_ref(&state, &args.key)?;
    reference.needs_key()?;
    let account = state.account(&reference.address)?;
    let told = |registered: bool, index: Option<AccountIndex>| {
        let (account, index) = (reference.address.to_string(), index.map(|index| index.0));
        json!({"account": account, "registered": registered, "index": index})
    };
    if account.registered {
        let words = || format!("{} is registered already\n", reference.label());
        return ui.answer(&told(true, account.index), words);
    }
    session.whole(&args.sending, "a registration")?;
    let (label, rollup) = (reference.label(), state.rollup());
    ui.say_words(&format!("registers the key of {label} on {rollup}\n"))?;
    if args.sending.confirm.dry_run {
        return ui.answer(&told(false, account.index), String::new);
    }
    session.confirm(&args.sending.confirm, "Send it?")?;
    let secret = reference.unlock(&session.keyring)?;
    let batch = Builder::new().registration(client::registration(secret.key())).build();
    let message = Assembly::new(batch, *state.rollup()).message();
    // Nobody signs a batch of registrations alone.
    let message = message.map_err(Failure::internal)?;
    if args.sending.via.named() == Some(LAYER1) {
        return session.print_layer1(told(false, account.index), &[message], "");
    }
    session.wallet.deliver(&[message], &Patience::none())?;
    let Some(stage) = args.sending.wait.wait else {
        return ui.answer(&told(false, account.index), || "sent\n".to_owned());
    };
    let patience = Patience::lasting(args.sending.wait.time());
    let account = session.wallet.wait_registered(&reference.address, stage, &patience)?;
    let account = account.ok_or(ResultError::NotRegistered(reference.address))?;
    ui.answer(&told(true, account.index), || {
        let index = account.index;
        let index = index.map_or_else(String::new, |index| format!(": account {index}"));
        format!("{} is registered{index}\n", reference.label())
    })
}
