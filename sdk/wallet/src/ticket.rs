//! Tickets as people know them: names, decimals, and which ticket somebody means.

mod content;
mod find;
#[cfg(test)]
mod tests;

use encoding::{Amount, Ticket, TicketContent, TicketIndex};

use crate::amount::{self, AmountError};
use crate::error::one_line;
use crate::limits::MAX_DECIMALS;
use crate::pins::{Pins, is_word};
use content::{json_object, lossless, packed_map};

pub use content::content_words;
pub use find::{Candidates, candidates, choose, narrow};

/// What the bytes of a content say: a packed `map string bytes`, or a JSON object; nothing if they are neither.
pub(crate) fn packed_facts(data: &[u8]) -> Vec<(String, String)> {
    packed_map(data).or_else(|| json_object(data)).unwrap_or_default()
}

/// The index of a ticket that is not known to have one. It is never shown.
const NO_INDEX: TicketIndex = TicketIndex(u32::MAX);

/// A ticket, with what the user has pinned of it and what its content says of it. What the content says is
/// its ticketer's word: anybody can mint a ticket of any name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its index in the rollup's registry; [`Token::known_index`] says whether it has one.
    pub index: TicketIndex,
    /// What it is.
    pub ticket: Ticket,
    /// The name that is pinned to it.
    pub pinned: Option<String>,
    /// What its content calls it; none if the content does not say, or says no word.
    pub symbol: Option<String>,
    /// The pinned name of another ticket, if this one's content claims it, or a name that looks like it.
    pub resembles: Option<String>,
    /// A longer name, if the content says one.
    pub name: Option<String>,
    /// How many digits an amount has after the point: as it is pinned, otherwise as the content says.
    pub decimals: u8,
    /// The decimals that the content says, if it says any.
    pub claimed_decimals: Option<u8>,
}

impl Token {
    /// A ticket of that index: what is pinned of it, and what its content says.
    ///
    /// A `string` is a symbol if it is a word. The bytes of a `pair nat (option bytes)` may be a
    /// packed `map string bytes` or a JSON object, with `symbol`, `name` and `decimals` as TZIP-21
    /// has them.
    #[must_use]
    pub fn new(index: TicketIndex, ticket: Ticket, pins: &Pins) -> Self {
        let mut token = Token {
            index,
            ticket,
            pinned: None,
            symbol: None,
            resembles: None,
            name: None,
            decimals: 0,
            claimed_decimals: None,
        };
        for (key, value) in facts(&token.ticket.content) {
            match key.as_str() {
                "symbol" if is_word(&value) => token.symbol = Some(value),
                "name" => token.name = Some(one_line(&value)).filter(|name| !name.is_empty()),
                "decimals" => {
                    let decimals = value.parse().ok().filter(|some| *some <= MAX_DECIMALS);
                    token.claimed_decimals = decimals;
                }
                _ => {}
            }
        }
        token.decimals = token.claimed_decimals.unwrap_or(0);
        match pins.of(&token.ticket) {
            Some(pin) => {
                token.pinned = Some(pin.name.clone());
                token.decimals = pin.decimals;
            }
            None => {
                let pin = token.symbol.as_deref().and_then(|symbol| pins.find_alike(symbol));
                token.resembles = pin.map(|pin| pin.name.clone());
            }
        }
        token
    }

    /// A ticket that is not known to have an index: no node was asked, or the rollup has never held it.
    #[must_use]
    pub fn unindexed(ticket: Ticket, pins: &Pins) -> Self {
        Token::new(NO_INDEX, ticket, pins)
    }

    /// Its index in the rollup's registry, if it is known to have one.
    #[must_use]
    pub fn known_index(&self) -> Option<TicketIndex> {
        (self.index != NO_INDEX).then_some(self.index)
    }

    /// What to call it in a word, as commands take it: its pinned name; without one its symbol, if that is
    /// not, and does not look like, the pinned name of another ticket; otherwise `#` and its index, or its
    /// ticketer and content. A symbol need not mean this ticket, all others do.
    #[must_use]
    pub fn word(&self) -> String {
        let symbol = self.symbol.as_ref().filter(|_| self.resembles.is_none());
        match (self.pinned.as_ref().or(symbol), self.known_index()) {
            (Some(name), _) => name.clone(),
            (None, Some(index)) => format!("#{index}"),
            (None, None) => {
                format!("{}/{}", self.ticket.ticketer, content_words(&self.ticket.content))
            }
        }
    }

    /// What to call it for people, where its index or its ticketer stands beside it: the same, but that a
    /// symbol that is not its own to bear is quoted, with the pinned name that it is not.
    #[must_use]
    pub fn label(&self) -> String {
        self.quoted("").unwrap_or_else(|| self.word())
    }

    /// What to call it among others, where nothing stands beside it: its label, with its index where
    /// another one has the same label, or its symbol is not its own to bear.
    #[must_use]
    pub fn among(&self, all: &[Token]) -> String {
        let which = match self.known_index() {
            Some(index) => format!(" #{index}"),
            None => format!(" of {}", self.ticket.ticketer),
        };
        if let Some(quoted) = self.quoted(&which) {
            return quoted;
        }
        let label = self.label();
        let is_alike = |other: &Token| other.ticket != self.ticket && other.label() == label;
        match self.known_index() {
            Some(index) if all.iter().any(is_alike) => format!("{label} #{index}"),
            _ => label,
        }
    }

    /// Its symbol in quotes, with the pinned name that it claims or that it looks like.
    fn quoted(&self, which: &str) -> Option<String> {
        let (symbol, other) = (self.symbol.as_ref()?, self.resembles.as_ref()?);
        Some(format!("\"{symbol}\"{which}, not the pinned {other}"))
    }

    /// What tells it from every other ticket of its ticketer, where its label alone does not: its id and
    /// its content, or the content's hash where it is long. `None` for a `string` that is its label.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        match &self.ticket.content {
            TicketContent::String(text) if self.label().as_bytes() == text => None,
            content => Some(content_words(content)),
        }
    }

    /// What its content says under a key of its bytes, such as `token_type`.
    #[must_use]
    pub fn fact(&self, key: &str) -> Option<String> {
        facts(&self.ticket.content)
            .into_iter()
            .find(|(found, _)| found == key)
            .map(|(_, fact)| fact)
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

/// What a content says, by keys as TZIP-21 has them.
fn facts(content: &TicketContent) -> Vec<(String, String)> {
    match content {
        TicketContent::String(text) => vec![("symbol".to_owned(), lossless(text))],
        TicketContent::NatBytes(_, Some(data)) => packed_facts(data),
        TicketContent::NatBytes(_, None) => Vec::new(),
    }
}
