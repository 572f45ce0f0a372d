//! `toru dev contract`: what a contract of the simulated layer 1 takes.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use layer1::address::{Address, AddressError, Role};
use layer1::entrypoints::{Parameter, ScriptError};
use layer1::json::from_micheline;
use layer1::michelson::text;
use layer1::plain::one_line;
use serde_json::{Value, json};

use super::sandbox::{get, post};
use crate::cli::groups::SandboxArgs;
use crate::error::{Failure, shown_path};
use crate::ui::{Output, Ui};

/// Bytes: the longest script that is read. Layer 1 has room for less.
const MAX_SCRIPT_BYTES: u64 = 4 << 20;

/// Tells it, or asks. What it returns is to be printed.
pub(super) fn contract(
    contract: &str,
    script: Option<&Path>,
    at: &SandboxArgs,
    ui: &Ui,
) -> Result<Output, Failure> {
    let wrong = |problem: AddressError| Failure::option("contract", contract, &problem);
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
    if all.is_empty() {
        shown.push_str("  no entrypoints but default\n");
    }
    ui.answer(&json!({"contract": address.to_string(), "entrypoints": types}), || shown)
}

/// The section `parameter …` of a script, as text.
fn parameter(path: &Path) -> Result<String, Failure> {
    let bad = |error: &ScriptError| {
        Failure::input(format!("{}: {}", shown_path(path), one_line(&error.to_string())))
            .with_hint("a script begins with parameter TYPE ; storage TYPE ; code { … }")
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
