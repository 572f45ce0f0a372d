//! Whether a ticket of the rollup is backed by what is locked on layer 1, as the wallet adds it up.

use serde_json::{Value, json};
use wallet::layer1::{Layer1, Layer1Error};
use wallet::patience::Patience;
use wallet::pins::PinKind;
use wallet::solvency::{Ask, Chain, SolvencyError, Term, Verdict, solvency};
use wallet::ticket::Token;

use crate::limits::BACKING_TIME;
use crate::parts::decimal_text;
use crate::text::Text;
use crate::visit::Visit;

/// What is known of a ticket's backing.
#[derive(Debug)]
pub(crate) struct Backing {
    /// `closed`, `open` or `unknown`.
    pub verdict: &'static str,
    /// The same in a sentence.
    pub words: &'static str,
    /// Each term: what, how much or why that is not known, and who says so.
    pub terms: Vec<(Text, Text, Text)>,
}

/// Asks both nodes, once for all who ask about this head. Nothing where there is no layer 1 to ask, or no node.
pub(crate) fn backing(visit: &Visit<'_>, token: &Token) -> Option<Result<Backing, Text>> {
    let head = visit.look.seen()?;
    let layer1 = match &visit.site.layer1 {
        Some(layer1) => layer1.clone(),
        None if head.session.is_sandbox() => head.session.node().clone(),
        None => return None,
    };
    let pin = visit.pins.of(&token.ticket);
    let kind = match pin.map(|pin| pin.kind) {
        // Of a ticket of the sandbox that stands for nothing, nothing is locked.
        Some(PinKind::Other) if head.session.is_simulated() => None,
        Some(kind) => Some(kind),
        None => Some(PinKind::Other),
    };
    let asked = head.once(&format!("backing {}", token.ticket.hash().0), |head| {
        let silence = &visit.site.layer1_silence;
        if let Some(why) = silence.why() {
            return Err(Text::of(&why));
        }
        let ask = Ask { ticket: token.ticket.clone(), kind };
        let patience = Patience::lasting(BACKING_TIME);
        let told = solvency(&head.session, &Layer1::new(layer1), &[ask], &patience);
        let told = told.map_err(|error| {
            let why = visit.site.heads.without_address(&error.to_string());
            if is_of_any_ticket(&error) {
                silence.note(&why);
            }
            Text::of(&why)
        })?;
        Ok(told.chains.first().map(told_of).unwrap_or_default())
    });
    Some(asked.map(|told| shown(&told, token)))
}

/// Whether the next one who asks, whatever of, would wait as long for the same.
fn is_of_any_ticket(error: &SolvencyError) -> bool {
    match error {
        SolvencyError::Layer1(Layer1Error::NoAnswer(_))
        | SolvencyError::NotTogether { .. }
        | SolvencyError::Moving => true,
        SolvencyError::Layer1(_) | SolvencyError::State(_) => false,
    }
}

fn told_of(chain: &Chain) -> Value {
    let verdict = match chain.verdict() {
        Verdict::Closed => "closed",
        Verdict::Open => "open",
        Verdict::Unknown => "unknown",
    };
    let first = [chain.locked.as_ref(), chain.supply.as_ref(), Some(&chain.layer1)];
    let terms = first.into_iter().flatten().chain(&chain.rollup);
    let told = |term: &Term| {
        let (amount, why) = match &term.amount {
            Ok(amount) => (Some(amount.to_string()), None),
            Err(why) => (None, Some(why)),
        };
        json!([term.what, amount, why, term.source])
    };
    json!({"verdict": verdict, "terms": terms.map(told).collect::<Vec<_>>()})
}

fn shown(told: &Value, token: &Token) -> Backing {
    let (verdict, words) = match told["verdict"].as_str() {
        Some("closed") => ("closed", "What is locked on layer 1 covers what the rollup owes."),
        Some("open") => ("open", "What is locked on layer 1 does not cover what the rollup owes."),
        _ => ("unknown", "Not all terms are known, and what is known does not contradict."),
    };
    let term = |term: &Value| {
        let text = |at: usize| term[at].as_str().unwrap_or_default();
        let amount = match term[1].as_str() {
            Some(amount) => decimal_text(amount, token),
            None => format!("not known: {}", text(2)),
        };
        (Text::of(text(0)), Text::of(&amount), Text::of(text(3)))
    };
    let terms = told["terms"].as_array().into_iter().flatten().map(term).collect();
    Backing { verdict, words, terms }
}
