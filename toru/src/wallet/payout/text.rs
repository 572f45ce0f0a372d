//! A plan in words: what is planned, and what is signed.

use encoding::Level;
use explain::text::grouped;
use serde_json::{Value, json};
use wallet::payout::{PayoutPlan, PlannedRow, PlannedTicket};
use wallet::ticket::content_words;

use super::super::counted::{counted, lines_told};
use super::super::grid;

/// Rows that are shown without `--verbose`.
const ROWS_SHOWN: usize = 5;
/// Payers, tickets and groups of equal rows that are shown.
const SHOWN: usize = 4;

/// A plan in words; with `all`, every row of it. `head` is the head of a node, if one was asked.
pub(super) fn plan_text(plan: &PayoutPlan, all: bool, head: Option<Level>) -> String {
    let facts = plan.facts();
    let totals = plan.totals();
    let mut text = format!(
        "plan {}\nof {}\n  blake2b {}\non {}\n",
        plan.digest(),
        facts.file.name,
        facts.file.digest,
        facts.rollup
    );
    for (number, payer) in facts.payers.iter().enumerate().take(SHOWN) {
        let count = plan.transactions().iter().filter(|one| one.payer == number).count();
        let first = payer.counter.get();
        let last = first.saturating_add(u64::try_from(count).unwrap_or(u64::MAX).saturating_sub(1));
        let counters = match count {
            1 => format!("counter {first}"),
            _ => format!("counters {first} to {last}"),
        };
        let registers = if payer.registered { "" } else { "; registers the key" };
        let who = who(&payer.name, &payer.account.to_string());
        text.push_str(&format!("  from {who}\n    {counters}{registers}\n"));
    }
    text.push_str(&more(facts.payers.len(), "more payer"));
    text.push_str(&format!(
        "  {} to {} in {}\n",
        counted(totals.rows, "payment"),
        counted(totals.receivers, "receiver"),
        counted(totals.messages, "message")
    ));
    for sum in totals.sums.iter().take(SHOWN) {
        let Some(ticket) = facts.tickets.get(sum.ticket) else { continue };
        let amount = grid::grouped(&plan.sum_text(sum));
        text.push_str(&format!("  in all {amount} {}\n", ticket_text(ticket)));
    }
    text.push_str(&more(totals.sums.len(), "more ticket"));
    if !totals.duplicates.is_empty() {
        let shown: Vec<String> =
            totals.duplicates.iter().take(SHOWN).map(|lines| lines_told(lines)).collect();
        text.push_str(&format!("  the same payment more than once: {}\n", shown.join("; ")));
        text.push_str(&more(totals.duplicates.len(), "more such payment"));
    }
    text.push_str(&format!(
        "  costs {} bytes on layer 1, {} a payment, and {} verification gas\n",
        grouped(&totals.bytes.to_string()),
        per_row(totals.bytes, totals.rows),
        grouped(&totals.gas.get().to_string())
    ));
    if let Some(level) = facts.finalized.filter(|_| totals.by_index > 0) {
        text.push_str(&format!(
            "  receivers by index in {}, as the node had them at final level {level}\n",
            counted(totals.by_index, "payment")
        ));
    }
    text.push_str(&match (facts.expires, head) {
        (None, _) => "  never expires\n".to_owned(),
        (Some(last), Some(head)) if last > head => {
            let left = i64::from(last.0) - i64::from(head.0);
            format!(
                "  valid up to level {last}, {} levels from now\n",
                layer1::plain::grouped(left)
            )
        }
        (Some(last), Some(_)) => format!("  valid up to level {last}: it has expired\n"),
        (Some(last), None) => format!("  valid up to level {last}\n"),
    });
    let shown = if all { facts.rows.len() } else { ROWS_SHOWN };
    for row in facts.rows.iter().take(shown) {
        text.push_str(&format!("  {}\n", row_text(plan, row)));
    }
    if let Some(rest) = facts.rows.len().checked_sub(shown).filter(|rest| *rest > 0) {
        let rest = counted(rest, "more payment");
        text.push_str(&format!("  and {rest}: --verbose shows them, and the file has them\n"));
    }
    text
}

/// What is told of a plan as JSON, beside the file, which has all of it.
pub(super) fn plan_json(plan: &PayoutPlan) -> Value {
    let (facts, totals) = (plan.facts(), plan.totals());
    let sums = totals.sums.iter().filter_map(|sum| {
        let ticket = facts.tickets.get(sum.ticket)?;
        Some(json!({
            "ticket": ticket.name,
            "ticket_index": ticket.index.map(|index| index.0),
            "ticketer": ticket.ticket.ticketer.to_string(),
            "content": hex::encode(ticket.ticket.content.to_micheline()),
            "decimals": ticket.decimals,
            "rows": sum.rows,
            "amount": plan.sum_text(sum),
            "units": sum.units.to_string(),
        }))
    });
    let payers = facts.payers.iter().map(|payer| {
        json!({
            "name": payer.name,
            "account": payer.account.to_string(),
            "registered": payer.registered,
            "counter": payer.counter.get().to_string(),
        })
    });
    json!({
        "digest": plan.digest().to_string(),
        "file": facts.file.name,
        "blake2b": facts.file.digest.to_string(),
        "rollup": facts.rollup.to_string(),
        "level": facts.level.0,
        "final_level": facts.finalized.map(|level| level.0),
        "expires": facts.expires.map(|level| level.0),
        "payers": payers.collect::<Value>(),
        "rows": totals.rows,
        "receivers": totals.receivers,
        "by_index": totals.by_index,
        "transactions": plan.transactions().len(),
        "messages": totals.messages,
        "bytes": totals.bytes,
        "verification_gas": totals.gas.get(),
        "sums": sums.collect::<Value>(),
        "duplicates": totals.duplicates,
        "missing": plan.missing().iter().map(ToString::to_string).collect::<Value>(),
    })
}

/// A row: its line, how much of what, to whom.
pub(super) fn row_text(plan: &PayoutPlan, row: &PlannedRow) -> String {
    let ticket = plan.ticket_of(row).map_or("", |ticket| ticket.name.as_str());
    let index = row.index.map_or_else(String::new, |index| format!(", account {index}"));
    let memo = row.memo.as_ref().map_or_else(String::new, |memo| format!(", memo {memo}"));
    let amount = grid::grouped(&plan.amount_of(row));
    let to = who(&row.name, &row.to.to_string());
    format!("line {}: {amount} {ticket} to {to}{index}{memo}", row.line)
}

/// A name with the address that it means, or the address alone.
pub(super) fn who(name: &str, address: &str) -> String {
    match name == address {
        true => address.to_owned(),
        false => format!("{name} ({address})"),
    }
}

/// A ticket with all that tells it from others.
fn ticket_text(ticket: &PlannedTicket) -> String {
    let index = ticket.index.map_or_else(String::new, |index| format!("#{index} "));
    let content = content_words(&ticket.ticket.content);
    format!("{} ({index}of {}, {content})", ticket.name, ticket.ticket.ticketer)
}

/// Bytes for each row, with two decimals.
pub(super) fn per_row(bytes: usize, rows: usize) -> String {
    let hundredths = bytes.saturating_mul(100).checked_div(rows).unwrap_or(0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn more(count: usize, what: &str) -> String {
    match count.checked_sub(SHOWN).filter(|more| *more > 0) {
        Some(more) => format!("  and {}\n", counted(more, what)),
        None => String::new(),
    }
}
