//! Transactions: submitted, asked for, simulated.

use std::sync::Arc;

use batcher_api::limits::TRANSACTIONS_PER_REQUEST;
use batcher_api::{
    ApiError, Code, Record, SimulationAnswer, SimulationRequest, SubmissionAnswer,
    SubmissionRequest, SubmissionResult, SubmittedTransaction,
};
use serde::Deserialize;
use serde_json::Value;

use super::failure::Failure;
use super::request::{Call, from_json};
use super::state::HttpState;

/// An item of a submission, or why it is not one.
type Item = Result<SubmittedTransaction, ApiError>;

pub(super) async fn submit(state: Arc<HttpState>, call: Call) -> Result<SubmissionAnswer, Failure> {
    let items = call.read(read_items).await?;
    state.take_transactions(call.client, items.len())?;
    let mut results = Vec::with_capacity(items.len());
    let mut read = Vec::with_capacity(items.len());
    for item in items {
        // The place of one that is read is filled below.
        let error = item.map(|item| read.push(item)).err();
        results.push(SubmissionResult { hash: None, record: None, error });
    }
    let answer = match read.is_empty() {
        true => Vec::new(),
        false => {
            let request = SubmissionRequest { transactions: read };
            state.engine.submit(request, call.client.address).await?.results
        }
    };
    let places = results.iter_mut().filter(|result| result.error.is_none());
    for (place, result) in places.zip(answer) {
        *place = result;
    }
    Ok(SubmissionAnswer { results })
}

/// Each item of a submission by itself: what is wrong with one is told of that one.
fn read_items(body: &[u8]) -> Result<Vec<Item>, Failure> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Items {
        transactions: Vec<Value>,
    }
    let items: Vec<Item> = match serde_json::from_slice::<SubmissionRequest>(body) {
        Ok(request) => request.transactions.into_iter().map(Ok).collect(),
        Err(_) => {
            let read = |item: Value| {
                let malformed = |error: serde_json::Error| {
                    ApiError::new(Code::Malformed, format!("the transaction: {error}"))
                };
                serde_json::from_value(item).map_err(malformed)
            };
            from_json::<Items>(body)?.transactions.into_iter().map(read).collect()
        }
    };
    bounded(items)
}

fn bounded<T>(items: Vec<T>) -> Result<Vec<T>, Failure> {
    match items.len() {
        0 => Err(Failure::malformed("the body has no transactions")),
        1..=TRANSACTIONS_PER_REQUEST => Ok(items),
        count => Err(Failure::too_many("transactions", count, TRANSACTIONS_PER_REQUEST)),
    }
}

pub(super) async fn record(state: Arc<HttpState>, call: Call) -> Result<Record, Failure> {
    Ok(state.engine.record(call.hash("hash")?).await?)
}

pub(super) async fn simulate(
    state: Arc<HttpState>,
    call: Call,
) -> Result<SimulationAnswer, Failure> {
    let read = |body: &[u8]| bounded(from_json::<SimulationRequest>(body)?.transactions);
    let transactions = call.read(read).await?;
    state.take_transactions(call.client, transactions.len())?;
    Ok(state.engine.simulate(SimulationRequest { transactions }).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn items(body: &Value) -> Vec<Result<String, String>> {
        let items = read_items(body.to_string().as_bytes()).unwrap();
        let told = |item: Item| item.map(|item| item.transaction).map_err(|error| error.message);
        items.into_iter().map(told).collect()
    }

    #[test]
    fn what_is_wrong_with_an_item_is_told_of_that_item() {
        let good = json!({"transaction": "aa", "signatures": []});
        let more = json!({"transaction": "aa", "signatures": [], "colour": "red"});
        let found = items(&json!({"transactions": [good, 5, more, {"transaction": "bb"}]}));
        assert_eq!(found[0], Ok("aa".to_owned()));
        for (number, word) in [(1, "invalid type"), (2, "colour"), (3, "signatures")] {
            assert!(found[number].as_ref().unwrap_err().contains(word), "{found:?}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_request_is_told_of_all() {
        let failure = |body: &Value| read_items(body.to_string().as_bytes()).unwrap_err();
        let code = |body: &Value| match failure(body) {
            Failure::Error(error, _) => error.code_of::<Code>().unwrap(),
            Failure::Refusal(refusal) => panic!("{refusal:?}"),
        };
        for wrong in
            [json!([]), json!({}), json!({"transactions": []}), json!({"transactions": {}})]
        {
            assert_eq!(code(&wrong), Code::Malformed, "{wrong}");
        }
        let many = vec![json!(0); TRANSACTIONS_PER_REQUEST + 1];
        assert_eq!(code(&json!({"transactions": many})), Code::RequestTooLarge);
        assert_eq!(items(&json!({"transactions": many[1..]})).len(), TRANSACTIONS_PER_REQUEST);
    }
}
