//! Whom an execution on the simulated layer 1 has paid.

use encoding::{Amount, Kt1Address, Ticket, TicketContent, whole};
use layer1::json::from_micheline;
use layer1::michelson;
use layer1::plain::one_line;
use serde_json::Value;
use wallet::pins::Pins;
use wallet::ticket::Token;

/// Whom the calls of a message have paid, a line for each. Tickets of the contract that pays are called as they are
/// pinned, or as they call themselves.
pub(crate) fn paid(told: &Value, pins: &Pins) -> String {
    let text = |value: &Value| one_line(value.as_str().unwrap_or_default());
    let line = |call: &Value| {
        let contract = format!("{}%{}", text(&call["destination"]), text(&call["entrypoint"]));
        let amount = text(&call["amount"]);
        let of = named(call, pins).unwrap_or_else(|| {
            let content = from_micheline(&call["content"]).map(|node| michelson::text(&node));
            format!("{amount} of {}", one_line(&content.unwrap_or_default()))
        });
        let done = match (amount.is_empty(), call["receiver"].as_str()) {
            (true, _) => format!("{contract} was called"),
            (false, Some(receiver)) => {
                format!("{} is paid {of} by {contract}", one_line(receiver))
            }
            (false, None) => {
                format!("{contract} was handed {of}, and nobody is named in that")
            }
        };
        match call["known"].as_bool() {
            Some(true) => format!("{done}\n"),
            _ => format!(
                "{done}; nothing is known of that contract here, a real one may refuse it\n"
            ),
        }
    };
    told.as_array().into_iter().flatten().map(line).collect()
}

/// An amount of a ticket with a name, as people write it; `None` if it has none, or is a text that says it all.
fn named(call: &Value, pins: &Pins) -> Option<String> {
    let ticketer = Kt1Address::from_base58(call["destination"].as_str()?).ok()?;
    let bytes = michelson::encode(&from_micheline(&call["content"])?);
    let content = whole(&bytes, TicketContent::read).ok()?;
    let amount = Amount::new(call["amount"].as_str()?.parse().ok()?);
    let token = Token::unindexed(Ticket { ticketer, content }, pins);
    let is_text = matches!(token.ticket.content, TicketContent::String(_));
    (!is_text && (token.pinned.is_some() || token.symbol.is_some())).then(|| token.amount(amount))
}
