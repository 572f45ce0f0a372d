//! A history as CSV: a row for each move.

use explain::csv::line;
use wallet::block_times::utc;

use super::shown::Shown;

/// The titles, in the order of the columns. They stay the same across versions; new ones come last.
const TITLES: [&str; 17] = [
    "level",
    "time",
    "kind",
    "direction",
    "amount",
    "units",
    "ticket",
    "ticketer",
    "ticket_hash",
    "account",
    "name",
    "memo",
    "state",
    "code",
    "reason",
    "hash",
    "message",
];

/// The line of titles.
pub(super) fn titles() -> String {
    line(&TITLES)
}

/// A line for each move.
pub(super) fn lines(shown: &[Shown]) -> String {
    shown.iter().map(|one| line(&fields(one))).collect()
}

fn fields(one: &Shown) -> [String; TITLES.len()] {
    let told = &one.told;
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        told.level.to_string(),
        told.time.and_then(utc).unwrap_or_default(),
        told.kind.clone(),
        one.direction().to_owned(),
        one.decimal(),
        told.amount.clone(),
        one.token.word(),
        told.ticket.ticketer.clone(),
        told.ticket.hash.clone(),
        one.other.clone(),
        or_empty(&one.name),
        or_empty(&told.memo),
        told.state.clone(),
        one.code().to_owned(),
        one.reason().to_owned(),
        or_empty(&told.hash),
        told.message.to_string(),
    ]
}
