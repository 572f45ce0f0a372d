//! The history of an account as a table for a spreadsheet.

use history::{MoveRow, MoveState, Page};
use wallet::amount;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::history_filter::{ASKED, filter};
use crate::limits::CSV_ROWS;
use crate::parts::{Moment, RESULT_LOST, reason, token};
use crate::text::Text;
use crate::visit::{self, Visit};

const COLUMNS: &str = "level,time,message,transaction,kind,from,to,amount,ticket,pinned,ticket_hash,memo,state,reason\r\n";

/// Makes it: newest first, up to a limit. A later part begins after a row.
///
/// # Errors
/// When the request is malformed, the index has no such account, or cannot be read.
pub(crate) fn table(visit: &Visit<'_>) -> Result<Answer, Failure> {
    visit.asks_only(&[&ASKED[..], &["after"]].concat())?;
    let address = visit::account(visit.named(0))?;
    let (mut part, filter) = (visit.part()?, filter(visit)?);
    let mut csv = COLUMNS.to_owned();
    visit.read(|reader| {
        let Some(account) = reader.account(&address)? else { return Ok(()) };
        let mut left = CSV_ROWS;
        while left > 0 {
            part = Page { rows: left.min(history::limits::MAX_PAGE), ..part };
            let found = reader.moves_of_account(account.row, filter, part)?;
            for row in &found.rows {
                line(&mut csv, visit, row);
            }
            left = left.saturating_sub(found.rows.len());
            match found.next {
                Some(next) => part.after = Some(next),
                None => break,
            }
        }
        Ok(())
    })?;
    Ok(Answer::Table(format!("{address}.csv"), csv))
}

fn line(csv: &mut String, visit: &Visit<'_>, row: &MoveRow) {
    let token = token(&row.ticket, &visit.pins);
    let own = |address: &encoding::Tz4Address| address.to_string();
    let outside = || row.outside.clone();
    let from = row.sender.as_ref().map(own).or_else(outside).unwrap_or_default();
    let to = row.receiver.as_ref().map(own).or_else(|| row.pays.clone()).or_else(outside);
    let (state, why) = match row.state {
        MoveState::Waits => ("waits", String::new()),
        MoveState::Applied => ("applied", String::new()),
        MoveState::NotApplied => {
            ("not applied", row.result.map(|result| reason(&result.outcome)).unwrap_or_default())
        }
        MoveState::Unknown => ("unknown", RESULT_LOST.to_owned()),
    };
    let time = row.time.and_then(Moment::of).map(|moment| moment.rfc_3339);
    let all = [
        row.message.level.to_string(),
        time.unwrap_or_default(),
        row.message.index.to_string(),
        row.hash.map(|hash| hash.to_string()).unwrap_or_default(),
        row.kind.word().to_owned(),
        from,
        to.unwrap_or_default(),
        amount::text(row.amount, token.decimals),
        token.among(&[]),
        if token.pinned.is_some() { "yes" } else { "no" }.to_owned(),
        row.ticket.hash.0.to_string(),
        row.memo.clone().unwrap_or_default(),
        state.to_owned(),
        why,
    ];
    let cells = all.iter().map(|text| cell(text)).collect::<Vec<_>>();
    csv.push_str(&cells.join(","));
    csv.push_str("\r\n");
}

/// A cell. A spreadsheet takes what begins like a formula for one: such a text is put behind an apostrophe.
fn cell(text: &str) -> String {
    let text = Text::of(text);
    let text = text.plain();
    let acts = text.starts_with(['=', '+', '-', '@']);
    let text = if acts { format!("'{text}") } else { text.to_owned() };
    match text.contains([',', '"', '\'', ';']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_breaks_its_line() {
        for (text, expected) in [
            ("rent", "rent"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("+49", "\"'+49\""),
            ("-1", "\"'-1\""),
            ("@x", "\"'@x\""),
            ("two\r\nlines", "two lines"),
            ("\t=1", "\"'=1\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
