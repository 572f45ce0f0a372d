//! `toru ticket add`: finds the ticket that is meant, and pins a name to it.

use clap::Args;
use encoding::{Kt1Address, Ticket, TicketContent, TicketIndex, whole};
use layer1::address::{Address, Role};
use layer1::michelson;
use layer1::plain::one_line;
use serde_json::json;
use wallet::error::TicketError;
use wallet::limits::MAX_DECIMALS;
use wallet::pins::{Pin, PinKind, PinStore, Pins};
use wallet::state::RollupState;
use wallet::ticket::Token;

use super::super::error::pin::PinError;
use super::super::session::Session;
use super::super::ticket_list::token_json;
use crate::error::Failure;
use crate::ui::Output;

/// What is pinned.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The name
    name: String,

    /// The ticket: its ticketer KT1…, or KT1…/NAME or KT1…/#N if that has several, or '#N'
    ///
    /// A ticket that the rollup has never held is named by its content, in Michelson:
    /// 'KT1…/Pair 0 None' or 'KT1…/"gold"'.
    #[arg(value_name = "KT1…[/CONTENT]")]
    ticket: String,

    /// How many digits amounts have after the point [default: as the ticket's content says]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(..=i64::from(MAX_DECIMALS)))]
    decimals: Option<u8>,

    /// The contract that makes such tickets of tez or tokens and deposits them, in one call
    #[arg(long, value_name = "KT1…")]
    helper: Option<String>,

    /// What the ticketer pays out [default: tez for the content Pair 0 None, fa if the content says so]
    #[arg(long, value_name = "tez|fa|other", value_parser = kind)]
    kind: Option<PinKind>,
}

/// Reads the word for a kind.
fn kind(text: &str) -> Result<PinKind, String> {
    PinKind::of_word(text).ok_or_else(|| "expected tez, fa or other".to_owned())
}

/// The decimals of tez.
const TEZ_DECIMALS: u8 = 6;

/// Pins it.
pub(super) fn add(
    session: &Session<'_>,
    store: &PinStore,
    args: &AddArgs,
) -> Result<Output, Failure> {
    let helper = args.helper.as_deref().map(|text| contract("--helper", text)).transpose()?;
    let state = session.state()?;
    let tokens = state.tokens()?;
    let token = meant(&state, &tokens, &args.ticket)?;
    let kind = args.kind.unwrap_or_else(|| kind_of(&token));
    let usual = if kind == PinKind::Tez { TEZ_DECIMALS } else { 0 };
    let decimals = args.decimals.or(token.claimed_decimals).unwrap_or(usual);
    let (name, ticket) = (args.name.clone(), token.ticket.clone());
    let pin = Pin { name, ticket, decimals, kind, helper };
    // The sandbox's names are not pinned to anything else.
    let mut all = session.wallet.pins().clone();
    if all.find(&pin.name) == Some(&pin) {
        let told = json!({"name": pin.name, "file": store.path().display().to_string()});
        return session
            .ui
            .answer(&told, || format!("{} is pinned to that ticket already\n", pin.name));
    }
    all.add(pin.clone()).map_err(PinError::Pin)?;
    store.change(|own| {
        own.add(pin.clone()).map_err(|problem| Failure::from(PinError::Pin(problem)))
    })?;
    let pinned = Token::new(token.index, token.ticket, &all);
    let claiming = claiming(&tokens, &pin, &all);
    let told = json!({
        "name": pin.name,
        "ticket": token_json(&pinned),
        "kind": pin.kind.word(),
        "helper": pin.helper.map(|helper| helper.to_string()),
        "file": store.path().display().to_string(),
        "claimed_by": claiming.iter().map(|index| index.0).collect::<Vec<_>>(),
    });
    session.ui.answer(&told, || words(&pin, &pinned, &claiming))
}

fn words(pin: &Pin, token: &Token, claiming: &[TicketIndex]) -> String {
    let mut text = format!("pinned {}\n  ticketer  {}\n", pin.name, pin.ticket.ticketer);
    let content = token.content_words();
    let ticket = match token.known_index() {
        Some(index) => format!("#{index}, {content}"),
        None => format!("{content} (the rollup has never held it)"),
    };
    text.push_str(&format!("  ticket    {ticket}\n"));
    if let Some(symbol) = token.symbol.as_ref().filter(|symbol| **symbol != pin.name) {
        text.push_str(&format!("  called    \"{symbol}\" by its ticketer\n"));
    }
    let claimed = token.claimed_decimals.filter(|claimed| *claimed != pin.decimals);
    let claimed = claimed.map_or_else(String::new, |says| format!(" (its content says {says})"));
    text.push_str(&format!(
        "  decimals  {}{claimed}\n  kind      {}\n",
        pin.decimals,
        pin.kind.word()
    ));
    if let Some(helper) = pin.helper {
        text.push_str(&format!("  helper    {helper}\n"));
    }
    if let Some(first) = claiming.first() {
        let more = match claiming.len() {
            1 => format!("#{first} claims"),
            count => format!("{count} other tickets claim"),
        };
        text.push_str(&format!("{more} this name as well: it does not mean them any more\n"));
    }
    text
}

/// The other tickets whose contents say this name, or one that looks like it.
fn claiming(tokens: &[Token], pin: &Pin, pins: &Pins) -> Vec<TicketIndex> {
    let claims = |token: &&Token| {
        let shown = Token::new(token.index, token.ticket.clone(), pins);
        shown.resembles.as_ref() == Some(&pin.name)
    };
    tokens.iter().filter(claims).filter_map(Token::known_index).collect()
}

/// What the ticketer probably pays out.
fn kind_of(token: &Token) -> PinKind {
    match &token.ticket.content {
        TicketContent::NatBytes(id, None) if *id == 0.into() => PinKind::Tez,
        _ if token.fact("token_type").is_some_and(|found| found.starts_with("FA")) => PinKind::Fa,
        _ => PinKind::Other,
    }
}

/// The ticket that a word means: by its ticketer, as a name is what is to be pinned, or by its index.
fn meant(state: &RollupState<'_>, tokens: &[Token], word: &str) -> Result<Token, Failure> {
    if word.starts_with('#') {
        return Ok(state.token(tokens, None, word)??);
    }
    let (ticketer, content) = match word.split_once('/') {
        Some((ticketer, content)) => (ticketer, Some(content)),
        None => (word, None),
    };
    if !ticketer.starts_with("KT1") {
        return Err(PinError::NoTicketer(one_line(word)).into());
    }
    let ticketer = contract("the ticketer", ticketer)?;
    let theirs: Vec<&Token> =
        tokens.iter().filter(|token| token.ticket.ticketer == ticketer).collect();
    let several = |some: &[&Token]| PinError::Several {
        ticketer,
        tickets: some.iter().map(|token| told(token)).collect(),
    };
    let Some(content) = content else {
        return match theirs.as_slice() {
            [] => Err(PinError::NoTicket(ticketer).into()),
            [one] => Ok((*one).clone()),
            all => Err(several(all).into()),
        };
    };
    if content.starts_with('#') {
        let found = state.token(tokens, None, content)??;
        return match found.ticket.ticketer == ticketer {
            true => Ok(found),
            false => Err(PinError::OtherTicketer { word: one_line(content), ticketer }.into()),
        };
    }
    let is_called = |token: &&&Token| match &token.ticket.content {
        TicketContent::String(text) => text == content.as_bytes(),
        TicketContent::NatBytes(..) => token.symbol.as_deref() == Some(content),
    };
    let called: Vec<&Token> = theirs.iter().filter(is_called).copied().collect();
    match (called.as_slice(), michelson_content(content)) {
        ([one], _) => Ok((*one).clone()),
        ([], Some(content)) => Ok(state.token_of(tokens, &Ticket { ticketer, content })?),
        ([], None) => {
            // One beyond those that are looked through for names.
            match state.token(&[], None, word)? {
                Ok(token) => Ok(token),
                Err(TicketError::Unknown(_) | TicketError::NotAmongFirst { .. }) => {
                    let content = one_line(content);
                    Err(PinError::NoContent { ticketer, content }.into())
                }
                Err(error) => Err(error.into()),
            }
        }
        (all, _) => Err(several(all).into()),
    }
}

/// A ticket among others of its ticketer.
fn told(token: &Token) -> String {
    let index = token.known_index().map_or_else(String::new, |index| format!("#{index} "));
    format!("{index}({})", token.content_words())
}

/// A content that is written in Michelson.
fn michelson_content(text: &str) -> Option<TicketContent> {
    let node = michelson::parse(text).ok()?;
    whole(&michelson::encode(&node), TicketContent::read).ok()
}

fn contract(what: &str, text: &str) -> Result<Kt1Address, Failure> {
    let address = Address::parse_as(Role::Contract, text);
    let address = address.map_err(|problem| Failure::option(what, text, &problem))?;
    Ok(Kt1Address(address.hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_written_in_michelson() {
        for (text, expected) in [
            ("Pair 0 None", Some(TicketContent::NatBytes(0.into(), None))),
            ("Pair 3 (Some 0x05ff)", Some(TicketContent::NatBytes(3.into(), Some(vec![5, 255])))),
            ("(Pair 0 None)", Some(TicketContent::NatBytes(0.into(), None))),
            ("\"gold\"", Some(TicketContent::String(b"gold".to_vec()))),
            ("gold", None),
            ("Pair -1 None", None),
            ("Pair 0 None 7", None),
            ("7", None),
            ("", None),
            ("\"gold", None),
        ] {
            assert_eq!(michelson_content(text), expected, "{text}");
        }
    }
}
