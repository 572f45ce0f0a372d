//! Tickets as people know them: names, decimals, and which ticket somebody means.

mod content;
mod find;
#[cfg(test)]
mod tests;

use encoding::{Amount, Ticket, TicketContent, TicketIndex};

use crate::amount::{self, AmountError};
use crate::error::one_line;
use crate::limits::MAX_DECIMALS;
use crate::pins::is_word;
use content::{content_text, json_object, lossless, packed_map};

pub use find::{find, named};

/// What the bytes of a content say: a packed `map string bytes`, or a JSON object; nothing if they are neither.
pub(crate) fn packed_facts(data: &[u8]) -> Vec<(String, String)> {
    packed_map(data).or_else(|| json_object(data)).unwrap_or_default()
}

/// The index of a ticket that is not known to have one. It is never shown.
const NO_INDEX: TicketIndex = TicketIndex(u32::MAX);

/// A ticket that the rollup knows, with what its content says of it. What it says is its ticketer's
/// word: anybody can mint a ticket of any name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its index in the rollup's registry; [`Token::known_index`] says whether it has one.
    pub index: TicketIndex,
    /// What it is.
    pub ticket: Ticket,
    /// What people call it; none if the content does not say.
    pub symbol: Option<String>,
    /// A longer name, if the content says one.
    pub name: Option<String>,
    /// How many digits an amount has after the point.
    pub decimals: u8,
}

impl Token {
    /// A ticket of that index, and what its content says.
    ///
    /// A `string` is a symbol if it is a word. The bytes of a `pair nat (option bytes)` may be a
    /// packed `map string bytes` or a JSON object, with `symbol`, `name` and `decimals` as TZIP-21
    /// has them.
    #[must_use]
    pub fn new(index: TicketIndex, ticket: Ticket) -> Self {
        let mut token = Token { index, ticket, symbol: None, name: None, decimals: 0 };
        let facts: Vec<(String, String)> = match &token.ticket.content {
            TicketContent::String(text) => vec![("symbol".to_owned(), lossless(text))],
            TicketContent::NatBytes(_, Some(data)) => packed_facts(data),
            TicketContent::NatBytes(_, None) => Vec::new(),
        };
        for (key, value) in facts {
            match key.as_str() {
                "symbol" if is_word(&value) => token.symbol = Some(value),
                "name" => token.name = Some(one_line(&value)).filter(|name| !name.is_empty()),
                "decimals" => {
                    let decimals = value.parse().ok().filter(|some| *some <= MAX_DECIMALS);
                    token.decimals = decimals.unwrap_or(0);
                }
                _ => {}
            }
        }
        token
    }

    /// A ticket that is not known to have an index: no node was asked, or the rollup has never held it.
    #[must_use]
    pub fn unindexed(ticket: Ticket) -> Self {
        Token::new(NO_INDEX, ticket)
    }

    /// Its index in the rollup's registry, if it is known to have one.
    #[must_use]
    pub fn known_index(&self) -> Option<TicketIndex> {
        (self.index != NO_INDEX).then_some(self.index)
    }

    /// What to call it: its symbol, otherwise `#` and its index, otherwise its ticketer and content. The
    /// last two always mean this ticket, a symbol need not.
    #[must_use]
    pub fn label(&self) -> String {
        match (&self.symbol, self.known_index()) {
            (Some(symbol), _) => symbol.clone(),
            (None, Some(index)) => format!("#{index}"),
            (None, None) => {
                format!("{}/{}", self.ticket.ticketer, content_text(&self.ticket.content))
            }
        }
    }

    /// What to call it among others: its label, with its index where another one has the same label.
    #[must_use]
    pub fn among(&self, all: &[Token]) -> String {
        let label = self.label();
        let is_alike = |other: &Token| other.ticket != self.ticket && other.label() == label;
        match self.known_index() {
            Some(index) if all.iter().any(is_alike) => format!("{label} #{index}"),
            _ => label,
        }
    }

    /// What tells it from every other ticket of its ticketer, where its symbol alone does not: its id and
    /// its content, or the content's hash where it is long. `None` for a `string` that is its symbol.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        match (&self.ticket.content, &self.symbol) {
            (TicketContent::String(text), Some(symbol)) if symbol.as_bytes() == text => None,
            (content, _) => Some(content_text(content)),
        }
    }

    /// Reads an amount of it.
    ///
    /// # Errors
    /// When it is invalid.
    pub fn parse(&self, text: &str) -> Result<Amount, AmountError> {
        amount::parse(text, self.decimals)
    }

    /// An amount of it with its label.
    #[must_use]
    pub fn amount(&self, amount: Amount) -> String {
        format!("{} {}", amount::text(amount, self.decimals), self.label())
    }
}
