//! Which ticket a name means.

use std::collections::BTreeSet;

use encoding::{Kt1Address, Ticket, TicketIndex};
use layer1::address::{Address, Role};

use super::Token;
use crate::amount;
use crate::error::{TicketError, one_line};
use crate::pins::{Pin, Pins};

/// The tickets that somebody may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidates<'a> {
    /// The one that is pinned under this name, whatever others call theirs.
    Pinned(&'a Pin),
    /// Those that fit, at least one. Of a name, these are all whose contents say it.
    Fitting(Vec<&'a Token>),
}

/// The tickets that somebody may mean: `#7` by its index, `KT1…` of a ticketer, `KT1…/NAME`, or `NAME`.
///
/// A name that is pinned means that ticket alone. Any other name is what contents say: it means every
/// ticket that says so. One that looks like a pinned name means nothing.
///
/// # Errors
/// When there is none.
pub fn candidates<'a>(
    tokens: &'a [Token],
    pins: &'a Pins,
    wanted: &str,
) -> Result<Candidates<'a>, TicketError> {
    let unknown = || TicketError::Unknown(one_line(wanted));
    if let Some(number) = wanted.strip_prefix('#') {
        let index = amount::index(number).ok_or_else(unknown)?;
        let found = tokens.iter().find(|token| token.known_index() == Some(TicketIndex(index)));
        return Ok(Candidates::Fitting(vec![found.ok_or_else(unknown)?]));
    }
    let (ticketer, name) = match wanted.split_once('/') {
        Some((ticketer, name)) => (Some(ticketer_of(ticketer)?), Some(name)),
        None if wanted.starts_with("KT1") => (Some(ticketer_of(wanted)?), None),
        None => match pins.find_alike(wanted) {
            Some(pin) if pin.name == wanted => return Ok(Candidates::Pinned(pin)),
            Some(pin) => {
                let (wanted, pinned) = (one_line(wanted), pin.name.clone());
                return Err(TicketError::LooksLike { wanted, pinned });
            }
            None => (None, Some(wanted)),
        },
    };
    let fits = |token: &&Token| {
        ticketer.is_none_or(|ticketer| token.ticket.ticketer == ticketer)
            && name.is_none_or(|name| {
                let is_pinned = ticketer.is_some() && token.pinned.as_deref() == Some(name);
                is_pinned || token.symbol.as_deref() == Some(name)
            })
    };
    let all: Vec<&Token> = tokens.iter().filter(fits).collect();
    if all.is_empty() { Err(unknown()) } else { Ok(Candidates::Fitting(all)) }
}

/// The one of several tickets that somebody means who holds those `held`. If that does not settle it,
/// nothing is guessed.
///
/// # Errors
/// When that is not one.
pub fn choose<'a>(
    fitting: &[&'a Token],
    held: &[TicketIndex],
    wanted: &str,
) -> Result<&'a Token, TicketError> {
    let own: Vec<&Token> =
        fitting.iter().filter(|token| held.contains(&token.index)).copied().collect();
    match (fitting, own.as_slice()) {
        ([one], _) | (_, [one]) => Ok(one),
        (all, own) => {
            let several = if own.is_empty() { all } else { own };
            Err(TicketError::Several {
                wanted: one_line(wanted),
                indexes: several.iter().map(|token| token.index).collect(),
            })
        }
    }
}

/// The one of several tickets that was used before, where nothing else has settled it; otherwise the error
/// stays.
///
/// # Errors
/// When none of them was used, or several were.
pub fn narrow<'a>(
    error: TicketError,
    tokens: &'a [Token],
    used: &BTreeSet<Ticket>,
) -> Result<&'a Token, TicketError> {
    let TicketError::Several { indexes, .. } = &error else { return Err(error) };
    let fits = |token: &&Token| indexes.contains(&token.index) && used.contains(&token.ticket);
    let mut fitting = tokens.iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(error),
    }
}

/// The contract that somebody means.
fn ticketer_of(text: &str) -> Result<Kt1Address, TicketError> {
    match Address::parse_as(Role::Contract, text) {
        Ok(address) => Ok(Kt1Address(address.hash)),
        Err(problem) => Err(TicketError::Ticketer { text: one_line(text), problem }),
    }
}
