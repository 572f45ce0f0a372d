//! What a receipt proves, and what it does not: in words and as JSON.

use explain::{batch_v2, outcome as reasons};
use receipt::{Proven, Receipt, Record};
use serde_json::{Value, json};

/// What is proven, in words.
pub(super) fn words(receipt: &Receipt, proven: &Proven, commitment: &str) -> String {
    let mut text = format!("payment {}, {}\n", proven.digest, kind(receipt));
    for (operation, outcome) in operations(receipt, proven) {
        text.push_str(&format!("  {operation}: {outcome}\n"));
    }
    text.push_str(&format!("Proven: {}\n", claim(receipt, proven, commitment)));
    text.push_str("Not proven:\n");
    for line in not_proven(receipt, proven, commitment) {
        text.push_str(&format!("  - {line}\n"));
    }
    text
}

/// The same as JSON.
pub(super) fn json(receipt: &Receipt, proven: &Proven, commitment: &str) -> Value {
    let operations = operations(receipt, proven).into_iter().zip(&proven.outcomes);
    let operations = operations.map(|((operation, _), outcome)| {
        json!({
            "operation": operation,
            "outcome": reasons::of_operation(outcome),
            "code": outcome.code.name(),
            "values": reasons::values_in_decimal(outcome),
        })
    });
    let accounts =
        receipt.accounts.iter().map(|(index, who)| (index.to_string(), json!(who.to_string())));
    json!({
        "verified": true,
        "applied": proven.is_applied(),
        "rollup": receipt.rollup.to_string(),
        "commitment": commitment,
        "inbox_level": receipt.commitment.inbox_level,
        "level": proven.level.0,
        "digest": proven.digest.to_string(),
        "transaction": receipt.payment.transaction,
        "root": {
            "window": proven.root.window,
            "first_level": proven.root.first.0,
            "last_level": proven.root.last.0,
            "results": proven.root.leaves,
            "hash": proven.root.root.to_string(),
        },
        "operations": operations.collect::<Value>(),
        "proven": claim(receipt, proven, commitment),
        "not_proven": not_proven(receipt, proven, commitment),
        "accounts_as_told": accounts.collect::<serde_json::Map<_, _>>(),
    })
}

fn kind(receipt: &Receipt) -> String {
    let number = receipt.payment.transaction;
    match &receipt.record {
        Record::Batch(_) => format!("transaction {number} of a batch that its signers have signed"),
        Record::Transaction(_) => "a transaction that its signers have signed".to_owned(),
    }
}

/// Each operation of the transaction in words, and what became of it.
fn operations(receipt: &Receipt, proven: &Proven) -> Vec<(String, String)> {
    let all = batch_v2::operations(&proven.batch).into_iter();
    let own = all.filter(|(number, ..)| *number == receipt.payment.transaction);
    let own = own.map(|(_, _, text)| text);
    own.zip(&proven.outcomes)
        .map(|(text, outcome)| {
            let words = reasons::sentence_with_code(outcome);
            let words = if words.is_empty() { String::new() } else { format!(", {words}") };
            (text, format!("{}{words}", reasons::of_operation(outcome)))
        })
        .collect()
}

/// In one sentence what is proven.
fn claim(receipt: &Receipt, proven: &Proven, commitment: &str) -> String {
    let done = match proven.is_applied() {
        true => "that rollup has applied this payment",
        false => "that rollup has not applied this payment",
    };
    let (level, rollup) = (proven.level, receipt.rollup);
    format!(
        "if layer 1 has cemented the commitment {commitment} of the rollup {rollup}, then {done}, \
         which came in level {level}."
    )
}

/// What the reader has to know from elsewhere.
fn not_proven(receipt: &Receipt, proven: &Proven, commitment: &str) -> Vec<String> {
    let mut all = vec![
        format!("that layer 1 has cemented {commitment}, and for this rollup"),
        "that the rollup runs the kernel whose rules these are".to_owned(),
    ];
    for index in proven.by_index() {
        let told = receipt.accounts.get(&index);
        let told = told.map_or_else(String::new, |who| format!(" (a node said: {who})"));
        all.push(format!("whose account {index} is{told}"));
    }
    if proven.has_ticket_index() {
        all.push("which ticket a ticket's index stands for".to_owned());
    }
    all.push("anything that was done after that level".to_owned());
    all
}
