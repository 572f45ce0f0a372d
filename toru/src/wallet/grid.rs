//! Tables as plain text, the same on a terminal and in a pipe.

use comfy_table::{Cell, CellAlignment, Table, presets};
use num_bigint::BigInt;
use wallet::amount;

/// A table: a line of titles, and a line for each row. Columns whose title is in `numbers` stand
/// flush right.
pub(super) fn grid(
    titles: &[&str],
    numbers: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(titles.iter().map(|title| (*title).to_owned()));
    for row in rows {
        let cells = row.into_iter().zip(titles).map(|(text, title)| {
            let alignment = match numbers.contains(title) {
                true => CellAlignment::Right,
                false => CellAlignment::Left,
            };
            Cell::new(text).set_alignment(alignment)
        });
        table.add_row(cells.collect::<Vec<_>>());
    }
    let lines = table.to_string();
    lines.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// An amount with the thousands before its point set apart.
pub(super) fn grouped(amount: &str) -> String {
    let (whole, part) = amount.split_once('.').map_or((amount, None), |(w, p)| (w, Some(p)));
    let whole = explain::text::grouped(whole);
    part.map_or_else(|| whole.clone(), |part| format!("{whole}.{part}"))
}

/// An amount of any size, in a unit of so many decimals.
pub(super) fn big_amount(amount: &BigInt, decimals: u8) -> String {
    match u128::try_from(amount) {
        Ok(amount) => grouped(&amount::digits(amount, decimals)),
        // Nobody has so much of anything that means something.
        Err(_) => format!("{amount} of the smallest units"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_nothing_is_at_the_end_of_a_line() {
        let rows =
            [vec!["1,000.5".to_owned(), "x".to_owned()], vec!["7".to_owned(), String::new()]];
        let text = grid(&["amount", "ticket"], &["amount"], rows);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[1].find('x'), lines[0].find("ticket"));
        assert!(lines[2].ends_with("      7"), "{text}");
        assert_eq!(grouped("1234567.1234567"), "1,234,567.1234567");
    }
}
