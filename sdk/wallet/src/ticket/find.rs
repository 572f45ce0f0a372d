//! Which ticket a name means.

use encoding::{Kt1Address, TicketIndex};
use layer1::address::{Address, Role};

use super::Token;
use crate::amount;
use crate::error::{TicketError, one_line};

/// Which ticket somebody means: `#7` by its index, `KT1…` if its ticketer has one only, `KT1…/NAME`,
/// or `NAME`.
///
/// A name means a ticket that is `held`, if there is one of that name: so nobody can come between by
/// depositing another one of the same name. If that does not settle it, nothing is guessed.
///
/// # Errors
/// When there is none, or there are several.
pub fn find<'a>(
    tokens: &'a [Token],
    held: &[TicketIndex],
    wanted: &str,
) -> Result<&'a Token, TicketError> {
    let all = named(tokens, wanted)?;
    let own: Vec<&Token> =
        all.iter().filter(|token| held.contains(&token.index)).copied().collect();
    match (all.as_slice(), own.as_slice()) {
        ([one], _) | (_, [one]) => Ok(one),
        (several, _) => Err(TicketError::Several {
            wanted: one_line(wanted),
            indexes: several.iter().map(|token| token.index).collect(),
        }),
    }
}

/// All tickets that somebody may mean: at least one.
///
/// # Errors
/// When there is none.
pub fn named<'a>(tokens: &'a [Token], wanted: &str) -> Result<Vec<&'a Token>, TicketError> {
    let unknown = || TicketError::Unknown(one_line(wanted));
    if let Some(number) = wanted.strip_prefix('#') {
        let index = amount::index(number).ok_or_else(unknown)?;
        let found = tokens.iter().find(|token| token.index.0 == index);
        return Ok(vec![found.ok_or_else(unknown)?]);
    }
    let (ticketer, name) = match wanted.split_once('/') {
        Some((ticketer, name)) => (Some(ticketer), Some(name)),
        None if wanted.starts_with("KT1") => (Some(wanted), None),
        None => (None, Some(wanted)),
    };
    let ticketer = ticketer.map(ticketer_of).transpose()?;
    let fits = |token: &&Token| {
        ticketer.is_none_or(|ticketer| token.ticket.ticketer == ticketer)
            && name.is_none_or(|name| token.symbol.as_deref() == Some(name))
    };
    let all: Vec<&Token> = tokens.iter().filter(fits).collect();
    if all.is_empty() { Err(unknown()) } else { Ok(all) }
}

/// The contract that somebody means.
fn ticketer_of(text: &str) -> Result<Kt1Address, TicketError> {
    match Address::parse_as(Role::Contract, text) {
        Ok(address) => Ok(Kt1Address(address.hash)),
        Err(problem) => Err(TicketError::Ticketer { text: one_line(text), problem }),
    }
}
