//! `toru register`: makes an account of a key, or lets the key of an account that is there sign.

use clap::Args;
use client::{Assembly, Builder};
use serde_json::json;
use wallet::follow::Settlement;

use super::failure::WalletFailure;
use super::session::{Common, Sending, Session};
use super::submit::{json_text, say};
use crate::Output;
use crate::error::Failure;

/// `toru register`.
#[derive(Debug, Args)]
#[command(after_help = super::session::EXIT_CODES)]
pub struct RegisterArgs {
    /// Which key: its name, or dev0 to dev9 of the sandbox
    #[arg(value_name = "KEY")]
    key: String,

    /// Where.
    #[command(flatten)]
    common: Common,

    /// How.
    #[command(flatten)]
    sending: Sending,
}

/// Registers a key. One that is registered already is left alone.
pub fn register(args: &RegisterArgs) -> Result<Output, Failure> {
    let session = Session::open(&args.common)?;
    let state = session.state()?;
    let reference = session.account_ref(&state, &args.key)?;
    reference.needs_key()?;
    let account = state.account(&reference.address).map_err(WalletFailure::State)?;
    let done = |registered: bool| {
        let index = account.index.map(|index| index.0);
        let told = json!({
            "account": reference.address.to_string(), "registered": registered, "index": index,
        });
        json_text(&told)
    };
    if account.registered {
        let text = match session.json {
            true => done(true)?,
            false => format!("{} is registered already\n", reference.label()),
        };
        return Ok(Output::from(text));
    }
    if !session.json {
        say(&format!("registers the key of {} on {}\n", reference.label(), state.rollup()))?;
    }
    if args.sending.dry_run {
        return Ok(Output::from(if session.json { done(false)? } else { String::new() }));
    }
    session.confirm(args.sending.yes, "Send it?")?;
    let secret = reference.unlock(&session)?;
    let batch = Builder::new().registration(client::registration(secret.key())).build();
    let message = Assembly::new(batch, *state.rollup()).message();
    // Nobody signs a batch of registrations alone.
    let message = message.map_err(|error| Failure::Internal(error.to_string()))?;
    let payload = message.get(1..).unwrap_or_default().to_vec();
    session.node.inject(&[payload]).map_err(WalletFailure::Rpc)?;
    let Some(stage) = args.sending.wait else {
        return Ok(Output::from(if session.json { done(false)? } else { "sent\n".to_owned() }));
    };
    let account = session.wait_registered(&reference.address, stage, args.sending.patience())?;
    let index = account.index.map(|index| index.0);
    let text = match session.json {
        true => json_text(&json!({
            "account": reference.address.to_string(), "registered": true, "index": index,
        }))?,
        false => format!(
            "{} is registered{}\n",
            reference.label(),
            index.map_or_else(String::new, |index| format!(": account {index}"))
        ),
    };
    Ok(Output::from(text))
}

impl Session {
    /// Waits until a key is registered at a block that has come as far as a stage.
    fn wait_registered(
        &self,
        address: &encoding::Tz4Address,
        stage: Settlement,
        patience: std::time::Duration,
    ) -> Result<wallet::state::Account, Failure> {
        let deadline = std::time::Instant::now() + patience;
        loop {
            let settled = self.node.settled().map_err(WalletFailure::Rpc)?;
            let level = match stage {
                Settlement::Included => settled.head,
                Settlement::Final => settled.finalized,
                Settlement::Committed => settled.committed,
                Settlement::Cemented => settled.cemented,
            };
            // Levels from before the kernel's first run have no state.
            if let Ok(state) = wallet::state::RollupState::at(&self.node, &level.to_string()) {
                let account = state.account(address).map_err(WalletFailure::State)?;
                if account.registered {
                    return Ok(account);
                }
            }
            if std::time::Instant::now() >= deadline {
                return Err(WalletFailure::NotRegistered(*address).into());
            }
            std::thread::sleep(super::session::PAUSE);
        }
    }
}
