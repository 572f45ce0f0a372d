//! `toru tickets`: what there is to hold, in three groups: the names that are pinned, tickets of ticketers that
//! are known here, and all others.

use std::collections::BTreeSet;

use accounts::Supply;
use clap::Args;
use encoding::{Amount, Kt1Address};
use serde_json::{Value, json};
use wallet::amount;
use wallet::limits::{CHECKED_TICKETERS, NAMED_TICKETS};
use wallet::recognition::{KnownTicketers, Recognition};
use wallet::state::Holdings;
use wallet::ticket::Token;

use super::counted::counted;
use super::grid::{grid, grouped};
use super::session::Session;
use crate::cli::groups::{Layer1Args, WalletArgs};
use crate::error::Failure;
use crate::exit::EXIT_CODES;
use crate::ui::{Output, Ui, json_line};

/// `toru tickets`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct TicketsArgs {
    /// Only what this account holds, and how much of it
    #[arg(value_name = "ACCOUNT")]
    account: Option<String>,

    /// Where layer 1 is.
    #[command(flatten)]
    layer1: Layer1Args,

    /// Where.
    #[command(flatten)]
    wallet: WalletArgs,
}

/// A ticket of the list.
struct Listed {
    token: Token,
    held: Option<Amount>,
    supply: Supply,
    recognition: Recognition,
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
            (all.into_iter().map(|token| (token, None)).collect(), of.min(NAMED_TICKETS))
        }
    };
    let supplies: Vec<Supply> = state
        .ledger(|ledger| shown.iter().map(|(token, _)| ledger.supply(token.index)).collect())?;
    let known = session.known_ticketers(shown.iter().map(|(token, _)| token), &args.layer1)?;
    let listed = shown.into_iter().zip(supplies).map(|((token, held), supply)| {
        let recognition = known.recognition(&token, session.wallet.pins());
        Listed { token, held, supply, recognition }
    });
    list(&session, &listed.collect::<Vec<_>>(), (looked, of))
}

impl Session<'_> {
    /// The ticketers that are known here: those of tickets that were paid or withdrawn from here before, and
    /// those that are ours, where a node of layer 1 can be asked.
    fn known_ticketers<'t>(
        &self,
        tokens: impl Iterator<Item = &'t Token>,
        layer1: &Layer1Args,
    ) -> Result<KnownTicketers, Failure> {
        let pins = self.wallet.pins();
        let mut known = KnownTicketers::of_used(&self.used_tickets(None)?);
        let unknown: BTreeSet<Kt1Address> = tokens
            .filter(|token| known.recognition(token, pins) == Recognition::Unknown)
            .map(|token| token.ticket.ticketer)
            .take(CHECKED_TICKETERS)
            .collect();
        if let Some(asked) = self.asked_layer1(layer1)?.filter(|_| !unknown.is_empty()) {
            let block = asked.layer1.block("head")?;
            for ticketer in unknown {
                if block.is_our_ticketer(&ticketer)? {
                    known.add(ticketer);
                }
            }
        }
        Ok(known)
    }
}

fn list(
    session: &Session<'_>,
    tickets: &[Listed],
    (looked, of): (u32, u32),
) -> Result<Output, Failure> {
    if session.ui.is_json() {
        let told = json!({
            "tickets": tickets.iter().map(Listed::json).collect::<Value>(),
            "tickets_looked_at": looked,
            "of": of,
        });
        return json_line(&told).map(Output::from);
    }
    if tickets.is_empty() {
        return Ok(Output::from(format!("no tickets\n{}", unlooked(looked, of))));
    }
    let mut text = String::new();
    for recognition in Recognition::ALL {
        let group: Vec<&Listed> =
            tickets.iter().filter(|one| one.recognition == recognition).collect();
        if !group.is_empty() {
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}{}\n", title(recognition)));
            text.push_str(&table(&group, session.verbose));
            text.push_str(&names(group.iter().map(|one| &one.token)));
        }
    }
    Ok(Output::from(text + &unlooked(looked, of)))
}

/// What is said above a group.
fn title(recognition: Recognition) -> &'static str {
    match recognition {
        Recognition::Pinned => "pinned: each name means this ticket alone",
        Recognition::Known => "known: you paid with these, or layer 1 has our code for them",
        Recognition::Unknown => "unknown: names are the word of ticketers, and anybody can be one",
    }
}

/// A table that fits a terminal of 80 columns, unless all is asked for.
fn table(group: &[&Listed], is_verbose: bool) -> String {
    let is_held = group.iter().any(|one| one.held.is_some());
    let mut columns = vec!["ticket"];
    if is_held {
        columns.push("held");
    }
    columns.extend(["index", "ticketer"]);
    if !is_held || is_verbose {
        columns.push("decimals");
    }
    columns.push("on the rollup");
    if is_verbose {
        columns.push("name");
    }
    let rows = group.iter().map(|one| {
        let Listed { token, held, supply, .. } = one;
        let cells = columns.iter().map(|column| match *column {
            "ticket" => cell(token),
            "held" => {
                held.map_or_else(String::new, |held| grouped(&amount::text(held, token.decimals)))
            }
            "index" => format!("#{}", token.index),
            "ticketer" => token.ticket.ticketer.to_string(),
            "decimals" => token.decimals.to_string(),
            "on the rollup" => grouped(&amount::text(supply.on_rollup, token.decimals)),
            _ => token.name.as_ref().map_or_else(String::new, |name| format!("{name:?}")),
        });
        cells.collect()
    });
    grid(&columns, &["held", "decimals", "on the rollup"], rows)
}

impl Listed {
    fn json(&self) -> Value {
        let Listed { token, held, supply, recognition } = self;
        let mut shown = token_json(token);
        shown["standing"] = json!(recognition.word());
        shown["on_rollup"] = json!(amount::text(supply.on_rollup, token.decimals));
        shown["on_rollup_units"] = json!(supply.on_rollup.get().to_string());
        if let Some(held) = held {
            shown["amount"] = json!(amount::text(*held, token.decimals));
            shown["units"] = json!(held.get().to_string());
        }
        shown
    }
}

/// A ticket's name in a table that has its index and its ticketer in other columns: what is not pinned is
/// quoted, as it is somebody else's word.
pub(super) fn cell(token: &Token) -> String {
    match (&token.pinned, &token.symbol) {
        (Some(name), _) => name.clone(),
        (None, Some(symbol)) => format!("\"{symbol}\""),
        (None, None) => token.word(),
    }
}

/// What is to be said below a table of tickets: which of them are not what their names say, and whose
/// decimals are not those of their contents.
pub(super) fn names<'t>(tokens: impl Iterator<Item = &'t Token>) -> String {
    /// Lines that are shown: anybody can give tickets to anybody.
    const SHOWN: usize = 5;
    let lines = tokens.filter_map(|token| {
        let which = token.known_index().map_or_else(String::new, |index| format!("#{index}"));
        if let (Some(symbol), Some(pinned)) = (&token.symbol, &token.resembles) {
            return Some(format!(
                "{which} is called \"{symbol}\", and is not the pinned {pinned}\n"
            ));
        }
        decimals(token).map(|words| words + "\n")
    });
    let lines: Vec<String> = lines.collect();
    let shown: String = lines.iter().take(SHOWN).map(String::as_str).collect();
    match lines.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        None => shown,
        Some(more) => format!("{shown}and {more} more like these: --json has them\n"),
    }
}

/// What is to be said of a ticket whose content says other decimals than were pinned.
pub(super) fn decimals(token: &Token) -> Option<String> {
    let (name, pinned) = (token.pinned.as_ref()?, token.decimals);
    let claimed = token.claimed_decimals.filter(|claimed| *claimed != pinned)?;
    let pinned = counted(pinned.into(), "decimal");
    Some(format!("{name} has {pinned} as pinned; its content says {claimed}"))
}

/// What is to be said where not all tickets were looked at.
pub(super) fn unlooked(looked: u32, of: u32) -> String {
    match looked < of {
        true => format!(
            "the first {} of {} tickets were looked at, and those that are pinned:\n\
             toru balance ACCOUNT TICKET looks at any\n",
            grouped(&looked.to_string()),
            grouped(&of.to_string())
        ),
        false => String::new(),
    }
}

/// A ticket as JSON.
pub(super) fn token_json(token: &Token) -> Value {
    json!({
        "ticket": token.word(),
        "pinned": token.pinned.is_some(),
        "claims": token.symbol,
        "ticket_index": token.known_index().map(|index| index.0),
        "ticketer": token.ticket.ticketer.to_string(),
        "content": hex::encode(token.ticket.content.to_micheline()),
        "name": token.name,
        "decimals": token.decimals,
        "claimed_decimals": token.claimed_decimals,
    })
}
