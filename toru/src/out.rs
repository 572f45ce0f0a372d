//! What the process says: every word of it goes through here, so that nothing others wrote steers a
//! terminal; and with `--json` all of it is JSON, errors too.

use std::ffi::OsString;
use std::io::{self, Write};
use std::sync::OnceLock;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::Output;
use crate::error::Failure;
use crate::exit::Exit;
use crate::plain::{visible, visible_json};

/// Whether this process says JSON.
static JSON: OnceLock<bool> = OnceLock::new();

/// Says JSON from now on, if the command line asks for it. It is looked for before the command line is
/// read, so that what is wrong with that is JSON too.
pub fn choose(args: &[OsString]) {
    let asked = args.iter().take_while(|arg| *arg != "--").any(|arg| arg == "--json");
    // It is chosen once, as the process begins.
    let _ = JSON.set(asked);
}

fn is_json() -> bool {
    JSON.get().copied().unwrap_or(false)
}

/// Prints at once: what comes after it may take long. That nobody reads it (`toru … | head`) is no
/// failure.
///
/// # Errors
/// When it cannot be written.
pub fn say(text: &str) -> Result<(), Failure> {
    let text = if is_json() { visible_json(text) } else { visible(text) };
    written(text.as_bytes())
}

/// Goes up so many rows of the terminal, and takes away what is there and below.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn clear(rows: usize) -> Result<(), Failure> {
    if rows == 0 { Ok(()) } else { written(format!("\x1b[{rows}A\x1b[J").as_bytes()) }
}

fn written(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(()),
    }
}

/// Tells whoever watches, on standard error. That it is closed is no failure: nobody is left to tell.
pub fn tell(text: &str) {
    let _ = io::stderr().write_all(visible(text).as_bytes());
}

/// JSON on a line.
///
/// # Errors
/// When it is nothing that JSON can say.
pub fn json_line(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string(value)
        .map_err(|error| Failure::Internal(format!("cannot write JSON: {error}")))?;
    Ok(format!("{text}\n"))
}

/// Says what a command came to, and returns the exit code.
pub fn end(outcome: Result<Output, Failure>) -> Exit {
    let (text, failure) = match outcome {
        Ok(Output { text, refused }) => (text, refused),
        Err(failure) => (String::new(), Some(failure)),
    };
    let said = match &failure {
        Some(failure) if is_json() => json_line(&with_error(&text, failure)),
        _ => Ok(text),
    };
    let unsaid = said.and_then(|text| say(&text)).err();
    if let Some(failure) = failure.as_ref().filter(|_| !is_json()).or(unsaid.as_ref()) {
        complain(failure);
    }
    unsaid.or(failure).map_or(Exit::Done, |failure| failure.exit())
}

/// The object that a command has printed, with the error in it.
fn with_error(text: &str, failure: &Failure) -> Value {
    let mut object = match serde_json::from_str(text) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    };
    let error = json!({
        "code": failure.code(), "message": failure.to_string(), "hint": failure.hint(),
    });
    object.insert("error".to_owned(), error);
    Value::Object(object)
}

fn complain(failure: &Failure) {
    let hint = failure.hint().map(|hint| format!("hint: {hint}\n"));
    tell(&format!("error: {failure}\n{}", hint.unwrap_or_default()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_goes_into_the_object_that_there_is() {
        let failure = || Failure::Internal("no".to_owned());
        let error = json!({"code": "internal", "message": "internal failure: no", "hint": null});
        for (text, expected) in [
            ("", json!({"error": error})),
            ("{\"plan\": 1}\n", json!({"plan": 1, "error": error})),
            ("words\n", json!({"error": error})),
        ] {
            assert_eq!(with_error(text, &failure()), expected, "{text}");
        }
    }
}
