//! `toru ticket add`: pins a name to a ticket, and says what layer 1 knows of its ticketer.

use clap::Args;
use encoding::{Kt1Address, Ticket, TicketContent, TicketIndex};
use layer1::address::{Address, Role};
use serde_json::json;
use wallet::layer1::known::KnownContract;
use wallet::layer1::ticketer::TicketerFacts;
use wallet::limits::MAX_DECIMALS;
use wallet::pins::{Pin, PinKind, PinStore, Pins};
use wallet::ticket::{Token, content_words};

use super::super::error::pin::PinError;
use super::super::session::Session;
use super::super::ticket_list::token_json;
use super::meant::meant;
use crate::cli::groups::Layer1Args;
use crate::error::Failure;
use crate::ui::Output;

/// What is pinned.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The name
    name: String,

    /// The ticket: its ticketer KT1…, or KT1…/NAME or KT1…/#N if that has several, or '#N'
    ///
    /// A ticket that the rollup has never held is what the ticketer says on layer 1, or it is named by its
    /// content, in Michelson: 'KT1…/Pair 0 None' or 'KT1…/"gold"'.
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

    /// Where layer 1 is.
    #[command(flatten)]
    layer1: Layer1Args,
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
    let helper = args.helper.as_deref().map(helper).transpose()?;
    let state = session.state()?;
    let tokens = state.tokens()?;
    let asked = session.asked_layer1(&args.layer1)?;
    let facts = |ticketer: &Kt1Address| -> Result<Option<TicketerFacts>, Failure> {
        let Some(asked) = &asked else { return Ok(None) };
        Ok(asked.layer1.block("head")?.ticketer(ticketer)?)
    };
    let content = |ticketer: &Kt1Address| Ok(facts(ticketer)?.and_then(|facts| facts.content));
    let token = meant(&state, &tokens, &args.ticket, &content)?;
    let on_layer1 = asked.as_ref().map(|asked| {
        let facts = facts(&token.ticket.ticketer)?;
        Ok::<_, Failure>(OnLayer1 { facts, by: &asked.by })
    });
    let on_layer1 = on_layer1.transpose()?;
    if let Some(facts) = on_layer1.as_ref().and_then(|one| one.facts.as_ref()) {
        can_mint(facts, &token.ticket)?;
    }
    // What is not said stays as it is pinned.
    let before = session.wallet.pins().find(&args.name).filter(|pin| pin.ticket == token.ticket);
    let kind = args.kind.or(before.map(|pin| pin.kind)).unwrap_or_else(|| kind_of(&token));
    let usual = if kind == PinKind::Tez { TEZ_DECIMALS } else { 0 };
    let decimals = args.decimals.or(before.map(|pin| pin.decimals)).or(token.claimed_decimals);
    let helper = helper.or(before.and_then(|pin| pin.helper));
    let pin = Pin {
        name: args.name.clone(),
        ticket: token.ticket.clone(),
        decimals: decimals.unwrap_or(usual),
        kind,
        helper,
    };
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
    let facts = on_layer1.as_ref().and_then(|one| one.facts.as_ref());
    let told = json!({
        "name": pin.name,
        "ours": facts.and_then(|facts| facts.ours).map(KnownContract::name),
        "stands_for": facts.and_then(|facts| facts.asset.as_ref()).map(ToString::to_string),
        "ticket": token_json(&pinned),
        "kind": pin.kind.word(),
        "helper": pin.helper.map(|helper| helper.to_string()),
        "file": store.path().display().to_string(),
        "claimed_by": claiming.iter().map(|index| index.0).collect::<Vec<_>>(),
    });
    session.ui.answer(&told, || words(&pin, &pinned, &claiming, on_layer1.as_ref()))
}

/// Fails for a ticket that its ticketer, which is one of ours, never mints.
fn can_mint(facts: &TicketerFacts, ticket: &Ticket) -> Result<(), PinError> {
    let mints = match facts.ours {
        Some(KnownContract::XtzTicketer | KnownContract::FaTicketer) => {
            facts.content.as_ref().is_none_or(|content| *content == ticket.content)
        }
        Some(KnownContract::DepositHelper) => false,
        None => true,
    };
    let content = facts.content.as_ref().map(content_words);
    if mints { Ok(()) } else { Err(PinError::NotMinted { ticketer: ticket.ticketer, content }) }
}

/// What layer 1 says of a ticketer, and who was asked.
struct OnLayer1<'a> {
    /// Nothing if there is no such contract.
    facts: Option<TicketerFacts>,
    by: &'a str,
}

impl OnLayer1<'_> {
    fn words(&self, ticket: &Ticket) -> String {
        let Some(facts) = &self.facts else {
            return format!("  contract  not known: {} has no script of this address\n", self.by);
        };
        let mut text = match facts.ours {
            Some(ours) => format!("  contract  one of ours: {}\n", ours.words()),
            None => "  contract  none of ours\n".to_owned(),
        };
        if let Some(asset) = &facts.asset {
            text.push_str(&format!("  backed by {asset}\n"));
        }
        if facts.content.as_ref().is_some_and(|content| *content != ticket.content) {
            text.push_str("  the contract says that the content of its tickets is another one\n");
        }
        text
    }
}

fn words(
    pin: &Pin,
    token: &Token,
    claiming: &[TicketIndex],
    on_layer1: Option<&OnLayer1<'_>>,
) -> String {
    let mut text = format!("pinned {}\n  ticketer  {}\n", pin.name, pin.ticket.ticketer);
    let content = content_words(&token.ticket.content);
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
    text.push_str(&on_layer1.map_or_else(String::new, |one| one.words(&pin.ticket)));
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

fn helper(text: &str) -> Result<Kt1Address, Failure> {
    let address = Address::parse_as(Role::Contract, text);
    let address = address.map_err(|problem| Failure::option("--helper", text, &problem))?;
    Ok(Kt1Address(address.hash))
}
