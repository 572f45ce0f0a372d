//! What a history says of a hash that the node has no result of any more.

use encoding::{Hash32, Level, MessageId};
use explain::outcome as reasons;
use history::api::{
    BatchAnswer, MessageAnswer, MoveAnswer, OperationAnswer, PlaceAnswer, TransactionAnswer,
};
use serde_json::{Value, json};
use tx_kernel::results::{Outcome, ResultCode};
use wallet::error::RpcError;
use wallet::follow::Settlement;
use wallet::transaction_status::TransactionStatus;

use super::super::counted::counted;
use super::super::error::result::ResultError;
use super::super::grid::grouped;
use super::super::session::Session;
use super::super::ticket_list::token_json;
use super::shown::Shown;
use super::source::History;
use crate::cli::groups::HistoryArgs;
use crate::error::Failure;
use crate::ui::Output;

impl Session<'_> {
    /// What the history says of a hash; nothing if it has none of it, or nobody has named a history and the node
    /// serves none.
    pub(in crate::wallet) fn at_history(
        &self,
        hash: &Hash32,
        args: &HistoryArgs,
    ) -> Result<Option<Output>, Failure> {
        let Some(history) = self.history_if_any(args)? else { return Ok(None) };
        let Some(told) = history.client.transaction(hash)? else { return Ok(None) };
        let settled = self.wallet.node().settled()?;
        let stage = |level: i32| settled.stage(Level(level)).unwrap_or(Settlement::Included);
        let TransactionAnswer { places, batches, count, .. } = told;
        if let Some(place) = places.first() {
            let stage = stage(settling_level(place));
            return Ok(Some(self.place(&history, hash, place, count, stage)?));
        }
        let Some(batch) = batches.first() else { return Ok(None) };
        Ok(Some(self.batch_of_history(&history, hash, batch, stage(batch.message.level))?))
    }

    /// A history that is on the node's chain. Where nobody has named one, a node that serves none, or one that is not
    /// that far, is as good as none.
    pub(in crate::wallet) fn history_if_any(
        &self,
        args: &HistoryArgs,
    ) -> Result<Option<History>, Failure> {
        let history = match self.history(args) {
            Ok(history) => history,
            Err(failure) if args.named().is_some() => return Err(failure),
            Err(_) => return Ok(None),
        };
        let Some(last) = &history.status.last else { return Ok(None) };
        // After a reorganisation it may still have what was taken back.
        match self.wallet.node().block(&last.level.to_string()) {
            Ok(block) if block.hash == last.block => Ok(Some(history)),
            Ok(_) | Err(RpcError::Refused { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn place(
        &self,
        history: &History,
        hash: &Hash32,
        place: &PlaceAnswer,
        count: u64,
        stage: Settlement,
    ) -> Result<Output, Failure> {
        let refused = refusal(hash, &place.message, place.operations.iter());
        let operations = place.operations.iter();
        let retryable = is_retryable(operations.clone());
        let mut told = head(history, hash, &place.message, stage, refused.as_ref(), retryable);
        told["operations"] =
            operations.clone().map(|one| operation_json(place.transaction, one)).collect();
        told["in_messages"] = json!(count);
        let (mut words, mut payments) = (String::new(), Vec::new());
        for operation in &place.operations {
            let at = format!("operation {}", operation.operation);
            words.push_str(&operation_text(&at, operation));
            for one in &operation.moves {
                let (line, mut payment) = self.payment_of(one)?;
                payment["transaction"] = json!(place.transaction);
                payment["operation"] = json!(operation.operation);
                words.push_str(&line);
                payments.push(payment);
            }
        }
        told["payments"] = Value::Array(payments);
        let output = self.ui.answer(&told, || {
            title(history, hash, "transaction", settling_level(place), stage) + &words
        })?;
        Ok(Output { refused, ..output })
    }

    fn batch_of_history(
        &self,
        history: &History,
        hash: &Hash32,
        batch: &BatchAnswer,
        stage: Settlement,
    ) -> Result<Output, Failure> {
        let failures = batch.failures.iter();
        let refused = refusal(hash, &batch.message, failures.clone().map(|one| &one.operation));
        let retryable = is_retryable(failures.clone().map(|one| &one.operation));
        let mut told = head(history, hash, &batch.message, stage, refused.as_ref(), retryable);
        told["batch_of"] = json!(batch.message.transactions);
        told["operations"] =
            failures.clone().map(|one| operation_json(one.transaction, &one.operation)).collect();
        told["operations_applied"] = json!(batch.applied);
        told["operations_failed"] = json!(batch.failed);
        let output = self.ui.answer(&told, || {
            let transactions = usize::try_from(batch.message.transactions).unwrap_or(usize::MAX);
            let what = format!("batch of {}", counted(transactions, "transaction"));
            let mut text = title(history, hash, &what, batch.message.level, stage);
            for one in failures {
                let at = format!("{}.{}", one.transaction, one.operation.operation);
                text.push_str(&operation_text(&at, &one.operation));
            }
            let [applied, failed] = [batch.applied, batch.failed].map(|n| grouped(&n.to_string()));
            text + &format!("  operations: {applied} applied, {failed} not applied\n")
        })?;
        Ok(Output { refused, ..output })
    }

    /// Who pays whom how much of what: in a line, and as JSON.
    fn payment_of(&self, one: &MoveAnswer) -> Result<(String, Value), Failure> {
        let shown = Shown::of_anybody(self, one.clone())?;
        let (amount, token) = (shown.decimal(), &shown.token);
        let label = |address: Option<&String>| -> Result<String, Failure> {
            let address = address.map(|text| encoding::Tz4Address::from_base58(text));
            Ok(match address {
                Some(Ok(address)) => self.by_address(address)?.label(),
                _ => "nobody".to_owned(),
            })
        };
        let from = label(one.sender.as_ref())?;
        let mut told = token_json(token);
        told["from"] = json!(one.sender);
        told["amount"] = json!(amount);
        told["units"] = json!(one.amount);
        let to = match &one.receiver {
            Some(receiver) => {
                told["to"] = json!(receiver);
                label(Some(receiver))?
            }
            None => {
                let contract = one.outside.as_deref().unwrap_or_default();
                let call = format!("{contract}%{}", one.entrypoint.as_deref().unwrap_or_default());
                told["withdraw"] = json!(call);
                format!("layer 1, {call}")
            }
        };
        let index = token.known_index().map_or_else(String::new, |index| format!(" (#{index})"));
        let (label, ticketer) = (token.label(), token.ticket.ticketer);
        let words =
            format!("  {from} pays {} {label}{index} of {ticketer} to {to}\n", grouped(&amount));
        Ok((words, told))
    }
}

/// What a history says of a transaction, as far as that is the last word; nothing if it says nothing, or the
/// transaction can still be applied.
pub(in crate::wallet) fn status_of(
    history: &History,
    hash: &Hash32,
) -> Result<Option<TransactionStatus>, Failure> {
    let Some(told) = history.client.transaction(hash)? else { return Ok(None) };
    let Some(place) = told.places.first() else { return Ok(None) };
    let outcomes: Option<Vec<(Level, Outcome)>> = place
        .operations
        .iter()
        .map(|one| one.result.as_ref().map(|result| (Level(result.level), result.outcome())))
        .collect();
    let Some(outcomes) = outcomes.filter(|outcomes| !outcomes.is_empty()) else { return Ok(None) };
    let failure = outcomes.iter().find(|(_, outcome)| outcome.code != ResultCode::Applied);
    Ok(match (failure, outcomes.first()) {
        (None, Some((level, _))) => Some(TransactionStatus::Applied(*level)),
        (Some((level, outcome)), _) if outcome.is_final() => {
            Some(TransactionStatus::Refused(*level, *outcome))
        }
        _ => None,
    })
}

/// The level that has settled a transaction; that of its message as long as none has.
fn settling_level(place: &PlaceAnswer) -> i32 {
    let results = place.operations.iter().filter_map(|one| one.result.as_ref());
    results.map(|result| result.level).max().unwrap_or(place.message.level)
}

fn title(history: &History, hash: &Hash32, what: &str, level: i32, stage: Settlement) -> String {
    let (url, stage) = (history.client.url(), stage.word());
    format!(
        "{hash}\n  from the history of {url}: the node has no result of it any more\n  {what}, \
         level {level}, {stage}\n"
    )
}

/// The fields that `toru tx show` has for every hash, as far as a history knows them.
fn head(
    history: &History,
    hash: &Hash32,
    message: &MessageAnswer,
    stage: Settlement,
    refused: Option<&Failure>,
    retryable: bool,
) -> Value {
    let applied = refused.is_none();
    let result = match (applied, retryable) {
        (true, _) => "applied",
        (false, true) => "not applied",
        (false, false) => "refused",
    };
    json!({
        "hash": hash.to_string(),
        "source": "history",
        "history": history.client.url(),
        "level": message.level,
        "message": message.message,
        "stage": stage.word(),
        "final": stage >= Settlement::Final,
        "retryable": retryable,
        "applied": applied,
        "result": result,
        "batch_of": null,
        "payments": null,
    })
}

fn operation_text(at: &str, operation: &OperationAnswer) -> String {
    let memo = operation.memo.as_ref().map_or_else(String::new, |memo| format!(", memo {memo}"));
    let Some(result) = &operation.result else { return format!("  {at} has no result{memo}\n") };
    let outcome = result.outcome();
    let words = reasons::with_code(&result.reason, outcome.code);
    let words = if words.is_empty() { words } else { format!(": {words}") };
    format!("  {at} {}{words}{memo}\n", reasons::of_operation(&outcome))
}

fn operation_json(transaction: u32, operation: &OperationAnswer) -> Value {
    let result = operation.result.as_ref();
    json!({
        "transaction": transaction,
        "operation": operation.operation,
        "outcome": result.map(|result| reasons::of_operation(&result.outcome())),
        "code": result.map(|result| &result.code),
        "number": result.map(|result| result.number),
        "values": result.map(|result| &result.values),
        "reason": result.map(|result| &result.reason),
        "memo": operation.memo,
    })
}

/// Whether any of it can still be applied, sent again.
fn is_retryable<'o>(mut operations: impl Iterator<Item = &'o OperationAnswer>) -> bool {
    let is_open = |one: &OperationAnswer| {
        one.result.as_ref().is_none_or(|result| !result.outcome().is_final())
    };
    operations.any(is_open)
}

/// What is to be said if it was not applied.
fn refusal<'o>(
    hash: &Hash32,
    message: &MessageAnswer,
    operations: impl Iterator<Item = &'o OperationAnswer>,
) -> Option<Failure> {
    let hash = hash.to_string();
    let (outcome, result) = (message.outcome.as_deref(), message.result.as_ref());
    let Some(result) = result else { return Some(ResultError::NoResult { hash }.into()) };
    if outcome == Some("refused") {
        let message = MessageId { level: Level(message.level), index: message.message };
        let outcome = result.outcome();
        return Some(ResultError::RefusedWhole { hash, message, outcome }.into());
    }
    let mut results = operations.filter_map(|one| one.result.as_ref());
    let failed = results.find(|result| result.number != ResultCode::Applied.number())?;
    Some(ResultError::Refused(failed.outcome()).into())
}
