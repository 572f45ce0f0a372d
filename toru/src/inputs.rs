//! The inputs file: levels of messages, in the JSON of `octez-smart-rollup-wasm-debugger`.
//!
//! Also read: a bare hex string as a whole raw message, as the SDK's `inbox.json` has it. Unlike
//! the debugger, which takes bad hex for an empty message, anything that is not understood is an
//! error that says where it is.

mod message;

use crate::text_file::without_mark;
use crate::tree::Tree;
use layer1::address::{Address, Kind};

pub use message::MessageError;

/// The rollup's address where none is given; the debugger's own default.
pub const ROLLUP_DEFAULT: Address = Address { kind: Kind::Rollup, hash: [0; 20] };

/// Whole raw messages, level by level.
pub type Levels = Vec<Vec<Vec<u8>>>;

/// What is wrong with an inputs file. Levels and messages count from 0, as the rollup does.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputsError {
    /// Not JSON.
    #[error("not JSON: {0}")]
    Json(String),
    /// Not an array.
    #[error("expected an array of levels, found {found}")]
    NotLevels {
        /// What stands there instead.
        found: &'static str,
    },
    /// A level is not an array.
    #[error("level {level}: expected an array of messages, found {found}")]
    NotMessages {
        /// Which level.
        level: usize,
        /// What stands there instead.
        found: &'static str,
    },
    /// A message is malformed.
    #[error("level {level}, message {message}: {problem}")]
    Message {
        /// Which level.
        level: usize,
        /// Which message of it.
        message: usize,
        /// What is wrong with it.
        problem: MessageError,
    },
}

impl InputsError {
    /// What to do, where the error does not already say it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotLevels { .. } | Self::NotMessages { .. } => {
                Some(r#"two levels, the first with one message: [[{"external": "00"}], []]"#)
            }
            Self::Message { problem, .. } => problem.hint(),
            Self::Json(_) => None,
        }
    }
}

/// Reads an inputs file. Transfers that name no destination go to `rollup`.
pub fn parse(json: &[u8], rollup: &Address) -> Result<Levels, InputsError> {
    let json = without_mark(json).map_err(|error| InputsError::Json(error.to_string()))?;
    let tree: Tree =
        serde_json::from_slice(json).map_err(|error| InputsError::Json(error.to_string()))?;
    let Tree::Array(levels) = tree else {
        return Err(InputsError::NotLevels { found: tree.kind() });
    };
    levels
        .into_iter()
        .enumerate()
        .map(|(level, messages)| {
            let Tree::Array(messages) = messages else {
                return Err(InputsError::NotMessages { level, found: messages.kind() });
            };
            let read = |(message, tree)| {
                message::parse(tree, rollup).map_err(|problem| InputsError::Message {
                    level,
                    message,
                    problem,
                })
            };
            messages.into_iter().enumerate().map(read).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(json: &str) -> Result<Levels, String> {
        parse(json.as_bytes(), &ROLLUP_DEFAULT).map_err(|error| error.to_string())
    }

    #[test]
    fn every_form_of_message() {
        let zero = "00".repeat(20);
        let address = |kind, fill| Address { kind, hash: [fill; 20] };
        let levels = parsed(&format!(
            r#"[[{{"external": "0aFF"}}, {{"serialized": "0001"}}, "0102", {{"external": ""}}],
                [],
                [{{"payload": "Pair \"a\" 1"}},
                 {{"payload": "0", "sender": "{}", "source": "{}", "destination": "{}"}}]]"#,
            address(Kind::Contract, 0xaa),
            address(Kind::Implicit(3), 0xbb),
            address(Kind::Rollup, 0xcc),
        ))
        .unwrap();
        assert_eq!(levels.len(), 3);
        assert_eq!(levels[0], [vec![1, 10, 255], vec![0, 1], vec![1, 2], vec![1]]);
        assert!(levels[1].is_empty());
        assert_eq!(
            hex::encode(&levels[2][0]),
            format!("0000 0707 010000000161 0001 {zero} 00{zero} {zero}").replace(' ', "")
        );
        assert_eq!(
            hex::encode(&levels[2][1]),
            ["00000000", &"aa".repeat(20), "03", &"bb".repeat(20), &"cc".repeat(20)].concat()
        );
    }

    #[test]
    fn a_byte_order_mark_is_dropped_and_utf_16_is_named() {
        assert_eq!(parsed("\u{feff}[[]]"), Ok(vec![vec![]]));
        let utf_16: Vec<u8> = "\u{feff}[]".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let error = parse(&utf_16, &ROLLUP_DEFAULT).unwrap_err().to_string();
        assert_eq!(error, "not JSON: the text is UTF-16 (expected UTF-8: save it as that)");
    }

    #[test]
    fn errors_say_where_what_and_what_was_expected() {
        for (json, expected) in [
            ("", "not JSON: EOF while parsing a value at line 1 column 0"),
            ("[[]] x", "not JSON: trailing characters at line 1 column 6"),
            ("[[\n{\"external\" 1}]]", "not JSON: expected `:` at line 2 column 13"),
            ("{}", "expected an array of levels, found an object"),
            (r#"[{"external": "00"}]"#, "level 0: expected an array of messages, found an object"),
            ("[[], 5]", "level 1: expected an array of messages, found a number"),
            ("[[null]]", "level 0, message 0: expected an object or a hex string, found null"),
            (
                r#"[[], [], [{"payload": "0", "sender": "tz1abc"}]]"#,
                r#"level 2, message 0: "sender": "tz1abc" is not a contract address (expected KT1…, 36 characters)"#,
            ),
            (
                r#"[[{"payload": "0", "sender": "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHU"}]]"#,
                r#"level 0, message 0: "sender": "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHU" has a wrong checksum: a character is mistyped"#,
            ),
            (
                r#"[[{"payload": "0", "source": "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT"}]]"#,
                r#"level 0, message 0: "source": "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT" is not a user address (expected tz1… to tz5…, 36 characters)"#,
            ),
            (
                r#"[[{"payload": "0", "destination": "sr1"}]]"#,
                r#"level 0, message 0: "destination": "sr1" has 3 characters (expected 36)"#,
            ),
            (
                r#"[[{"payload": "Pair 1"}, {"payload": "Pair 1 (Left 2"}]]"#,
                r#"level 0, message 1: "payload": line 1, column 15: expected ")" for the "(" at line 1, column 8, found the end"#,
            ),
            (
                r#"[[{"payload": 5}]]"#,
                r#"level 0, message 0: "payload": expected a string, found a number"#,
            ),
            (
                r#"[[{"external": "0x00"}]]"#,
                r#"level 0, message 0: "external": expected hex without 0x"#,
            ),
            (
                r#"[[{"external": "00zz"}]]"#,
                r#"level 0, message 0: "external": expected hex digits, found 'z' at character 3"#,
            ),
            (r#"[["abc"]]"#, "level 0, message 0: expected an even number of hex digits, found 3"),
            (r#"[[""]]"#, "level 0, message 0: 0 bytes (expected 1 to 4,096)"),
            (
                r#"[[{"extrenal": "00"}]]"#,
                r#"level 0, message 0: unknown field "extrenal" (expected payload, sender, source, destination, external or serialized)"#,
            ),
            (
                r#"[[{"external": "00", "external": "01"}]]"#,
                r#"level 0, message 0: field "external" is there twice"#,
            ),
            (
                r#"[[{"external": "00", "payload": "0"}]]"#,
                r#"level 0, message 0: "external" and "payload" exclude each other"#,
            ),
            (
                r#"[[{"external": "00", "sender": "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT"}]]"#,
                r#"level 0, message 0: "sender" goes with "payload" only"#,
            ),
            (
                "[[{}]]",
                r#"level 0, message 0: expected one of "payload", "external" and "serialized""#,
            ),
        ] {
            assert_eq!(parsed(json).unwrap_err(), expected, "{json}");
        }
    }

    #[test]
    fn the_size_limit_is_the_protocols() {
        let external = |len: usize| format!(r#"[[{{"external": "{}"}}]]"#, "00".repeat(len));
        assert!(parsed(&external(4_095)).is_ok());
        assert_eq!(
            parsed(&external(4_096)).unwrap_err(),
            "level 0, message 0: 4097 bytes with the tag (expected 1 to 4,096)"
        );
        let raw = |len: usize| format!(r#"[["{}"]]"#, "00".repeat(len));
        assert!(parsed(&raw(4_096)).is_ok());
        assert!(parsed(&raw(4_097)).is_err());
    }
}
