//! `toru solvency`: whether the tickets of the rollup are backed, term by term.

use clap::Args;
use inbox::v2::TicketName;
use layer1::plain::one_line;
use num_bigint::BigInt;
use serde_json::{Value, json};
use wallet::amount;
use wallet::pins::PinKind;
use wallet::solvency::{
    Ask, Chain, LinkState, Solvency, SolvencyError, Term, Verdict, solvency as read,
};
use wallet::state::RollupState;

use super::error::solvency::SolvencyFailure;
use super::grid::{grid, grouped};
use super::interrupt::patience;
use super::session::Session;
use crate::cli::groups::{Layer1Args, WalletArgs};
use crate::error::Failure;
use crate::exit::EXIT_CODES;
use crate::ui::{Output, Ui, json_line};

/// `toru solvency`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct SolvencyArgs {
    /// Only this ticket: the name of a pinned one, KT1…/NAME or #N; by default, all pinned ones
    #[arg(long, value_name = "TICKET")]
    ticket: Option<String>,

    /// How many seconds to wait until both nodes are at one block
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    timeout: u64,

    /// Where layer 1 is.
    #[command(flatten)]
    layer1: Layer1Args,

    /// Where.
    #[command(flatten)]
    wallet: WalletArgs,
}

/// A ticket that is looked at.
struct Looked {
    name: String,
    decimals: u8,
    ask: Ask,
}

/// Says it.
pub fn solvency(args: &SolvencyArgs, ui: &Ui) -> Result<Output, Failure> {
    let session = Session::open(&args.wallet, ui)?;
    let asked = session.needs_layer1(&args.layer1)?;
    let (looked, others) = {
        let state = session.state()?;
        (session.looked_at(&state, args.ticket.as_deref())?, session.unpinned(&state)?)
    };
    let asks: Vec<Ask> = looked.iter().map(|one| one.ask.clone()).collect();
    let time = std::time::Duration::from_secs(args.timeout);
    let progress = ui.progress("reading both nodes");
    let told = read(&session.wallet, &asked.layer1, &asks, &patience(session.wallet.node(), time));
    drop(progress);
    let told = told?;
    let verdicts: Vec<Verdict> = told.chains.iter().map(Chain::verdict).collect();
    let names = |wanted: Verdict| -> Vec<String> {
        let all = looked.iter().zip(&verdicts);
        all.filter(|(_, verdict)| **verdict == wanted).map(|(one, _)| one.name.clone()).collect()
    };
    let (open, unknown) = (names(Verdict::Open), names(Verdict::Unknown));
    let refused = if !open.is_empty() {
        Some(SolvencyFailure::Open(open).into())
    } else if !unknown.is_empty() {
        Some(SolvencyFailure::Unknown(unknown).into())
    } else {
        None
    };
    let text = match ui.is_json() {
        true => json_line(&report(&session, &told, &looked, others, &asked.by))?,
        false => words(&session, &told, &looked, others, &asked.by),
    };
    Ok(Output { text, refused })
}

impl Session<'_> {
    /// The tickets that are to be looked at.
    fn looked_at(
        &self,
        state: &RollupState<'_>,
        wanted: Option<&str>,
    ) -> Result<Vec<Looked>, Failure> {
        let pins = self.wallet.pins();
        let demo = crate::dev::demo_ticket();
        let kind = |pin: &wallet::pins::Pin| match pin.kind {
            // Of the sandbox's demo ticket it is known that it stands for nothing.
            PinKind::Other if self.wallet.is_simulated() && pin.ticket == demo => None,
            kind => Some(kind),
        };
        let of_pin = |pin: &wallet::pins::Pin| Looked {
            name: pin.name.clone(),
            decimals: pin.decimals,
            ask: Ask { ticket: pin.ticket.clone(), kind: kind(pin) },
        };
        let Some(word) = wanted else {
            if pins.is_empty() {
                return Err(SolvencyFailure::NothingPinned.into());
            }
            return Ok(pins.entries().iter().map(of_pin).collect());
        };
        if let Some(pin) = pins.find(word) {
            return Ok(vec![of_pin(pin)]);
        }
        let token = state.token(&state.tokens()?, None, word)??;
        Ok(vec![match pins.of(&token.ticket) {
            Some(pin) => of_pin(pin),
            None => Looked {
                name: token.label(),
                decimals: token.decimals,
                ask: Ask { ticket: token.ticket, kind: Some(PinKind::Other) },
            },
        }])
    }

    /// How many tickets of the rollup are not pinned.
    fn unpinned(&self, state: &RollupState<'_>) -> Result<u32, Failure> {
        let mut others = state.ticket_count()?;
        for pin in self.wallet.pins().entries() {
            if state.token_named(&TicketName::Full(pin.ticket.clone()))?.is_some() {
                others = others.saturating_sub(1);
            }
        }
        Ok(others)
    }
}

impl Looked {
    fn amount(&self, units: &BigInt) -> String {
        let digits = |units: u128| grouped(&amount::digits(units, self.decimals));
        match (u128::try_from(units), u128::try_from(-units)) {
            (Ok(units), _) => digits(units),
            (_, Ok(missing)) => format!("-{}", digits(missing)),
            _ => units.to_string(),
        }
    }
}

/// All terms of a chain, from layer 1 down.
fn terms(chain: &Chain) -> Vec<&Term> {
    let here = chain.locked.iter().chain(&chain.supply).chain([&chain.layer1]);
    here.chain(&chain.rollup).collect()
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Closed => "closed",
        Verdict::Open => "open",
        Verdict::Unknown => "not known",
    }
}

fn words(
    session: &Session<'_>,
    told: &Solvency,
    looked: &[Looked],
    others: u32,
    by: &str,
) -> String {
    let mut text = format!(
        "{} at level {}, block {}\n{by} was asked at the same block\n",
        session.wallet.rollup(),
        told.block.level,
        one_line(&told.block.hash)
    );
    for (one, chain) in looked.iter().zip(&told.chains) {
        text.push_str(&ticket_words(one, chain, session.verbose));
    }
    if others > 0 {
        let (noun, is) = if others == 1 { ("ticket", "is") } else { ("tickets", "are") };
        let others = explain::text::grouped(&others.to_string());
        text.push_str(&format!(
            "\n{others} {noun} of the rollup {is} not pinned: --ticket '#N' looks at one\n"
        ));
    }
    if !session.verbose {
        text.push_str("--verbose shows what is 0 too, and where each number is from\n");
    }
    text
}

/// The terms of a ticket in words. What is 0 and takes part in nothing is shown on request.
fn ticket_words(one: &Looked, chain: &Chain, verbose: bool) -> String {
    let verdict = match (chain.verdict(), &chain.locked) {
        (Verdict::Closed, Some(_)) => "CLOSED",
        (Verdict::Closed, None) => "stands for nothing; what the rollup owes is all there is",
        (Verdict::Open, _) => "DOES NOT CLOSE",
        (Verdict::Unknown, _) => "NOT KNOWN",
    };
    let mut text = format!("\n{}, of {}\n  {verdict}\n", one.name, one.ask.ticket.ticketer);
    let is_shown = |amount: &BigInt| verbose || *amount != BigInt::ZERO;
    let mut rows = Vec::new();
    for term in terms(chain) {
        let amount = match &term.amount {
            Ok(units) => one.amount(units),
            Err(_) => "?".to_owned(),
        };
        if chain.rollup.first() == Some(term) {
            let owed = chain.owed().map_or_else(|| "?".to_owned(), |owed| one.amount(&owed));
            rows.push(vec![owed, "owed by the rollup:".to_owned()]);
        }
        let is_part = chain.rollup.contains(term);
        if !is_part || term.amount.as_ref().ok().is_none_or(is_shown) {
            let indent = if is_part { "  " } else { "" };
            rows.push(vec![amount, format!("{indent}{}", term.what)]);
        }
    }
    for link in chain.links() {
        let (amount, mark) = match &link.state {
            LinkState::Closed(more) if !is_shown(more) => continue,
            LinkState::Closed(more) => (one.amount(more), ""),
            LinkState::Open(more) => (one.amount(more), "  NO"),
            LinkState::Unknown => ("?".to_owned(), ""),
        };
        rows.push(vec![amount, format!("{}{mark}", link.what)]);
    }
    text.push_str(&grid(&["amount", "of what"], &["amount"], rows));
    for term in terms(chain) {
        if let Err(why) = &term.amount {
            text.push_str(&format!("  {}: {}\n", term.what, one_line(why)));
        }
    }
    if verbose {
        for term in terms(chain) {
            text.push_str(&format!("  {}: {}\n", term.what, term.source));
        }
    }
    text
}

fn report(
    session: &Session<'_>,
    told: &Solvency,
    looked: &[Looked],
    others: u32,
    by: &str,
) -> Value {
    let ticket = |(one, chain): (&Looked, &Chain)| {
        let term = |term: &&Term| {
            json!({
                "term": term.field,
                "units": term.amount.as_ref().ok().map(ToString::to_string),
                "unknown": term.amount.as_ref().err(),
                "source": term.source,
            })
        };
        let link = |link: wallet::solvency::Link| {
            let (state, units) = match link.state {
                LinkState::Closed(more) => ("closed", Some(more.to_string())),
                LinkState::Open(more) => ("open", Some(more.to_string())),
                LinkState::Unknown => ("not known", None),
            };
            json!({"link": link.field, "state": state, "units": units})
        };
        json!({
            "ticket": one.name,
            "ticketer": one.ask.ticket.ticketer.to_string(),
            "content": hex::encode(one.ask.ticket.content.to_micheline()),
            "decimals": one.decimals,
            "stands_for": one.ask.kind.map(PinKind::word),
            "state": word(chain.verdict()),
            "terms": terms(chain).iter().map(term).collect::<Value>(),
            "owed_units": chain.owed().map(|owed| owed.to_string()),
            "links": chain.links().into_iter().map(link).collect::<Value>(),
        })
    };
    let closed = told.chains.iter().all(|chain| chain.verdict() == Verdict::Closed);
    json!({
        "rollup": session.wallet.rollup().to_string(),
        "layer1": by,
        "level": told.block.level.0,
        "block": told.block.hash,
        "closed": closed,
        "tickets": looked.iter().zip(&told.chains).map(ticket).collect::<Value>(),
        "not_pinned": others,
    })
}

impl From<SolvencyError> for Failure {
    fn from(error: SolvencyError) -> Self {
        match error {
            SolvencyError::State(error) => error.into(),
            SolvencyError::Layer1(error) => error.into(),
            error @ (SolvencyError::NotTogether { .. } | SolvencyError::Moving) => {
                Failure::of(crate::exit::Exit::NotYet, &error)
                    .with_hint("nothing is claimed: try again, or with a longer --timeout")
            }
        }
    }
}
