//! What became of transactions and batches: in words and as JSON.

use encoding::Hash32;
use serde_json::{Value, json};
use wallet::follow::{Found, HashKind, Settlement};
use wallet::following::Followed;
use wallet::transaction_status::TransactionStatus;

use super::error::result::ResultError;
use explain::{batch_v2 as compact, outcome as reasons};

/// What has a result, in words.
pub(super) fn found_text(hash: &Hash32, found: &Found, stage: Settlement) -> String {
    let what = match found.kind {
        HashKind::Transaction => "transaction".to_owned(),
        HashKind::Batch { transactions } => format!("batch of {transactions} transactions"),
    };
    let mut text = format!("{hash}\n  {what}, level {}, {}\n", found.message.level, stage.word());
    for one in &found.operations {
        let at = match found.kind {
            HashKind::Transaction => format!("operation {}", one.operation),
            HashKind::Batch { .. } => format!("{}.{}", one.transaction, one.operation),
        };
        let words = reasons::sentence_with_code(&one.outcome);
        let words = if words.is_empty() { String::new() } else { format!(": {words}") };
        let memo = one.memo.as_ref().map(compact::memo_text);
        let memo = memo.map_or_else(String::new, |memo| format!(", memo {memo}"));
        let outcome = reasons::of_operation(&one.outcome);
        text.push_str(&format!("  {at} {outcome}{words}{memo}\n"));
    }
    if let (HashKind::Batch { .. }, true) = (found.kind, found.failure().is_none()) {
        let what = if found.operations.is_empty() { "all of it" } else { "everything else" };
        text.push_str(&format!("  {what} was applied\n"));
    }
    text
}

/// What has a result, as JSON.
pub(super) fn found_json(hash: &Hash32, found: &Found, stage: Settlement) -> Value {
    let operations = found.operations.iter().map(|one| {
        json!({
            "transaction": one.transaction,
            "operation": one.operation,
            "outcome": reasons::of_operation(&one.outcome),
            "code": one.outcome.code.name(),
            "number": one.outcome.code.number(),
            "values": reasons::values_in_decimal(&one.outcome),
            "reason": reasons::sentence(&one.outcome),
            "memo": one.memo.as_ref().map(compact::memo_text),
        })
    });
    let transactions = match found.kind {
        HashKind::Transaction => Value::Null,
        HashKind::Batch { transactions } => json!(transactions),
    };
    json!({
        "hash": hash.to_string(),
        "level": found.message.level.0,
        "message": found.message.index,
        "stage": stage.word(),
        "final": stage >= Settlement::Final,
        "retryable": !found.is_final(),
        "applied": found.failure().is_none(),
        "result": result_word(found),
        "batch_of": transactions,
        "operations": operations.collect::<Value>(),
    })
}

/// A result in the word that the status of a transaction has for it.
fn result_word(found: &Found) -> &'static str {
    match found.failure() {
        None => "applied",
        Some(one) if one.outcome.is_final() => "refused",
        Some(_) => "not applied",
    }
}

/// What was followed, in words.
pub(super) fn followed_text(hash: &Hash32, followed: &Followed) -> String {
    match followed {
        Followed::Pending => format!("{hash}\n  in no level yet\n"),
        Followed::Found(found, stage) => found_text(hash, found, *stage),
        Followed::Dead(status) => format!("{hash}\n  {}: {}\n", status.word(), why(status)),
        Followed::RefusedWhole(message, outcome) => {
            let words = reasons::sentence_with_code(outcome);
            format!("{hash}\n  level {}, refused whole: {words}\n", message.level)
        }
        Followed::Gone(since) => {
            format!("{hash}\n  gone: the node has it in no level from {since} on\n")
        }
    }
}

/// What was followed, as JSON.
pub(super) fn followed_json(hash: &Hash32, followed: &Followed) -> Value {
    let result = |word: &str| {
        json!({
            "hash": hash.to_string(), "level": null, "stage": null, "final": false,
            "applied": false, "result": word,
        })
    };
    match followed {
        Followed::Pending => result(TransactionStatus::Open(None).word()),
        Followed::Found(found, stage) => found_json(hash, found, *stage),
        Followed::Dead(status) => result(status.word()),
        Followed::Gone(_) => result("gone"),
        Followed::RefusedWhole(message, outcome) => {
            let mut told = result("refused whole");
            told["level"] = json!(message.level.0);
            told["message"] = json!(message.index);
            told["code"] = json!(outcome.code.name());
            told["number"] = json!(outcome.code.number());
            told["values"] = json!(reasons::values_in_decimal(outcome));
            told["reason"] = json!(reasons::sentence(outcome));
            told
        }
    }
}

/// A transaction whose end was known before, as JSON.
pub(super) fn ended_json(hash: &Hash32, status: &TransactionStatus) -> Value {
    let level = match status {
        TransactionStatus::Applied(level) | TransactionStatus::Refused(level, _) => Some(level.0),
        _ => None,
    };
    json!({
        "hash": hash.to_string(), "level": level, "stage": null, "final": !status.is_open(),
        "applied": matches!(status, TransactionStatus::Applied(_)), "result": status.word(),
    })
}

/// What is to be said of the failure of what was followed, if it is one.
pub(super) fn followed_failure(hash: &Hash32, followed: &Followed) -> Option<ResultError> {
    match followed {
        Followed::Pending => None,
        Followed::Found(found, _) => found.failure().map(|one| ResultError::Refused(one.outcome)),
        Followed::Dead(status) => {
            Some(ResultError::NeverApplied { hash: hash.to_string(), why: why(status) })
        }
        Followed::RefusedWhole(message, outcome) => {
            let (hash, message, outcome) = (hash.to_string(), *message, *outcome);
            Some(ResultError::RefusedWhole { hash, message, outcome })
        }
        Followed::Gone(since) => Some(ResultError::Gone { hash: hash.to_string(), since: *since }),
    }
}

/// Why nothing more can come of it, or what has come.
fn why(status: &TransactionStatus) -> &'static str {
    match status {
        TransactionStatus::Applied(_) => "it was applied",
        TransactionStatus::Refused(..) => "the kernel refused it",
        TransactionStatus::Expired => "its last level is over, and no level has applied it",
        TransactionStatus::Replaced => "another transaction of the account took its place",
        TransactionStatus::Forgotten => "its result is so old that it is not kept",
        TransactionStatus::Unknown => {
            "its counter is used up, perhaps by a batch that it was signed in, which the node does not show"
        }
        TransactionStatus::Open(_) => "no level has applied it yet",
    }
}

/// Why it was not applied, in words; empty if it was, or there is nothing to add.
pub(super) fn reason_words(status: &TransactionStatus) -> String {
    match status {
        TransactionStatus::Refused(_, outcome) | TransactionStatus::Open(Some((_, outcome))) => {
            reasons::sentence(outcome)
        }
        TransactionStatus::Applied(_) => String::new(),
        status => why(status).to_owned(),
    }
}
