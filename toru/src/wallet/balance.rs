//! `toru balance` and `toru tickets`: what accounts hold, and what there is to hold.

use accounts::Supply;
use clap::Args;
use encoding::Amount;
use serde_json::{Value, json};
use wallet::amount;
use wallet::state::Holdings;
use wallet::ticket::Token;

use super::grid::{grid, grouped};
use super::session::Session;
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

/// `toru tickets`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct TicketsArgs {
    /// Only what this account holds, and how much of it
    #[arg(value_name = "ACCOUNT")]
    account: Option<String>,

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
            let tokens = state.tokens()?;
            let token = state.token(&tokens, &account, wanted)?;
            let token = token?;
            let amount = state.balance(&account, token.index)?;
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
        vec![amount, token.label(), format!("#{}", token.index), token.ticket.ticketer.to_string()]
    });
    text.push_str(&grid(&["amount", "ticket", "index", "ticketer"], &["amount"], rows));
    text.push_str(&rest);
    Ok(Output::from(text))
}

/// What is to be said where not all tickets were looked at.
fn unlooked(looked: u32, of: u32) -> String {
    match looked < of {
        true => format!(
            "the first {} of {} tickets were looked at: toru balance ACCOUNT TICKET looks at any\n",
            grouped(&looked.to_string()),
            grouped(&of.to_string())
        ),
        false => String::new(),
    }
}

/// All tickets, or those that an account holds.
pub fn tickets(args: &TicketsArgs, ui: &Ui) -> Result<Output, Failure> {
    let session = Session::open(&args.wallet, ui)?;
    let state = session.state()?;
    let of = state.ticket_count()?;
    let (shown, looked): (Vec<(Token, Option<Amount>)>, u32) = match &args.account {
        Some(account) => {
            let reference = session.account_ref(&state, account)?;
            let account = state.account(&reference.address)?;
            let Holdings { held, looked, .. } = state.holdings(&account)?;
            (held.into_iter().map(|(token, amount)| (token, Some(amount))).collect(), looked)
        }
        None => {
            let all = state.tokens()?;
            let looked = u32::try_from(all.len()).unwrap_or(u32::MAX);
            (all.into_iter().map(|token| (token, None)).collect(), looked)
        }
    };
    let supplies = state
        .ledger(|ledger| shown.iter().map(|(token, _)| ledger.supply(token.index)).collect())?;
    list(&session, &shown, supplies, (looked, of))
}

fn list(
    session: &Session<'_>,
    tokens: &[(Token, Option<Amount>)],
    supplies: Vec<Supply>,
    (looked, of): (u32, u32),
) -> Result<Output, Failure> {
    let all = tokens.iter().zip(supplies);
    if session.ui.is_json() {
        let all = all.map(|((token, held), supply)| {
            let mut shown = token_json(token);
            shown["on_rollup"] = json!(amount::text(supply.on_rollup, token.decimals));
            shown["on_rollup_units"] = json!(supply.on_rollup.get().to_string());
            if let Some(held) = held {
                shown["amount"] = json!(amount::text(*held, token.decimals));
                shown["units"] = json!(held.get().to_string());
            }
            shown
        });
        let told = json!({
            "tickets": all.collect::<Value>(), "tickets_looked_at": looked, "of": of,
        });
        return json_line(&told).map(Output::from);
    }
    if tokens.is_empty() {
        return Ok(Output::from(format!("no tickets\n{}", unlooked(looked, of))));
    }
    let is_held = tokens.iter().any(|(_, held)| held.is_some());
    // Without a column that says nothing, a line fits a terminal of 80 columns.
    let is_named = tokens.iter().any(|(token, _)| token.name.is_some());
    let rows = all.map(|((token, held), supply)| {
        let mut row = vec![
            token.label(),
            format!("#{}", token.index),
            token.ticket.ticketer.to_string(),
            token.decimals.to_string(),
            grouped(&amount::text(supply.on_rollup, token.decimals)),
        ];
        if is_named {
            row.push(token.name.clone().unwrap_or_default());
        }
        if let Some(held) = held {
            row.insert(1, grouped(&amount::text(*held, token.decimals)));
        }
        row
    });
    let mut columns = vec!["ticket", "index", "ticketer", "decimals", "on the rollup"];
    if is_named {
        columns.push("name");
    }
    if is_held {
        columns.insert(1, "held");
    }
    let table = grid(&columns, &["held", "decimals", "on the rollup"], rows);
    Ok(Output::from(table + &unlooked(looked, of)))
}

/// A ticket as JSON.
pub(super) fn token_json(token: &Token) -> Value {
    json!({
        "ticket": token.label(),
        "ticket_index": token.index.0,
        "ticketer": token.ticket.ticketer.to_string(),
        "content": hex::encode(token.ticket.content.to_micheline()),
        "name": token.name,
        "decimals": token.decimals,
    })
}
