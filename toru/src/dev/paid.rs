//! Whom an execution on the simulated layer 1 has paid.

use layer1::json::from_micheline;
use layer1::michelson;
use layer1::plain::one_line;
use serde_json::Value;

/// Whom the calls of a message have paid, a line for each.
pub(crate) fn paid(told: &Value) -> String {
    let text = |value: &Value| one_line(value.as_str().unwrap_or_default());
    let line = |call: &Value| {
        let contract = format!("{}%{}", text(&call["destination"]), text(&call["entrypoint"]));
        let content = from_micheline(&call["content"]).map(|node| michelson::text(&node));
        let content = one_line(&content.unwrap_or_default());
        let amount = text(&call["amount"]);
        let done = match (amount.is_empty(), call["receiver"].as_str()) {
            (true, _) => format!("{contract} was called"),
            (false, Some(receiver)) => {
                format!("{} is paid {amount} of {content} by {contract}", one_line(receiver))
            }
            (false, None) => {
                format!("{contract} was handed {amount} of {content}, and nobody is named in that")
            }
        };
        match call["known"].as_bool() {
            Some(true) => format!("{done}\n"),
            _ => format!(
                "{done}; nothing is known of that contract here, a real one may refuse it\n"
            ),
        }
    };
    told.as_array().into_iter().flatten().map(line).collect()
}
