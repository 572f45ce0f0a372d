//! `toru ticket list` and `toru ticket rm`: the pinned tickets of a rollup.

use serde_json::{Value, json};
use wallet::pins::{Pin, PinStore, Pins};
use wallet::ticket::Token;

use super::super::error::pin::PinError;
use super::super::grid::grid;
use super::super::session::Session;
use super::super::ticket_list::{names, token_json};
use crate::error::Failure;
use crate::ui::Output;

/// Lists them: the user's own, and those of the sandbox.
pub(super) fn list(session: &Session<'_>, store: &PinStore) -> Result<Output, Failure> {
    let own = store.load()?;
    let state = session.state()?;
    let tokens = state.tokens()?;
    let mut all = Vec::new();
    for pin in session.wallet.pins().entries() {
        all.push((pin, state.token_of(&tokens, &pin.ticket)?));
    }
    let by = |pin: &Pin| if own.find(&pin.name).is_some() { "you" } else { "sandbox" };
    let told = json!({
        "tickets": all.iter().map(|(pin, token)| {
            let mut shown = token_json(token);
            shown["kind"] = json!(pin.kind.word());
            shown["helper"] = json!(pin.helper.map(|helper| helper.to_string()));
            shown["pinned_by"] = json!(by(pin));
            shown
        }).collect::<Value>(),
        "file": store.path().display().to_string(),
    });
    session.ui.answer(&told, || {
        if all.is_empty() {
            return "no ticket is pinned on this rollup: toru ticket add pins one\n".to_owned();
        }
        let rows = all.iter().map(|(pin, token)| {
            let mut row = row(pin, token);
            row.push(by(pin).to_owned());
            row
        });
        let titles = [&TITLES[..], &["by"]].concat();
        grid(&titles, &["decimals"], rows) + &names(all.iter().map(|(_, token)| token))
    })
}

/// What is shown of a pinned ticket.
pub(super) const TITLES: [&str; 5] = ["ticket", "index", "ticketer", "decimals", "kind"];

/// A pinned ticket, as [`TITLES`] say.
pub(super) fn row(pin: &Pin, token: &Token) -> Vec<String> {
    vec![
        pin.name.clone(),
        token.known_index().map_or_else(|| "-".to_owned(), |index| format!("#{index}")),
        pin.ticket.ticketer.to_string(),
        pin.decimals.to_string(),
        pin.kind.word().to_owned(),
    ]
}

/// Takes one away.
pub(super) fn remove(
    session: &Session<'_>,
    store: &PinStore,
    name: &str,
) -> Result<Output, Failure> {
    let removed = store.change(|own: &mut Pins| match own.remove(name) {
        Some(pin) => Ok(pin),
        None if session.wallet.pins().find(name).is_some() => {
            Err(Failure::from(PinError::OfSandbox(name.to_owned())))
        }
        None => Err(PinError::NotPinned(name.to_owned()).into()),
    })?;
    let told = json!({"removed": removed.name, "ticketer": removed.ticket.ticketer.to_string()});
    session.ui.answer(&told, || {
        format!("{} is not pinned any more: from now on it means the ticket that claims the name, if only one does\n", removed.name)
    })
}
