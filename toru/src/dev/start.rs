//! Starts a sandbox, says what is in it, and serves it until it is ended.

use layer1::plain::grouped;
use std::time::Duration;

use encoding::RollupAddress;
use layer1::json::outbox_message;
use layer1::plain::one_line;
use node::{
    Chain, Cors, ListenError, NodeError, Options, Pages, Parts, SettlementParameters, listen, serve,
};
use pvm::{Interrupt, Pvm};
use serde_json::json;

use super::accounts::Account;
use super::args::StartArgs;
use super::banner::{banner, banner_json};
use super::batcher::{SandboxBatcher, forget};
use super::explorer;
use super::history::{self, SandboxHistory};
use super::opening::{ORIGINATION, Opened, config, open};
use super::owing::KernelOwing;
use crate::error::Failure;
use crate::exit::Exit;
use crate::interrupt::on_ctrl_c;
use crate::ui::{Output, Ui, json_line};

/// Starts it. Returns when it was ended.
pub fn start(args: &StartArgs, ui: &Ui) -> Result<Output, Failure> {
    let Some(settlement) =
        SettlementParameters::new(args.commitment_period, args.challenge_window, ORIGINATION)
    else {
        return Err(Failure::usage(
            format!(
                "a commitment period of {} and a challenge window of {} levels",
                grouped(args.commitment_period),
                grouped(args.challenge_window)
            ),
            "a period has 1 to 1,000,000 levels, a window 0 to 1,000,000",
        ));
    };
    let cors = Cors::new(args.cors_origin.clone(), args.cors_header.clone()).map_err(|error| {
        Failure::usage(
            error.to_string(),
            "such as --cors-origin http://localhost:3000 --cors-header content-type",
        )
    })?;
    let listener = listen(args.rpc, args.allow_remote).map_err(|error| {
        Failure::of(Exit::Input, &error).with_hint(match error {
            ListenError::Remote(_) => {
                "whoever gets there can do everything: --allow-remote serves there all the same"
            }
            ListenError::Io { .. } => "--rpc 127.0.0.1:PORT serves elsewhere",
        })
    })?;
    let interrupt = Interrupt::default();
    if let Some(file) = args.state.as_deref().filter(|file| file.symlink_metadata().is_err()) {
        forget(file)?;
        history::forget(file)?;
    }
    let Opened { rollup, layer1, queue } =
        open(args.state.as_deref(), args.receipts_every, config(&interrupt, args.engine)?)?;
    let pages = Pages::default();
    let mut config = config(&interrupt, args.engine)?;
    config.rollup = rollup.store().identity().rollup;
    config.origination_level = rollup.store().identity().origination_level;
    config.preimages = Box::new(pages.clone());
    let simulator = Pvm::resume_wasm(&rollup.store().state(), config);
    let served = RollupAddress(rollup.store().identity().rollup).to_string();
    let parts = Parts {
        rollup,
        simulator,
        pages,
        settlement,
        layer1,
        owing: Some(Box::new(KernelOwing::default())),
        queue,
        describe: outbox_message,
    };
    let mut chain = Chain::new(parts).map_err(|error| failing(&error))?;
    let accounts = Account::all();
    // A rollup of toru run may have played a level of that number.
    let played = chain.summary(ORIGINATION).map_err(|error| failing(&error))?;
    if chain.head() == ORIGINATION && played.is_none() {
        // What waits is for the level after it.
        chain.bake_with(&[]).map_err(|error| failing(&error))?;
    }
    // Ctrl-C ends the serving, and the level that is being played.
    let stop = on_ctrl_c(move || interrupt.set());
    let address = listener.local_addr().map_err(|error| Failure::output(&error))?;
    let at = address.to_string();
    let mut options = Options {
        block_time: (args.block_time > 0).then(|| Duration::from_secs(args.block_time.into())),
        dev: true,
        any_host: args.allow_remote,
        cors,
        address: Some(address),
        stop,
        ..Options::default()
    };
    let batcher = match args.no_batcher {
        true => None,
        false => Some(SandboxBatcher::start(args, address, &mut options)?),
    };
    let history = SandboxHistory::start(args.state.as_deref(), address)?;
    explorer::serve(&history.handle(), args, address, served, &mut options)?;
    let banner = match ui.is_json() {
        true => json_line(&banner_json(&chain, &accounts, &at, args))?,
        false => banner(&chain, &accounts, &at, args),
    };
    ui.say(&banner)?;
    let served = serve(&mut chain, listener, &options, |error| {
        let words = one_line(&error.to_string());
        match error {
            NodeError::Insolvent(_) => ui.tell(&format!("{words}\n")),
            _ => ui.tell(&format!("no level was baked: {words}\n")),
        }
    });
    history.end(ui);
    if let Some(batcher) = batcher {
        batcher.end(ui);
    }
    served.map_err(|error| Failure::output(&error))?;
    let head = chain.head();
    ui.answer(&json!({"ended_at": head}), || format!("ended at level {head}\n"))
}

fn failing(error: &NodeError) -> Failure {
    Failure::of(Exit::Internal, error)
}
