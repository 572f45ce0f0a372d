//! The setup file: values written to durable storage before the first level.
//!
//! The format is the SDK installer's. Of its instructions only `set` means something here:
//! `move` and `reveal` belong to an installer kernel.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::hex_text::{self, HexError};
use crate::plain::{one_line, quoted};

/// The longest path of the PVM, in bytes.
const PATH_BYTES_MAX: usize = 240;

/// A value and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// The path in durable storage.
    pub path: String,
    /// The whole value.
    pub value: Vec<u8>,
}

/// What is wrong with a setup file. Instructions count from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// Not YAML or JSON, or not of the right shape.
    #[error("not a setup file: {0}")]
    Syntax(String),
    /// An instruction without content.
    #[error("instruction {0}: expected \"set\"")]
    Empty(usize),
    /// An instruction that means nothing here.
    #[error("instruction {0}: \"{1}\" exists only in an installer kernel (expected \"set\")")]
    InstallerOnly(usize, &'static str),
    /// The value is not hex.
    #[error("instruction {0}: \"value\": {1}")]
    Value(usize, HexError),
    /// The path is none.
    #[error("instruction {instruction}: \"to\": {} {problem}", quoted(path))]
    Path {
        /// Which instruction.
        instruction: usize,
        /// The path.
        path: String,
        /// Why it is none.
        problem: PathError,
    },
}

impl SetupError {
    /// What to do, where the error does not already say it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Syntax(_) | Self::Empty(_) => {
                Some(r#"a setup file: {"instructions": [{"set": {"value": "01", "to": "/path"}}]}"#)
            }
            _ => None,
        }
    }
}

/// Why a text is no path that a setup may write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Too long.
    #[error("has {0} bytes (expected at most {PATH_BYTES_MAX})")]
    Length(usize),
    /// Not of the form `/step/step`.
    #[error("is no path (expected /step/step…, steps of A-Z a-z 0-9 . _ -)")]
    Form,
    /// The PVM keeps it for itself.
    #[error("is read-only (expected a path outside /readonly)")]
    ReadOnly,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    instructions: Vec<Instruction>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Instruction {
    set: Option<RawSet>,
    #[serde(rename = "move")]
    relocate: Option<IgnoredAny>,
    reveal: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSet {
    value: String,
    to: String,
}

/// Reads a setup file, YAML or (a subset of it) JSON.
pub fn parse(text: &str) -> Result<Vec<Set>, SetupError> {
    let file: File = serde_norway::from_str(text)
        .map_err(|error| SetupError::Syntax(one_line(&error.to_string())))?;
    let read = |(i, instruction): (usize, Instruction)| match instruction {
        Instruction { relocate: Some(_), .. } => Err(SetupError::InstallerOnly(i, "move")),
        Instruction { reveal: Some(_), .. } => Err(SetupError::InstallerOnly(i, "reveal")),
        Instruction { set: None, .. } => Err(SetupError::Empty(i)),
        Instruction { set: Some(RawSet { value, to: path }), .. } => {
            let value = hex_text::decode(&value).map_err(|error| SetupError::Value(i, error))?;
            match check_path(&path) {
                Ok(()) => Ok(Set { path, value }),
                Err(problem) => Err(SetupError::Path { instruction: i, path, problem }),
            }
        }
    };
    file.instructions.into_iter().enumerate().map(read).collect()
}

fn check_path(path: &str) -> Result<(), PathError> {
    if path.len() > PATH_BYTES_MAX {
        return Err(PathError::Length(path.len()));
    }
    let step_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let is_step = |step: &str| !step.is_empty() && step.chars().all(step_char);
    match path.strip_prefix('/') {
        Some(steps) if steps.split('/').all(is_step) => {}
        _ => return Err(PathError::Form),
    }
    if path == "/readonly" || path.starts_with("/readonly/") {
        return Err(PathError::ReadOnly);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_and_json() {
        let expected = vec![
            Set { path: "/a/b".to_owned(), value: vec![1] },
            Set { path: "/readonly.x".to_owned(), value: vec![0x1e, 0x10] },
        ];
        let yaml = "instructions:\n  - set:\n      value: 01\n      to: /a/b\n  - set: {value: 1e10, to: /readonly.x}\n";
        assert_eq!(parse(yaml), Ok(expected.clone()));
        let json = r#"{"instructions": [{"set": {"value": "01", "to": "/a/b"}},
	{"set": {"to": "/readonly.x", "value": "1E10"}}]}"#;
        assert_eq!(parse(json), Ok(expected));
        assert_eq!(parse("instructions: []"), Ok(vec![]));
    }

    #[test]
    fn errors_say_where_what_and_what_was_expected() {
        let set = |value: &str, to: &str| {
            format!("instructions: [{{set: {{value: \"{value}\", to: \"{to}\"}}}}]")
        };
        let long = format!("/{}", "a".repeat(240));
        for (text, expected) in [
            (
                set("0g", "/a"),
                "instruction 0: \"value\": expected hex digits, found 'g' at character 2",
            ),
            (set("0x00", "/a"), "instruction 0: \"value\": expected hex without 0x"),
            (
                set("00", "a"),
                "instruction 0: \"to\": \"a\" is no path (expected /step/step…, steps of A-Z a-z 0-9 . _ -)",
            ),
            (set("00", "/a//b"), "instruction 0: \"to\": \"/a//b\" is no path"),
            (set("00", "/a/"), "instruction 0: \"to\": \"/a/\" is no path"),
            (set("00", "/"), "instruction 0: \"to\": \"/\" is no path"),
            (set("00", ""), "instruction 0: \"to\": \"\" is no path"),
            (set("00", "/a b"), "instruction 0: \"to\": \"/a b\" is no path"),
            (set("00", &long), "has 241 bytes (expected at most 240)"),
            (
                set("00", "/readonly"),
                "instruction 0: \"to\": \"/readonly\" is read-only (expected a path outside /readonly)",
            ),
            (set("00", "/readonly/x"), "is read-only"),
            (
                "instructions: [{move: {from: /a, to: /b}}]".to_owned(),
                "instruction 0: \"move\" exists only in an installer kernel (expected \"set\")",
            ),
            (
                "instructions: [{reveal: {hash: '00', to: /b}}]".to_owned(),
                "instruction 0: \"reveal\" exists only in an installer kernel (expected \"set\")",
            ),
            ("instructions: [{}]".to_owned(), "instruction 0: expected \"set\""),
            (
                "instructions: [{set: {value: '00'}}]".to_owned(),
                "not a setup file: instructions[0].set: missing field `to` at line 1 column ",
            ),
            (
                "instructions: [{sett: {}}]".to_owned(),
                "not a setup file: instructions[0]: unknown field `sett`, expected one of `set`, `move`, `reveal` at line 1 column ",
            ),
            ("".to_owned(), "not a setup file: "),
            ("a: [".to_owned(), "not a setup file: "),
            ("instructions: []\ninstructions: []".to_owned(), "duplicate field `instructions`"),
        ] {
            let error = parse(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}\n{error}");
            assert!(!error.contains('\n'));
        }
    }
}
