//! The setup file: what is written to durable storage before the first level.
//!
//! The format is the SDK installer's. Without an installer, of its instructions only `set` means
//! something.

mod error;

use pvm::PreimageHash;
use scenario::check_depth;
use serde::Deserialize;

use error::PATH_BYTES_MAX;
pub use error::{PathError, SetupError};
use layer1::hex_text;
use layer1::plain::one_line;

/// A value and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// The path in durable storage.
    pub path: String,
    /// The whole value.
    pub value: Vec<u8>,
}

/// One instruction of a setup file, as the SDK's installer has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// Writes a value.
    Set(Set),
    /// Moves all that is at a path and below it to another, in place of what is there.
    Move {
        /// From where.
        from: String,
        /// Where to.
        to: String,
    },
    /// Reveals what has this hash, with all its pages, and writes it as one value.
    Reveal {
        /// The hash of the first page.
        hash: PreimageHash,
        /// The path of the value.
        to: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    instructions: Vec<RawInstruction>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawInstruction {
    set: Option<RawSet>,
    #[serde(rename = "move")]
    relocate: Option<RawMove>,
    reveal: Option<String>,
    to: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSet {
    value: String,
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMove {
    from: String,
    to: String,
}

/// Reads a setup file of values, YAML or (a subset of it) JSON.
///
/// # Errors
/// When it is invalid, or has an instruction that only an installer can follow.
pub fn parse(text: &str) -> Result<Vec<Set>, SetupError> {
    let only_set = |(i, instruction)| match instruction {
        Instruction::Set(set) => Ok(set),
        Instruction::Move { .. } => Err(SetupError::InstallerOnly(i, "move")),
        Instruction::Reveal { .. } => Err(SetupError::InstallerOnly(i, "reveal")),
    };
    instructions(text)?.into_iter().enumerate().map(only_set).collect()
}

/// Reads a setup file of an installer, which may move and reveal too.
///
/// # Errors
/// When it is invalid.
pub fn instructions(text: &str) -> Result<Vec<Instruction>, SetupError> {
    check_depth(text).map_err(|error| SetupError::Syntax(error.to_string()))?;
    let file: File = serde_norway::from_str(text)
        .map_err(|error| SetupError::Syntax(one_line(&error.to_string())))?;
    file.instructions.into_iter().enumerate().map(|(i, raw)| instruction(i, raw)).collect()
}

fn instruction(i: usize, raw: RawInstruction) -> Result<Instruction, SetupError> {
    let path = |field, path: String| match check_path(&path) {
        Ok(()) => Ok(path),
        Err(problem) => Err(SetupError::Path { instruction: i, field, path, problem }),
    };
    match raw {
        RawInstruction {
            set: Some(RawSet { value, to }),
            relocate: None,
            reveal: None,
            to: None,
        } => {
            let value = hex_text::decode(&value).map_err(|error| SetupError::Value(i, error))?;
            Ok(Instruction::Set(Set { path: path("to", to)?, value }))
        }
        RawInstruction { set: None, relocate: Some(moved), reveal: None, to: None } => {
            let RawMove { from, to } = moved;
            Ok(Instruction::Move { from: path("from", from)?, to: path("to", to)? })
        }
        RawInstruction { set: None, relocate: None, reveal: Some(hash), to: Some(to) } => {
            let hash = hex_text::decode(&hash).map_err(|error| SetupError::Hash(i, error))?;
            let hash = PreimageHash::try_from(hash);
            let hash = hash.map_err(|hash| SetupError::HashLength(i, hash.len()))?;
            Ok(Instruction::Reveal { hash, to: path("to", to)? })
        }
        RawInstruction { set: None, relocate: None, reveal: None, to: None } => {
            Err(SetupError::Empty(i))
        }
        RawInstruction { set, relocate, reveal, .. } => {
            let given = [set.is_some(), relocate.is_some(), reveal.is_some()];
            Err(match given.into_iter().filter(|given| *given).count() {
                0 | 1 => SetupError::To(i),
                _ => SetupError::Several(i),
            })
        }
    }
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
    fn the_installers_instructions_as_the_sdk_has_them() {
        let hash = "a1b2c3".repeat(11);
        let yaml = format!(
            "instructions:\n- move:\n    from: /hello/path\n    to: /to/path\n- reveal: {hash}\n  \
             to: /path\n- set:\n    value: 556e20666573746976616c\n    to: /path/machin\n"
        );
        let hash: PreimageHash = hex::decode(&hash).unwrap().try_into().unwrap();
        let expected = vec![
            Instruction::Move { from: "/hello/path".to_owned(), to: "/to/path".to_owned() },
            Instruction::Reveal { hash, to: "/path".to_owned() },
            Instruction::Set(Set {
                path: "/path/machin".to_owned(),
                value: b"Un festival".to_vec(),
            }),
        ];
        assert_eq!(instructions(&yaml), Ok(expected));
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
                format!("instructions: [{{reveal: '{}', to: /b}}]", "00".repeat(33)),
                "instruction 0: \"reveal\" exists only in an installer kernel (expected \"set\")",
            ),
            (
                "instructions: [{}]".to_owned(),
                "instruction 0: expected \"set\", \"move\" or \"reveal\"",
            ),
            (
                "instructions: [{reveal: '00', to: /b}]".to_owned(),
                "instruction 0: \"reveal\": 1 bytes (expected the 33 of a preimage's hash)",
            ),
            (
                "instructions: [{reveal: xx, to: /b}]".to_owned(),
                "instruction 0: \"reveal\": expected hex digits, found 'x' at character 1",
            ),
            (
                format!("instructions: [{{reveal: '{}'}}]", "00".repeat(33)),
                "instruction 0: \"to\" goes beside \"reveal\", and has to be there",
            ),
            (
                "instructions: [{move: {from: /a, to: /b}, to: /c}]".to_owned(),
                "instruction 0: \"to\" goes beside \"reveal\", and has to be there",
            ),
            (
                "instructions: [{move: {from: /a, to: /b}, set: {value: '', to: /b}}]".to_owned(),
                "instruction 0: expected one of \"set\", \"move\" and \"reveal\", found more",
            ),
            (
                "instructions: [{move: {from: /readonly/a, to: /b}}]".to_owned(),
                "instruction 0: \"from\": \"/readonly/a\" is read-only",
            ),
            (
                "instructions: [{set: {value: '00'}}]".to_owned(),
                "not a setup file: instructions[0].set: missing field `to` at line 1 column ",
            ),
            (
                "instructions: [{sett: {}}]".to_owned(),
                "not a setup file: instructions[0]: unknown field `sett`, expected one of `set`, `move`, `reveal`, `to` at line 1 column ",
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

    #[test]
    fn deep_texts_are_refused_in_no_time() {
        for one in
            ["[", "{", "- ", "? ", "{a: ", "[{a: ", "!t [", "&a [", "[ # [\n", "\n- [\"]\", "]
        {
            let started = std::time::Instant::now();
            let text = format!("instructions: {}", one.repeat(500_000));
            assert!(parse(&text).is_err(), "{one}");
            let took = started.elapsed();
            assert!(took < std::time::Duration::from_secs(5), "{one}: {took:?}");
        }
    }
}
