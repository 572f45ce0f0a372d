//! `toru dev contract`: what a contract of the simulated layer 1 takes; and whom an execution there has paid.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use layer1::entrypoints::{Parameter, ScriptError};
use layer1::json::from_micheline;
use layer1::michelson::text;
use serde_json::{Value, json};

use super::Endpoint;
use super::call::{get, post};
use crate::address::{Address, Role};
use crate::error::Failure;
use crate::exit::Exit;
use crate::out::json_line;
use crate::plain::one_line;

/// Bytes: the longest script that is read. Layer 1 has room for less.
const MAX_SCRIPT_BYTES: u64 = 4 << 20;

/// Tells it, or asks. What it returns is to be printed.
pub(super) fn contract(
    contract: &str,
    script: Option<&Path>,
    at: &Endpoint,
    json: bool,
) -> Result<String, Failure> {
    let wrong = |problem| Failure::Option { name: "contract", value: contract.to_owned(), problem };
    let address = Address::parse_as(Role::Contract, contract).map_err(wrong)?;
    let told = match script {
        None => {
            get(at, &format!("/chains/main/blocks/head/context/contracts/{address}/entrypoints"))?
        }
        Some(path) => {
            let section = parameter(path)?;
            let body = json!({"contract": address.to_string(), "script": section});
            post(at, "contract", &body)?
        }
    };
    let mut shown = format!("{address}\n");
    let all = told["entrypoints"].as_object().cloned().unwrap_or_default();
    let mut types = serde_json::Map::new();
    for (name, told) in &all {
        let told = from_micheline(told).map_or_else(|| "?".to_owned(), |node| text(&node));
        let (name, told) = (one_line(name), one_line(&told));
        shown.push_str(&format!("  {name}  {told}\n"));
        types.insert(name, Value::String(told));
    }
    if json {
        return json_line(&json!({"contract": address.to_string(), "entrypoints": types}));
    }
    if all.is_empty() {
        shown.push_str("  no entrypoints but default\n");
    }
    Ok(shown)
}

/// The section `parameter …` of a script, as text.
fn parameter(path: &Path) -> Result<String, Failure> {
    let bad = |error: &ScriptError| Failure::Dev {
        problem: format!("{}: {}", crate::error::shown_path(path), one_line(&error.to_string())),
        hint: Some("a script begins with parameter TYPE ; storage TYPE ; code { … }"),
        exit: Exit::Input,
    };
    let file = File::open(path).map_err(Failure::reading(path))?;
    let mut bytes = Vec::new();
    file.take(MAX_SCRIPT_BYTES).read_to_end(&mut bytes).map_err(Failure::reading(path))?;
    let script = String::from_utf8_lossy(&bytes);
    let script = script.strip_prefix('\u{feff}').unwrap_or(&script);
    let parameter = Parameter::of_script(script).map_err(|error| bad(&error))?;
    let section = parameter.to_section().ok_or_else(|| bad(&ScriptError::NoParameter))?;
    Ok(text(&section))
}

/// Whom the calls of a message have paid, a line for each.
pub(crate) fn paid(told: &Value) -> String {
    let text = |value: &Value| one_line(value.as_str().unwrap_or_default());
    let line = |call: &Value| {
        let contract = format!("{}%{}", text(&call["destination"]), text(&call["entrypoint"]));
        let content = from_micheline(&call["content"]).map(|node| layer1::michelson::text(&node));
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
