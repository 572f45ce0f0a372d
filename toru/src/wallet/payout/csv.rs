//! Receipts as CSV: a row for each payment, in cells that no spreadsheet takes for a formula.

use wallet::payout::{PayoutPlan, StagedRow};

/// The titles, in the order of the columns. They stay the same across versions; new ones come last.
pub(super) const TITLES: [&str; 11] = [
    "line", "name", "receiver", "amount", "ticket", "ticketer", "hash", "level", "result", "final",
    "memo",
];

/// The receipts of a plan's rows.
pub(super) fn receipts(plan: &PayoutPlan, rows: &[StagedRow]) -> String {
    let mut text = line(&TITLES.map(str::to_owned));
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

fn line(fields: &[String]) -> String {
    let cells: Vec<String> = fields.iter().map(|field| cell(field)).collect();
    format!("{}\r\n", cells.join(","))
}

/// What a formula begins with in some spreadsheet. Where Chinese or Japanese is written, the wide forms count too.
const FORMULA_STARTS: [char; 11] =
    ['=', '+', '-', '@', '|', '%', '\'', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// A text on one line that no spreadsheet takes for a formula: one that it would gets an apostrophe before it.
pub(super) fn inert(text: &str) -> String {
    let text = layer1::plain::one_line(text);
    let is_formula = text.trim_start().starts_with(FORMULA_STARTS);
    if is_formula { format!("'{text}") } else { text }
}

/// A cell. Names, memos and what tickets call themselves are of others: a text that a spreadsheet would take for
/// a formula gets an apostrophe before it, and what would break the row or steer a terminal is written as an
/// escape.
fn cell(text: &str) -> String {
    let text = inert(text);
    match text.contains([',', '"', ';', '\t', '\'', ' ', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_breaks_its_row() {
        for (given, expected) in [
            ("bob", "bob"),
            ("12.5", "12.5"),
            ("=1+1", "\"'=1+1\""),
            ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""),
            ("  @SUM(A1)", "\"'@SUM(A1)\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("|calc", "\"'|calc\""),
            ("\u{ff1d}1", "\"'\u{ff1d}1\""),
            ("\u{ff20}x", "\"'\u{ff20}x\""),
            ("a,b", "\"a,b\""),
            ("a;b", "\"a;b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("", ""),
        ] {
            assert_eq!(cell(given), expected, "{given}");
        }
        for steering in ["a\tb", "a\nb", "a\u{1b}[2J", "\r=1"] {
            let shown = cell(steering);
            assert!(!shown.contains(char::is_control) && !shown.starts_with('='), "{shown}");
        }
    }
}
