//! Lines of CSV, in cells that no spreadsheet takes for a formula.

/// A line of cells, as RFC 4180 has it. Texts are whole in it, however long.
#[must_use]
pub fn line(fields: &[impl AsRef<str>]) -> String {
    let cells: Vec<String> = fields.iter().map(|field| cell(field.as_ref())).collect();
    format!("{}\r\n", cells.join(","))
}

/// What a formula begins with in some spreadsheet. Where Chinese or Japanese is written, the wide forms count too.
const FORMULA_STARTS: [char; 11] =
    ['=', '+', '-', '@', '|', '%', '\'', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// A text on one line that no spreadsheet takes for a formula: one that it would gets an apostrophe before it.
#[must_use]
pub fn inert(text: &str) -> String {
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
