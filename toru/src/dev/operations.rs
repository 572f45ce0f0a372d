//! `toru dev operations`: what was done on the simulated layer 1, and whose balances changed.

use explain::text::grouped;
use layer1::plain::one_line;
use serde_json::{Value, json};

use super::sandbox::get;
use crate::cli::groups::SandboxArgs;
use crate::error::Failure;
use crate::ui::{Output, Ui};

/// Characters that are left of an address where a name stands beside it.
const SHORT_CHARS: usize = 10;

/// Shows the last operations, the newest first.
pub(super) fn operations(count: usize, at: &SandboxArgs, ui: &Ui) -> Result<Output, Failure> {
    let told = get(at, "/dev/operations")?;
    let all = told.as_array().cloned().unwrap_or_default();
    let all: Vec<Value> = all.into_iter().take(count).collect();
    let words = || match all.is_empty() {
        true => "nothing has been done on layer 1\n".to_owned(),
        false => all.iter().map(operation).collect::<Vec<_>>().join("\n"),
    };
    ui.answer(&json!({"operations": all}), words)
}

fn text(value: &Value) -> String {
    one_line(value.as_str().unwrap_or_default())
}

/// A name where there is one, else what it names.
fn named(name: &Value, other: &Value) -> String {
    name.as_str().map_or_else(|| text(other), one_line)
}

fn operation(told: &Value) -> String {
    let level = &told["level"];
    let what = match told["kind"].as_str() {
        Some("execution") => {
            format!("message {} of outbox {} executed", told["message_index"], told["outbox_level"])
        }
        Some("call") => "a contract calls the rollup".to_owned(),
        Some("contract") => "a contract's type told".to_owned(),
        Some("found") => "tickets found on the rollup".to_owned(),
        _ => format!("operation of {}", text(&told["source"])),
    };
    let mut shown = format!("level {level}: {what}\n  {}\n", text(&told["hash"]));
    for change in told["changes"].as_array().into_iter().flatten() {
        shown.push_str(&format!("    {}\n", changed(change)));
    }
    let sent = told["messages"].as_array().map_or(0, Vec::len);
    if sent > 0 {
        let words = if sent == 1 { "1 message".to_owned() } else { format!("{sent} messages") };
        shown.push_str(&format!("    {words} to the rollup, for the inbox of the next level\n"));
    }
    shown
}

/// A balance before and after.
fn changed(change: &Value) -> String {
    let decimals = change["decimals"].as_u64().and_then(|places| usize::try_from(places).ok());
    let amount = |value: &Value| with_point(&text(value), decimals.unwrap_or(0));
    let asset = match change["asset"].as_str() {
        Some(name) if change["kind"] == "ticket" => format!("{} tickets", one_line(name)),
        Some(name) => one_line(name),
        None => {
            let contract: String = text(&change["contract"]).chars().take(SHORT_CHARS).collect();
            format!("{} of {contract}…", text(&change["kind"]))
        }
    };
    let who = named(&change["name"], &change["account"]);
    format!("{who}: {} -> {} {asset}", amount(&change["before"]), amount(&change["after"]))
}

/// A whole number of smallest units, written with a point.
fn with_point(digits: &str, decimals: usize) -> String {
    let padded = format!("{digits:0>width$}", width = decimals.saturating_add(1));
    let (whole, rest) = padded.split_at(padded.len() - decimals.min(padded.len()));
    let rest = rest.trim_end_matches('0');
    if rest.is_empty() { grouped(whole) } else { format!("{}.{rest}", grouped(whole)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_their_point() {
        for (digits, decimals, expected) in [
            ("0", 6, "0"),
            ("5", 6, "0.000005"),
            ("12500000", 6, "12.5"),
            ("1000000000000", 6, "1,000,000"),
            ("7", 0, "7"),
            ("", 0, "0"),
        ] {
            assert_eq!(with_point(digits, decimals), expected, "{digits} {decimals}");
        }
    }

    #[test]
    fn an_operation_is_told_with_who_gained_and_who_lost() {
        let change = json!({
            "account": "tz1KqTpEZ7Yob7QbPE4Hy4Wo8fHG8LhKxZSx", "name": "bootstrap1", "kind": "tez",
            "asset": "tez", "decimals": 6, "before": "5000000", "after": "4500000",
        });
        let unnamed = json!({
            "account": "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT", "name": null, "kind": "ticket",
            "contract": "KT1UuCZfusSPmKYDZ9EiP3dafh3QzPDV8tZF", "asset": null, "decimals": 0,
            "before": "0", "after": "3",
        });
        let told = json!({
            "level": 4, "kind": "operation", "source": "tz1KqTpEZ7Yob7QbPE4Hy4Wo8fHG8LhKxZSx",
            "hash": "onvaNJjsqRkBaLYRF1meKsojDnm1ogw1fUETYDTiRzVS9Acj4pB",
            "changes": [change, unnamed], "messages": ["scmsg"],
        });
        let shown = operation(&told);
        assert!(shown.contains("    bootstrap1: 5 -> 4.5 tez\n"), "{shown}");
        assert!(shown.contains("HT: 0 -> 3 ticket of KT1UuCZfus…\n"), "{shown}");
        assert!(shown.contains("1 message to the rollup"), "{shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    }
}
