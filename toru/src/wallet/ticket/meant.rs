//! Which ticket is to be pinned.

use encoding::{Kt1Address, Ticket, TicketContent, whole};
use layer1::address::{Address, Role};
use layer1::michelson;
use layer1::plain::one_line;
use wallet::error::TicketError;
use wallet::state::RollupState;
use wallet::ticket::{Token, content_words};

use super::super::error::pin::PinError;
use crate::error::Failure;

/// The ticket that a word means: by its ticketer, as a name is what is to be pinned, or by its index.
/// Of a ticketer of which the rollup has never held any, it is what layer 1 says of it.
pub(super) fn meant(
    state: &RollupState<'_>,
    tokens: &[Token],
    word: &str,
    on_layer1: &dyn Fn(&Kt1Address) -> Result<Option<TicketContent>, Failure>,
) -> Result<Token, Failure> {
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
    let address = Address::parse_as(Role::Contract, ticketer);
    let address = address.map_err(|problem| Failure::option("the ticketer", ticketer, &problem))?;
    let ticketer = Kt1Address(address.hash);
    let theirs: Vec<&Token> =
        tokens.iter().filter(|token| token.ticket.ticketer == ticketer).collect();
    let several = |some: &[&Token]| PinError::Several {
        ticketer,
        tickets: some.iter().map(|token| told(token)).collect(),
    };
    let Some(content) = content else {
        return match theirs.as_slice() {
            [] => {
                let content = on_layer1(&ticketer)?.ok_or(PinError::NoTicket(ticketer))?;
                Ok(state.token_of(tokens, &Ticket { ticketer, content })?)
            }
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
    format!("{index}({})", content_words(&token.ticket.content))
}

/// A content that is written in Michelson.
fn michelson_content(text: &str) -> Option<TicketContent> {
    let node = michelson::parse(text).ok()?;
    whole(&michelson::encode(&node), TicketContent::read).ok()
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
