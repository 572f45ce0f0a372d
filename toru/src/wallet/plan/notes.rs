//! What a plan says of the names of its tickets: which of them are the word of whoever mints the ticket.

use wallet::ticket::Token;

use super::super::ticket_list::decimals;
use super::Plan;
use super::address_book::tickets;

/// Notes that are shown.
const SHOWN: usize = 4;

impl Plan {
    /// A sentence for each ticket whose name is nothing but its ticketer's word, and for each whose content
    /// says other decimals than were pinned.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut seen: Vec<Token> = Vec::new();
        for token in tickets(&self.transactions).filter_map(|ticket| self.book.known(ticket)) {
            if !seen.iter().any(|other| other.ticket == token.ticket) {
                seen.push(token);
            }
        }
        seen.iter().filter_map(note).collect()
    }

    /// The same in lines; the first of them, where there are many.
    pub(super) fn notes_text(&self) -> String {
        let notes = self.notes();
        let mut text: String = notes.iter().take(SHOWN).map(|note| format!("  {note}\n")).collect();
        if let Some(more) = notes.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            text.push_str(&format!("  and {more} more like these: --json has them\n"));
        }
        text
    }
}

fn note(token: &Token) -> Option<String> {
    if token.pinned.is_some() {
        return decimals(token);
    }
    // What looks like a pinned name is told from it wherever it stands.
    let symbol = token.symbol.as_ref().filter(|_| token.resembles.is_none())?;
    let which = match token.known_index() {
        Some(index) => format!("'#{index}'"),
        None => format!("{}/{symbol}", token.ticket.ticketer),
    };
    Some(format!("{symbol} is its ticketer's word: toru ticket add {symbol} {which} pins it"))
}
