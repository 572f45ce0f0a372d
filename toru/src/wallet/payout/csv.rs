//! Receipts as CSV: a row for each payment, in cells that no spreadsheet takes for a formula.

use explain::csv::line;
use wallet::payout::{PayoutPlan, StagedRow};

/// The titles, in the order of the columns. They stay the same across versions; new ones come last.
pub(super) const TITLES: [&str; 11] = [
    "line", "name", "receiver", "amount", "ticket", "ticketer", "hash", "level", "result", "final",
    "memo",
];

/// The receipts of a plan's rows.
pub(super) fn receipts(plan: &PayoutPlan, rows: &[StagedRow]) -> String {
    let mut text = line(&TITLES);
    for one in rows {
        text.push_str(&line(&fields(plan, one)));
    }
    text
}

/// What is said of a row, in the order of the titles.
pub(super) fn fields(plan: &PayoutPlan, one: &StagedRow) -> [String; TITLES.len()] {
    let row = plan.facts().rows.get(one.row);
    let ticket = row.and_then(|row| plan.ticket_of(row));
    let result = match one.status.is_open() {
        true => one.stage.word(),
        false => one.status.word(),
    };
    [
        row.map_or_else(String::new, |row| row.line.to_string()),
        row.map_or_else(String::new, |row| row.name.clone()),
        row.map_or_else(String::new, |row| row.to.to_string()),
        row.map_or_else(String::new, |row| plan.amount_of(row)),
        ticket.map_or_else(String::new, |ticket| ticket.name.clone()),
        ticket.map_or_else(String::new, |ticket| ticket.ticket.ticketer.to_string()),
        one.hash.to_string(),
        one.level.map_or_else(String::new, |level| level.to_string()),
        result.to_owned(),
        if one.is_final { "yes" } else { "no" }.to_owned(),
        row.and_then(|row| row.memo.clone()).unwrap_or_default(),
    ]
}
