//! A payout as a page for people: one file without scripts and without anything from elsewhere, fit to be printed.

use std::collections::HashMap;

use encoding::Hash32;
use explain::csv::inert;
use explain::text::grouped;
use wallet::payout::{PayoutPlan, RowStage};
use wallet::rpc::Block;
use wallet::ticket::content_words;

use super::super::counted::counted;
use super::super::grid;
use super::csv::fields;
use super::status::PayoutStatus;
use super::text::{per_row, who};

/// How it looks, on a screen and on paper.
const STYLE: &str = include_str!("report.css");

/// The page.
pub(super) fn page(plan: &PayoutPlan, status: &PayoutStatus<'_>, head: &Block) -> String {
    let facts = plan.facts();
    let title = format!("Payout of {}", facts.file.name);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{0}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{0}</h1>\n",
        escaped(&title)
    );
    html.push_str(&verdict(status));
    html.push_str(&about(plan, status, head));
    html.push_str(&totals(plan, status));
    let (sent, places) = sent(plan, status);
    html.push_str(&transactions(&sent));
    html.push_str(&payments(plan, status, &places));
    html.push_str(
        "<p class=\"note\">Anybody with a node of the rollup can check a payment: <code>toru tx show HASH</code>, with the \
         hash of its transaction, says what became of it, and what it paid. <em>Final</em> says whether no reorganisation of \
         layer 1 can change the result any more.</p>\n</body>\n</html>\n",
    );
    html
}

/// What it all comes to, in a sentence.
fn verdict(status: &PayoutStatus<'_>) -> String {
    let of = status.rows.len();
    let paid = status.rows.iter().filter(|row| matches!(row.stage, RowStage::Paid(_))).count();
    let all_final = status.rows.iter().all(|row| row.is_final);
    let number = |count: usize| grouped(&count.to_string());
    let (class, words) = match (paid == of, all_final) {
        (true, true) => {
            ("good", format!("All {} payments were made, and all are final.", number(of)))
        }
        (true, false) => {
            ("open", format!("All {} payments were made. Some are not final yet.", number(of)))
        }
        (false, _) => ("bad", format!("{} of {} payments were made.", number(paid), number(of))),
    };
    format!("<p class=\"verdict {class}\">{words}</p>\n")
}

/// Which plan, of which file, by whom, when.
fn about(plan: &PayoutPlan, status: &PayoutStatus<'_>, head: &Block) -> String {
    let (facts, totals) = (plan.facts(), plan.totals());
    let payers: Vec<String> =
        facts.payers.iter().map(|one| who(&one.name, &one.account.to_string())).collect();
    let counts: Vec<String> = status
        .counts()
        .into_iter()
        .map(|(word, count)| format!("{} {word}", grouped(&count.to_string())))
        .collect();
    let rows = [
        ("As of", format!("level {}, block {}", head.level, head.hash)),
        ("Payments by stage", counts.join(", ")),
        ("Rollup", facts.rollup.to_string()),
        ("Paid from", payers.join(", ")),
        ("File", format!("{}, Blake2b-256 {}", facts.file.name, facts.file.digest)),
        ("Plan", plan.digest().to_string()),
        ("Planned at", format!("level {}, block {}", facts.level, facts.block)),
        (
            "Valid up to",
            facts.expires.map_or_else(|| "no end".to_owned(), |last| format!("level {last}")),
        ),
        (
            "Cost of the plan",
            format!(
                "{}, {} bytes on layer 1 ({} a payment), {} verification gas",
                counted(totals.messages, "message"),
                grouped(&totals.bytes.to_string()),
                per_row(totals.bytes, totals.rows),
                totals.gas.get()
            ),
        ),
    ];
    let rows = rows.iter().map(|(what, value)| {
        format!("<tr><th scope=\"row\">{what}</th><td>{}</td></tr>\n", cell(value))
    });
    format!("<table class=\"about\">\n{}</table>\n", rows.collect::<String>())
}

/// Control totals: planned and paid, for each ticket.
fn totals(plan: &PayoutPlan, status: &PayoutStatus<'_>) -> String {
    let facts = plan.facts();
    let rows = plan.totals().sums.into_iter().filter_map(|sum| {
        let ticket = facts.tickets.get(sum.ticket)?;
        let paid = status.rows.iter().filter(|one| matches!(one.stage, RowStage::Paid(_)));
        let paid = paid.filter_map(|one| facts.rows.get(one.row));
        let (mut count, mut units) = (0_usize, 0_u128);
        for row in paid.filter(|row| row.ticket == sum.ticket) {
            count += 1;
            units = units.saturating_add(row.amount.get().into());
        }
        let shown = |units: u128| grid::grouped(&wallet::amount::digits(units, ticket.decimals));
        Some(row(&[
            (&ticket.name, "name"),
            (&ticket.ticket.ticketer.to_string(), "hash"),
            (&content_words(&ticket.ticket.content), "name"),
            (&grouped(&sum.rows.to_string()), "number"),
            (&shown(sum.units), "number"),
            (&grouped(&count.to_string()), "number"),
            (&shown(units), "number"),
        ]))
    });
    let head = head(&[
        "Ticket",
        "Ticketer",
        "Content",
        "Planned",
        "Amount planned",
        "Paid",
        "Amount paid",
    ]);
    format!(
        "<h2>Control totals</h2>\n<table>\n{head}<tbody>\n{}</tbody></table>\n",
        rows.collect::<String>()
    )
}

/// A transaction that counts for a row.
struct Sent {
    hash: Hash32,
    payments: usize,
    level: String,
    result: String,
}

/// Every transaction that counts for a row, in the order of the plan, and where each is.
fn sent(plan: &PayoutPlan, status: &PayoutStatus<'_>) -> (Vec<Sent>, HashMap<Hash32, usize>) {
    let (mut all, mut places): (Vec<Sent>, HashMap<Hash32, usize>) = (Vec::new(), HashMap::new());
    for one in &status.rows {
        let place = *places.entry(one.hash).or_insert_with(|| {
            let values = fields(plan, one);
            let value = |at: usize| values.get(at).cloned().unwrap_or_default();
            all.push(Sent { hash: one.hash, payments: 0, level: value(7), result: value(8) });
            all.len() - 1
        });
        if let Some(sent) = all.get_mut(place) {
            sent.payments += 1;
        }
    }
    (all, places)
}

fn transactions(all: &[Sent]) -> String {
    let rows = (1..).zip(all).map(|(number, one): (usize, &Sent)| {
        row(&[
            (&number.to_string(), "number"),
            (&one.hash.to_string(), "hash"),
            (&grouped(&one.payments.to_string()), "number"),
            (&one.level, "number"),
            (&one.result, ""),
        ])
    });
    let head = head(&["No.", "Transaction", "Payments", "Level", "Result"]);
    let rows = rows.collect::<String>();
    format!("<h2>Transactions</h2>\n<table>\n{head}<tbody>\n{rows}</tbody></table>\n")
}

/// Every payment. Its transaction is named by its number in the table above.
fn payments(
    plan: &PayoutPlan,
    status: &PayoutStatus<'_>,
    places: &HashMap<Hash32, usize>,
) -> String {
    let has_memo = plan.facts().rows.iter().any(|row| row.memo.is_some());
    let titles =
        ["Line", "Name", "Receiver", "Amount", "Ticket", "No.", "Level", "Result", "Final"];
    let titles: Vec<&str> = titles.into_iter().chain(has_memo.then_some("Memo")).collect();
    let mut rows = String::new();
    for one in &status.rows {
        let [line, name, to, amount, ticket, _, _, level, result, is_final, memo] =
            fields(plan, one);
        let number = places.get(&one.hash).map_or(0, |place| place + 1).to_string();
        let amount = grid::grouped(&amount);
        // Who is written as an address has no other name.
        let name = if name == to { "" } else { &name };
        let cells = [
            (line.as_str(), "number"),
            (name, "name"),
            (&to, "hash"),
            (&amount, "number"),
            (&ticket, "name"),
            (&number, "number"),
            (&level, "number"),
            (&result, ""),
            (&is_final, ""),
            (&memo, "name"),
        ];
        rows.push_str(&row(cells.get(..titles.len()).unwrap_or_default()));
    }
    let head = head(&titles);
    format!("<h2>Payments</h2>\n<table>\n{head}<tbody>\n{rows}</tbody></table>\n")
}

/// Titles of columns with numbers, which stand flush right.
const NUMBERS: [&str; 9] = [
    "Line",
    "No.",
    "Amount",
    "Level",
    "Payments",
    "Planned",
    "Amount planned",
    "Paid",
    "Amount paid",
];

fn head(titles: &[&str]) -> String {
    let class = |title: &&str| if NUMBERS.contains(title) { " class=\"number\"" } else { "" };
    let cells =
        titles.iter().map(|title| format!("<th scope=\"col\"{}>{title}</th>", class(title)));
    format!("<thead><tr>{}</tr></thead>\n", cells.collect::<String>())
}

/// A row of a table: each cell with its class.
fn row(cells: &[(&str, &str)]) -> String {
    let cells = cells.iter().map(|(text, class)| match *class {
        "" => format!("<td>{}</td>", cell(text)),
        class => format!("<td class=\"{class}\">{}</td>", cell(text)),
    });
    format!("<tr>{}</tr>\n", cells.collect::<String>())
}

/// Text as it stands in a cell: somebody may open the page, or paste it, in a spreadsheet.
fn cell(text: &str) -> String {
    escaped(&inert(text))
}

/// Text as it stands in a page, whatever is in it: nothing in it is markup, and nothing in it is unseen.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in layer1::plain::one_line(text).chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_others_wrote_is_markup() {
        let text = "<script>alert('x')</script> & \"q\" \u{202e}\u{1b}[2J";
        let html = escaped(text);
        assert!(
            html.starts_with(
                "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;q&quot; "
            )
        );
        assert!(!html.contains(['<', '>', '"', '\'', '\u{202e}', '\u{1b}']), "{html}");
        let cells = row(&[(text, "hash"), ("a", "")]);
        assert!(!cells.contains("<script") && cells.ends_with("<td>a</td></tr>\n"), "{cells}");
    }

    #[test]
    fn no_cell_is_a_formula_for_a_spreadsheet() {
        for text in ["=1+1", " @SUM(A1)", "+1", "-1", "|calc", "\u{ff1d}1"] {
            let cells = row(&[(text, "name"), (text, "")]);
            assert_eq!(cells.matches("&#39;").count(), 2, "{cells}");
            assert!(cells.starts_with("<tr><td class=\"name\">&#39;"), "{cells}");
        }
        let cells = row(&[("12.5", "number"), ("bob", "name")]);
        assert!(!cells.contains("&#39;"), "{cells}");
    }
}
