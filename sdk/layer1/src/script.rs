//! A contract's script: its sections, its views, and the hash by which a known contract is recognised.

use encoding::blake2b_256;
use serde_json::Value;

use crate::entrypoints::{Parameter, ScriptError};
use crate::hashes::SCRIPT_EXPR;
use crate::json::{from_micheline, micheline};
use crate::michelson::{Node, ParseError, encode, parse};

/// The sections of a contract, as they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    sections: Vec<Node>,
}

/// A view that a contract has on chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View<'s> {
    /// Its name.
    pub name: &'s str,
    /// The type that it takes.
    pub takes: &'s Node,
    /// The type that it returns.
    pub returns: &'s Node,
}

impl Script {
    /// Reads the text of a file, with or without braces around it. Macros are not expanded.
    ///
    /// # Errors
    /// When it is not Michelson. A line is that of the text, a column of the first line may be off by one.
    pub fn of_text(text: &str) -> Result<Self, ParseError> {
        let text = text.trim_start();
        let node = match text.starts_with('{') {
            true => parse(text)?,
            // The brace at the end has its own line, as a comment may come before it.
            false => parse(&format!("{{{text}\n}}"))?,
        };
        let sections = if let Node::Seq(sections) = node { sections } else { vec![node] };
        Ok(Self { sections })
    }

    /// Reads the `code` of a node's answer; `None` if it is no script.
    #[must_use]
    pub fn of_json(code: &Value) -> Option<Self> {
        match from_micheline(code)? {
            Node::Seq(sections) => Some(Self { sections }),
            _ => None,
        }
    }

    /// As a node tells it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        self.sections.iter().map(micheline).collect()
    }

    /// Its hash, `expr…`, as `octez-client hash script` has it: of the sections in their order, annotations
    /// included.
    #[must_use]
    pub fn hash(&self) -> String {
        let bytes = self.bytes();
        SCRIPT_EXPR.text(&blake2b_256(&[&bytes]).0)
    }

    /// Bytes: how long it is on layer 1.
    #[must_use]
    pub fn length(&self) -> usize {
        self.bytes().len()
    }

    fn bytes(&self) -> Vec<u8> {
        encode(&Node::Seq(self.sections.clone()))
    }

    /// The type of its storage, if it has one.
    #[must_use]
    pub fn storage(&self) -> Option<&Node> {
        let section = self.sections.iter().find(|section| is_called(section, "storage"));
        match section? {
            Node::Prim { args, .. } => args.first(),
            _ => None,
        }
    }

    /// Its parameter.
    ///
    /// # Errors
    /// When it has none, or what it has is not a type.
    pub fn parameter(&self) -> Result<Parameter, ScriptError> {
        let section = self.sections.iter().find(|section| is_called(section, "parameter"));
        Parameter::of_section(section.ok_or(ScriptError::NoParameter)?.clone())
    }

    /// Its views.
    #[must_use]
    pub fn views(&self) -> Vec<View<'_>> {
        fn view(section: &Node) -> Option<View<'_>> {
            match section {
                Node::Prim { prim, args, .. } if prim.name() == "view" => match args.as_slice() {
                    [Node::String(name), takes, returns, _] => Some(View { name, takes, returns }),
                    _ => None,
                },
                _ => None,
            }
        }
        self.sections.iter().filter_map(view).collect()
    }
}

fn is_called(section: &Node, name: &str) -> bool {
    matches!(section, Node::Prim { prim, .. } if prim.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::michelson::text;

    const COUNTER: &str = "parameter (or (nat %add) (unit %reset));\n\
        storage nat; # how many\n\
        code { UNPAIR ; IF_LEFT { ADD } { DROP 2 ; PUSH nat 0 } ; NIL operation ; PAIR };\n\
        view \"get\" unit nat { CDR }; # the end";

    #[test]
    fn a_script_in_text_and_in_json_is_one_script_with_one_hash() {
        let script = Script::of_text(COUNTER).unwrap();
        let braces = Script::of_text(&format!("{{ {COUNTER}\n}}")).unwrap();
        assert_eq!(braces, script);
        let told = Script::of_json(&script.to_json()).unwrap();
        assert_eq!((told.hash(), &told), (script.hash(), &script));
        let names: Vec<&str> = script.views().iter().map(|view| view.name).collect();
        assert_eq!(names, ["get"]);
        let view = script.views()[0];
        assert_eq!((text(view.takes), text(view.returns)), ("unit".into(), "nat".into()));
        assert!(script.parameter().unwrap().entrypoint("add").is_some());
        assert_eq!(script.storage().map(text).as_deref(), Some("nat"));
    }

    #[test]
    fn the_hash_is_of_the_binary_form_without_the_byte_of_packed_data() {
        // The sections, their codes and lengths, written out by hand.
        let bytes = hex::decode("02000000110500036c0501036c050202000000020320").unwrap();
        let script = Script::of_text("parameter unit; storage unit; code { DROP }").unwrap();
        assert_eq!(script.hash(), SCRIPT_EXPR.text(&blake2b_256(&[&bytes]).0));
    }

    #[test]
    fn annotations_and_the_order_of_sections_are_part_of_the_hash() {
        let hash = |text: &str| Script::of_text(text).unwrap().hash();
        let plain = hash("parameter unit; storage unit; code { DROP }");
        for other in [
            "parameter (unit %default); storage unit; code { DROP }",
            "storage unit; parameter unit; code { DROP }",
            "parameter unit; storage unit; code { { DROP } }",
        ] {
            assert_ne!(hash(other), plain, "{other}");
        }
        assert_eq!(hash("parameter\n unit ;storage unit;code {DROP;} # x"), plain);
    }

    #[test]
    fn what_is_no_script_is_refused() {
        for text in ["parameter (", "parameter unit; code { ASSERT_CMPEQ }", "}"] {
            assert!(Script::of_text(text).is_err(), "{text}");
        }
        let empty = Script::of_text("").unwrap();
        assert_eq!(empty.parameter(), Err(ScriptError::NoParameter));
        assert!(Script::of_json(&serde_json::json!({"prim": "unit"})).is_none());
        assert!(Script::of_json(&serde_json::json!(7)).is_none());
    }
}
