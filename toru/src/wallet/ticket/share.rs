//! `toru ticket export` and `toru ticket import`: pinned tickets in a file for others.

use std::io;
use std::path::Path;

use files::Readers;
use serde_json::{Value, json};
use wallet::pins::{Pin, PinFile, PinStore, PinsError};

use super::super::counted::counted;
use super::super::error::pin::PinError;
use super::super::grid::grid;
use super::super::session::Session;
use super::super::ticket_list::{names, token_json};
use super::show::{TITLES, row};
use crate::cli::groups::ConfirmArgs;
use crate::error::{Failure, shown_path};
use crate::ui::Output;

/// Writes what the user has pinned. What a sandbox has pinned, every sandbox has.
pub(super) fn export(
    session: &Session<'_>,
    store: &PinStore,
    out: &Path,
) -> Result<Output, Failure> {
    let pins = store.load()?;
    let count = pins.entries().len();
    if count == 0 {
        return Err(PinError::NothingPinned.into());
    }
    let file = PinFile { rollup: Some(*session.wallet.rollup()), pins };
    let written = files::create(out, file.to_json().as_bytes(), Readers::All);
    let told = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            io::Error::new(error.kind(), "it is there already: give another name")
        }
        _ => error,
    };
    written.map_err(told).map_err(Failure::writing(out))?;
    let path = shown_path(out);
    let told = json!({"file": path, "tickets": count});
    session.ui.answer(&told, || format!("wrote {}, to {path}\n", counted(count, "pinned ticket")))
}

/// Pins what is in a file: all of it that is new, or nothing.
pub(super) fn import(
    session: &Session<'_>,
    store: &PinStore,
    path: &Path,
    is_rollup_named: bool,
    confirm: &ConfirmArgs,
) -> Result<Output, Failure> {
    let file = PinStore::read_file(path)?;
    let wrong = |problem| PinsError::File { path: path.to_owned(), problem };
    file.check(session.wallet.rollup()).map_err(wrong)?;
    if file.rollup.is_none() && !is_rollup_named {
        return Err(PinError::NoRollup(shown_path(path)).into());
    }
    let mut all = session.wallet.pins().clone();
    let is_here = |pin: &&Pin| session.wallet.pins().find(&pin.name) == Some(*pin);
    let (here, new): (Vec<&Pin>, Vec<&Pin>) = file.pins.entries().iter().partition(is_here);
    let mut changes = Vec::new();
    for pin in &new {
        if let Err(problem) = all.add((*pin).clone()) {
            changes.push(problem);
        }
    }
    if !changes.is_empty() {
        return Err(PinError::Changes { file: shown_path(path), changes }.into());
    }
    let state = session.state()?;
    // What each is to be called once it is pinned.
    let tokens = state.tokens()?;
    let mut shown = Vec::new();
    for pin in &new {
        let found = state.token_of(&tokens, &pin.ticket)?;
        shown.push((*pin, wallet::ticket::Token::new(found.index, found.ticket, &all)));
    }
    let mut text = grid(&TITLES, &["decimals"], shown.iter().map(|(pin, token)| row(pin, token)));
    text.push_str(&names(shown.iter().map(|(_, token)| token)));
    let is_written = !new.is_empty() && !confirm.dry_run;
    if !new.is_empty() {
        session.ui.say_words(&text)?;
    }
    if is_written {
        let refusal = "nothing was pinned: it was not confirmed";
        session.ui.confirm(confirm.yes, "Pin them?", refusal)?;
        store.change(|own| {
            for pin in &new {
                own.add((*pin).clone()).map_err(|problem| Failure::from(PinError::Pin(problem)))?;
            }
            Ok::<(), Failure>(())
        })?;
    }
    let told = json!({
        "file": shown_path(path),
        "added": shown.iter().map(|(_, token)| token_json(token)).collect::<Value>(),
        "here_already": here.iter().map(|pin| &pin.name).collect::<Vec<_>>(),
        "written": is_written,
    });
    session.ui.answer(&told, || {
        let here = match here.len() {
            0 => String::new(),
            1 => "1 ticket of the file is pinned already\n".to_owned(),
            count => format!("{} of the file are pinned already\n", counted(count, "ticket")),
        };
        match (new.len(), is_written) {
            (0, _) => here,
            (count, true) => format!("{here}pinned {}\n", counted(count, "ticket")),
            (_, false) => format!("{here}nothing was pinned\n"),
        }
    })
}
