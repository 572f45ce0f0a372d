//! Whom an execution on the simulated layer 1 has paid.

use layer1::json::from_micheline;
use layer1::michelson;
use layer1::plain::one_line;
use serde_json::Value;

/// Whom the calls of a message have paid, a line for each. `amount_of` is what a call has moved, as people write it,
/// where its ticket is known by a name.
pub(crate) fn paid(told: &Value, amount_of: impl Fn(&Value) -> Option<String>) -> String {
    let text = |value: &Value| one_line(value.as_str().unwrap_or_default());
    let line = |call: &Value| {
        let contract = format!("{}%{}", text(&call["destination"]), text(&call["entrypoint"]));
        let amount = text(&call["amount"]);
        let moved = amount_of(call).unwrap_or_else(|| {
            let content = from_micheline(&call["content"]).map(|node| michelson::text(&node));
            format!("{amount} of {}", one_line(&content.unwrap_or_default()))
        });
        let done = match (amount.is_empty(), call["receiver"].as_str()) {
            (true, _) => format!("{contract} was called"),
            (false, Some(receiver)) => {
                format!("{} is paid {moved} by {contract}", one_line(receiver))
            }
            (false, None) => {
                format!("{contract} was handed {moved}, and nobody is named in that")
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
