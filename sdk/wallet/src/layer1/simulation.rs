//! What an operation would do on layer 1, by a node's own simulation.

use layer1::address::Address;
use layer1::json::from_micheline;
use layer1::michelson::text;
use serde_json::{Value, json};

use super::Layer1Block;
use super::error::{Layer1Error, malformed};
use super::operation::{Group, Limits};
use crate::error::one_line;

/// What would come of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Simulated {
    /// Every call of it would be made.
    Applied,
    /// Layer 1 would refuse it, for this reason.
    Refused(String),
}

impl Layer1Block<'_> {
    /// Simulates an operation upon the block. No signature is needed.
    ///
    /// # Errors
    /// When there is no answer, or it is malformed.
    pub fn simulate(&self, source: &Address, group: &Group) -> Result<Simulated, Layer1Error> {
        let constants = self.constants()?;
        let count = u64::try_from(group.transactions.len()).unwrap_or(u64::MAX).max(1);
        let gas = constants.gas_per_operation.min(constants.gas_per_block / count);
        let limits = Limits { gas, storage: constants.storage_per_operation };
        let contents = group.simulated(source, &self.counter(source)?, limits);
        let path = self.path("helpers/scripts/simulate_operation");
        let body = json!({
            "operation": {"branch": self.header().hash, "contents": contents},
            "chain_id": self.header().chain_id,
        });
        let told: Value = match self.node.post(&path, &body).map_err(Layer1Error::from) {
            // What fails before it is run, such as a source without a key on layer 1, is an error of HTTP.
            Err(Layer1Error::Refused { status: 400..=500, words, .. }) if !words.is_empty() => {
                return Ok(Simulated::Refused(words));
            }
            told => told?,
        };
        read(&path, &told)
    }
}

/// What the results of an operation come to: those of its calls, and of the calls that these make.
pub(super) fn read(path: &str, told: &Value) -> Result<Simulated, Layer1Error> {
    let contents = told["contents"].as_array().filter(|contents| !contents.is_empty());
    let contents = contents.ok_or_else(|| malformed(path, "no \"contents\""))?;
    let mut all = Vec::new();
    for content in contents {
        let metadata = &content["metadata"];
        all.push(&metadata["operation_result"]);
        let internal = metadata["internal_operation_results"].as_array().into_iter().flatten();
        all.extend(internal.map(|one| &one["result"]));
    }
    let mut refused = None;
    for result in all {
        match result["status"].as_str() {
            Some("applied") => {}
            // Taken back, or not tried, as another one fails: that one has the reason.
            Some("backtracked" | "skipped") => refused = refused.or(Some(String::new())),
            Some("failed") => {
                let reason = reason(result);
                let is_first = refused.as_ref().is_none_or(String::is_empty);
                if is_first {
                    refused = Some(reason);
                }
            }
            _ => return Err(malformed(path, "a result without a \"status\"")),
        }
    }
    Ok(refused.map_or(Simulated::Applied, |reason| match reason.is_empty() {
        true => Simulated::Refused("it says no reason".to_owned()),
        false => Simulated::Refused(reason),
    }))
}

/// Why a call fails: its errors, the last of which is the most exact.
fn reason(result: &Value) -> String {
    let errors = result["errors"].as_array().into_iter().flatten();
    let errors: Vec<String> = errors.map(error).filter(|words| !words.is_empty()).collect();
    // What a script says itself tells more than that it was stopped.
    let script = errors.iter().rev().find(|words| words.contains("script_rejected"));
    let words = script.or(errors.last()).cloned().unwrap_or_default();
    if words.is_empty() { "it says no reason".to_owned() } else { words }
}

/// An error of layer 1 in words: its id without the protocol's name, and what a script failed with.
fn error(told: &Value) -> String {
    if let Some(words) = told["msg"].as_str() {
        return one_line(words);
    }
    let id = told["id"].as_str().unwrap_or_default();
    // proto.024-PtTALLiN.michelson_v1.script_rejected
    let id = match id.strip_prefix("proto.").and_then(|rest| rest.split_once('.')) {
        Some((_, rest)) => rest,
        None => id,
    };
    match from_micheline(&told["with"]) {
        Some(with) => one_line(&format!("{id}: {}", text(&with))),
        None => one_line(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(results: &[Value]) -> Value {
        let content = |result: &Value| json!({"kind": "transaction", "metadata": result});
        json!({"contents": results.iter().map(content).collect::<Value>()})
    }

    fn applied() -> Value {
        json!({"operation_result": {"status": "applied"}})
    }

    #[test]
    fn all_calls_must_be_applied_those_they_make_too() {
        assert_eq!(read("/x", &of(&[applied(), applied()])).unwrap(), Simulated::Applied);
        let inner = json!({"operation_result": {"status": "backtracked"},
        "internal_operation_results": [
            {"result": {"status": "failed", "errors": [
                {"id": "proto.024-PtX.michelson_v1.runtime_error"},
                {"id": "proto.024-PtX.michelson_v1.script_rejected",
                 "with": {"string": "FA2_INSUFFICIENT_BALANCE"}},
            ]}},
            {"result": {"status": "skipped"}},
        ]});
        let expected = "michelson_v1.script_rejected: \"FA2_INSUFFICIENT_BALANCE\"".to_owned();
        assert_eq!(read("/x", &of(&[applied(), inner])).unwrap(), Simulated::Refused(expected));
        let own = json!({"operation_result": {"status": "failed", "errors": [
            {"id": "proto.024-PtX.contract.balance_too_low"}]}});
        let skipped = json!({"operation_result": {"status": "skipped"}});
        assert_eq!(
            read("/x", &of(&[own, skipped.clone()])).unwrap(),
            Simulated::Refused("contract.balance_too_low".to_owned())
        );
        let silent = Simulated::Refused("it says no reason".to_owned());
        assert_eq!(read("/x", &of(&[skipped])).unwrap(), silent);
        assert_eq!(
            read("/x", &of(&[json!({"operation_result": {"status": "failed"}})])).unwrap(),
            silent
        );
    }

    #[test]
    fn what_is_no_result_is_malformed() {
        for told in [
            json!({}),
            json!({"contents": []}),
            json!([]),
            of(&[json!({})]),
            of(&[json!({"operation_result": {"status": "fine"}})]),
            of(&[json!({"operation_result": {"status": "applied"},
                        "internal_operation_results": [{}]})]),
        ] {
            assert!(matches!(read("/x", &told), Err(Layer1Error::Malformed { .. })), "{told}");
        }
    }
}
