//! A file of payments as text: what each row says, and in which line of the file it begins.

mod mistake;
mod text;

use encoding::{Hash32, blake2b_256};

use text::Text;

pub use mistake::Mistake;

/// A row, as it is written. Nothing of it has been looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line of the file in which it begins, from 1.
    pub line: u64,
    /// Who is paid.
    pub to: String,
    /// How much.
    pub amount: String,
    /// Of what.
    pub ticket: String,
    /// A remark; none if there is no such column, or nothing in it.
    pub memo: Option<String>,
    /// Who pays; none if there is no such column, or nothing in it.
    pub from: Option<String>,
}

/// Whether rows may say who pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payers {
    /// All are paid by one account, and a column `from` is a mistake.
    One,
    /// A column `from` says who pays each row.
    OfRows,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Blake2b-256 of its bytes: what makes it the same file, whatever it is called.
    pub digest: Hash32,
    /// Whether it has a column that says who pays.
    pub says_payers: bool,
    /// Its rows that are whole.
    pub rows: Vec<Row>,
    /// Its rows that are not.
    pub mistakes: Vec<Mistake>,
}

/// Blake2b-256 of a file's bytes.
#[must_use]
pub fn digest(bytes: &[u8]) -> Hash32 {
    blake2b_256(&[bytes])
}

/// Reads a file: a line of titles, and a row below it for each payment. Fields are separated by `,`, `;`
/// or tabs, as the titles are. The titles are `to`, `amount`, `ticket` and, if there are remarks, `memo`,
/// in any order; where rows may say who pays, also `from`. Every other one has to be in `ignored`.
///
/// # Errors
/// When it is no such file at all: what is wrong with its text or its titles.
pub fn read(bytes: &[u8], ignored: &[String], payers: Payers) -> Result<Sheet, Vec<Mistake>> {
    let text = Text::decode(bytes).map_err(|mistake| vec![mistake])?;
    let (separator, start) = text.separator().map_err(|mistake| vec![mistake])?;
    // A quote that is not closed takes in everything up to the end of the file: this as well.
    let body = format!("{}\n{SENTINEL}\n", text.from(start));
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(body.as_bytes());
    let (mut columns, mut rows, mut mistakes) = (None, Vec::new(), Vec::new());
    let (mut last, mut is_closed) = (1, false);
    for record in reader.records() {
        let at = |record: &csv::StringRecord| {
            let byte = record.position().map_or(0, csv::Position::byte);
            text.line(start.saturating_add(usize::try_from(byte).unwrap_or(usize::MAX)))
        };
        let record = record.map_err(|error| vec![Mistake::new(last, &error.to_string())])?;
        is_closed = record.len() == 1 && record.get(0) == Some(SENTINEL);
        // A blank line is not a row; a line with only separators is a row of empty fields.
        if is_closed || (record.len() == 1 && record.get(0) == Some("")) {
            continue;
        }
        last = at(&record);
        match &columns {
            None => columns = Some(Columns::find(&record, ignored, payers, last)?),
            Some(columns) => match columns.row(&record, last) {
                Ok(row) => rows.push(row),
                Err(mistake) => mistakes.push(mistake),
            },
        }
    }
    let Some(columns) = columns else {
        return Err(vec![Mistake::new(1, "expected the titles to,amount,ticket")]);
    };
    if !is_closed {
        rows.retain(|row| row.line != last);
        mistakes.retain(|mistake| mistake.line != last);
        mistakes.push(Mistake::new(last, "a quote in this row is not closed"));
    }
    Ok(Sheet { digest: digest(bytes), says_payers: columns.from.is_some(), rows, mistakes })
}

/// What no file has.
const SENTINEL: &str = "\u{1}the end of the file\u{1}";

/// Which column is which.
struct Columns {
    count: usize,
    to: usize,
    amount: usize,
    ticket: usize,
    memo: Option<usize>,
    from: Option<usize>,
}

/// The titles of columns that need not be there.
const OPTIONAL: [&str; 2] = ["memo", "from"];

impl Columns {
    fn find(
        titles: &csv::StringRecord,
        ignored: &[String],
        payers: Payers,
        line: u64,
    ) -> Result<Self, Vec<Mistake>> {
        const KNOWN: [&str; 5] = ["to", "amount", "ticket", "memo", "from"];
        let known = match payers {
            Payers::One => KNOWN.get(..4).unwrap_or_default(),
            Payers::OfRows => &KNOWN,
        };
        let is_ignored = |title: &str| ignored.iter().any(|one| one.eq_ignore_ascii_case(title));
        let of = |title: &str| -> Vec<usize> {
            let fits = |found: &str| found.eq_ignore_ascii_case(title) && !is_ignored(found);
            titles.iter().enumerate().filter(|(_, found)| fits(found)).map(|(at, _)| at).collect()
        };
        let missing: Vec<&str> = known
            .iter()
            .copied()
            .filter(|title| !OPTIONAL.contains(title) && of(title).is_empty())
            .collect();
        if !missing.is_empty() {
            let problem = format!(
                "expected the titles to,amount,ticket, and there is no {} in {:?}",
                missing.join(", "),
                titles.iter().collect::<Vec<_>>().join(",").chars().take(60).collect::<String>()
            );
            return Err(vec![Mistake::new(line, &problem)]);
        }
        let mut problems = Vec::new();
        for title in known.iter().filter(|title| of(title).len() > 1) {
            problems.push(format!("the title {title} is there {} times", of(title).len()));
        }
        for (at, title) in (1..).zip(titles.iter()) {
            let is_known = known.iter().any(|known| known.eq_ignore_ascii_case(title));
            match title {
                "" if !is_ignored("") => problems.push(format!("column {at} has no title")),
                // Passed over, it would make one account pay for others.
                title if title.eq_ignore_ascii_case("from") && !is_known && !is_ignored(title) => {
                    problems.push(
                        "only a payout takes a column \"from\": toru payout plan reads it"
                            .to_owned(),
                    );
                }
                title if !is_known && !is_ignored(title) => {
                    problems.push(format!(
                        "the column {:?} is not known: --ignore-columns passes it over",
                        title.chars().take(60).collect::<String>()
                    ));
                }
                _ => {}
            }
        }
        if !problems.is_empty() {
            return Err(problems.iter().map(|problem| Mistake::new(line, problem)).collect());
        }
        let first = |title| of(title).first().copied();
        let (to, amount, ticket) = (first("to"), first("amount"), first("ticket"));
        Ok(Columns {
            count: titles.len(),
            to: to.unwrap_or_default(),
            amount: amount.unwrap_or_default(),
            ticket: ticket.unwrap_or_default(),
            memo: first("memo"),
            from: known.contains(&"from").then(|| first("from")).flatten(),
        })
    }

    fn row(&self, record: &csv::StringRecord, line: u64) -> Result<Row, Mistake> {
        if record.len() != self.count {
            let fields = if record.len() == 1 { "field" } else { "fields" };
            let problem = format!("{} {fields} under {} titles", record.len(), self.count);
            return Err(Mistake::new(line, &problem));
        }
        if record.iter().all(str::is_empty) {
            return Err(Mistake::new(line, "the row is empty"));
        }
        let field = |title: &str, at: usize| {
            let text = record.get(at).unwrap_or_default();
            match text {
                "" => Err(Mistake::new(line, &format!("there is nothing under {title}"))),
                text if text.contains(['\n', '\r']) => {
                    let problem = format!("there is a line break in it under {title}");
                    Err(Mistake::new(line, &problem))
                }
                text => Ok(text.to_owned()),
            }
        };
        let optional = |at: Option<usize>| {
            at.and_then(|at| record.get(at)).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        Ok(Row {
            line,
            to: field("to", self.to)?,
            amount: field("amount", self.amount)?,
            ticket: field("ticket", self.ticket)?,
            memo: optional(self.memo),
            from: optional(self.from),
        })
    }
}

#[cfg(test)]
mod tests;
