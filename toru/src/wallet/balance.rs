//! `toru balance`: what an account holds.

use clap::Args;
use serde_json::{Value, json};
use wallet::amount;
use wallet::state::Holdings;

use super::grid::{grid, grouped};
use super::session::Session;
use super::ticket_list::{cell, names, token_json, unlooked};
use crate::cli::groups::{Layer1Args, WalletArgs};
use crate::error::Failure;
use crate::exit::EXIT_CODES;
use crate::ui::{Output, Ui, json_line};

/// `toru balance`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct BalanceArgs {
    /// Whose: a key's name, tz4…, #N, or dev0 to dev9 of the sandbox; on layer 1, tz1…, KT1…, or bootstrap1 to
    /// bootstrap5 of the sandbox
    #[arg(value_name = "ACCOUNT")]
    account: String,

    /// Only of this ticket: NAME, KT1…/NAME or #N; prints the amount alone. On layer 1, of what a pinned ticket
    /// stands for
    #[arg(value_name = "TICKET")]
    ticket: Option<String>,

    /// Where layer 1 is.
    #[command(flatten)]
    layer1: Layer1Args,

    /// Where.
    #[command(flatten)]
    wallet: WalletArgs,
}

/// What an account holds.
pub fn balance(args: &BalanceArgs, ui: &Ui) -> Result<Output, Failure> {
    let session = Session::open(&args.wallet, ui)?;
    if let Some(person) = session.only_on_layer1(&args.account)? {
        return session.layer1_balance(&person, args.ticket.as_deref(), &args.layer1);
    }
    let state = session.state()?;
    let reference = session.account_ref(&state, &args.account)?;
    let account = state.account(&reference.address)?;
    let Holdings { held, looked, of } = match &args.ticket {
        None => state.holdings(&account)?,
        Some(wanted) => {
            let token = session.token_of(&state, &account, wanted)?;
            let amount = state.balance(&account, &token)?;
            if !session.ui.is_json() {
                return Ok(Output::from(format!("{}\n", amount::text(amount, token.decimals))));
            }
            Holdings { held: vec![(token, amount)], looked: 1, of: 1 }
        }
    };
    if session.ui.is_json() {
        let held = held.iter().map(|(token, amount)| {
            let mut shown = token_json(token);
            shown["amount"] = json!(amount::text(*amount, token.decimals));
            shown["units"] = json!(amount.get().to_string());
            shown
        });
        return json_line(&json!({
            "account": reference.address.to_string(),
            "index": account.index.map(|index| index.0),
            "counter": account.counter.get().to_string(),
            "registered": account.registered,
            "level": state.block().level.0,
            "holds": held.collect::<Value>(),
            "tickets_looked_at": looked,
            "tickets": of,
        }))
        .map(Output::from);
    }
    let registered = match (account.index, account.registered) {
        (None, _) => "not known to the rollup yet".to_owned(),
        (Some(index), true) => format!("account {index}, registered"),
        (Some(index), false) => format!("account {index}, its key not registered yet"),
    };
    let mut text =
        format!("{}: {registered}, next counter {}\n", reference.label(), account.counter);
    let rest = unlooked(looked, of);
    if held.is_empty() {
        let nothing = if rest.is_empty() { "holds nothing\n" } else { "holds none of them\n" };
        return Ok(Output::from(format!("{text}{rest}{nothing}")));
    }
    let rows = held.iter().map(|(token, amount)| {
        let amount = grouped(&amount::text(*amount, token.decimals));
        let name = if token.resembles.is_some() { cell(token) } else { token.word() };
        vec![amount, name, format!("#{}", token.index), token.ticket.ticketer.to_string()]
    });
    text.push_str(&grid(&["amount", "ticket", "index", "ticketer"], &["amount"], rows));
    text.push_str(&names(held.iter().map(|(token, _)| token)));
    text.push_str(&rest);
    Ok(Output::from(text))
}
