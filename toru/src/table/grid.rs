//! The tables that `toru run` prints.

use comfy_table::{ContentArrangement, Table, presets};

/// How wide a table may get where no terminal says so, in characters.
const WIDTH_DEFAULT: u16 = 140;

/// The narrowest a table is made, in characters: below that nothing in it could be read.
const WIDTH_LEAST: u16 = 60;

/// How wide a table may get, in characters.
fn width() -> u16 {
    let terminal = terminal_size::terminal_size_of(std::io::stdout());
    terminal.map_or(WIDTH_DEFAULT, |(width, _)| width.0.max(WIDTH_LEAST))
}

pub(super) fn new_table(title: &str, columns: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width())
        .set_header(std::iter::once(title).chain(columns.iter().copied()));
    table
}

pub(super) fn push(table: &Table, out: &mut String) {
    out.push_str(&table.to_string());
    out.push('\n');
}
