//! Which moves of an account are wanted, as the address of a page says it.

use history::{Filter, MoveKind};
use layer1::plain::quoted;

use crate::failure::Failure;
use crate::visit::{self, Visit};

/// What the filters of a history are called in an address.
pub(crate) const ASKED: [&str; 4] = ["ticket", "kind", "since", "applied"];

/// The filter that a page asks for. The ticket is a hash.
///
/// # Errors
/// When a part of it is malformed, or the index has no such ticket.
pub(crate) fn filter(visit: &Visit<'_>) -> Result<Filter, Failure> {
    let ticket = match visit.asked("ticket")? {
        None => None,
        Some(text) => {
            let hash = encoding::TicketHash(visit::hash(&text)?);
            let found = visit.read(|reader| reader.ticket(&hash))?;
            let found = found
                .ok_or_else(|| Failure::missing(format!("The index has no ticket {hash}."), ""))?;
            Some(found.row)
        }
    };
    let kind = match visit.asked("kind")? {
        None => None,
        Some(word) => Some(MoveKind::of_word(&word).ok_or_else(|| {
            let expected = "deposit, transfer or withdrawal";
            Failure::malformed(format!("a kind is {expected}, not {}", quoted(&word)))
        })?),
    };
    let since = match visit.asked("since")? {
        None => None,
        Some(text) => Some(visit::level(&text).ok_or_else(|| {
            Failure::malformed(format!("since is a level, not {}", quoted(&text)))
        })?),
    };
    let applied = match visit.asked("applied")?.as_deref() {
        None => false,
        Some("1") => true,
        Some(other) => {
            return Err(Failure::malformed(format!("applied is 1, not {}", quoted(other))));
        }
    };
    Ok(Filter { ticket, kind, since, applied })
}

/// The query of the same filter for another page.
pub(crate) fn query(visit: &Visit<'_>) -> Result<String, Failure> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in ASKED {
        if let Some(value) = visit.asked(name)? {
            query.append_pair(name, &value);
        }
    }
    let query = query.finish();
    Ok(if query.is_empty() { query } else { format!("?{query}") })
}
