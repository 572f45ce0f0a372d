//! One entry of an inputs file into the raw message that the rollup's inbox would hold.

use crate::tree::Tree;
use layer1::address::{Address, AddressError, Kind, Role};
use layer1::hex_text::{self, HexError};
use layer1::michelson;
use layer1::plain::quoted;

/// The longest message that layer 1 takes, tag included, in bytes.
const MESSAGE_BYTES_MAX: usize = 4_096;

/// The first byte of an external message.
const TAG_EXTERNAL: u8 = 0x01;
/// The first bytes of a transfer: internal, transfer.
const TAG_TRANSFER: [u8; 2] = [0x00, 0x00];

/// Who sends a transfer that does not say so; the debugger's defaults, both with a zero hash.
const SENDER_DEFAULT: Address = Address { kind: Kind::Contract, hash: [0; 20] };
const SOURCE_DEFAULT: Address = Address { kind: Kind::Implicit(0), hash: [0; 20] };

const FIELDS: [&str; 6] = ["payload", "sender", "source", "destination", "external", "serialized"];

/// What is wrong with an entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// Neither of the two JSON types a message can be.
    #[error("expected an object or a hex string, found {0}")]
    NotAMessage(&'static str),
    /// A mistyped field.
    #[error("unknown field {} (expected payload, sender, source, destination, external or serialized)", quoted(.0))]
    UnknownField(String),
    /// A field twice.
    #[error("field \"{0}\" is there twice")]
    Repeated(&'static str),
    /// Two fields that each are a message.
    #[error("\"{0}\" and \"{1}\" exclude each other")]
    Exclusive(&'static str, &'static str),
    /// A field of transfers elsewhere.
    #[error("\"{0}\" goes with \"payload\" only")]
    PayloadOnly(&'static str),
    /// No content.
    #[error("expected one of \"payload\", \"external\" and \"serialized\"")]
    Empty,
    /// A field is not a string.
    #[error("\"{field}\": expected a string, found {found}")]
    NotAString {
        /// Which.
        field: &'static str,
        /// What it is instead.
        found: &'static str,
    },
    /// A field's hex is bad.
    #[error("\"{field}\": {problem}")]
    FieldHex {
        /// Which.
        field: &'static str,
        /// Why.
        problem: HexError,
    },
    /// The hex of a bare string is bad.
    #[error(transparent)]
    Hex(HexError),
    /// The payload is not Michelson.
    #[error("\"payload\": {0}")]
    Payload(michelson::ParseError),
    /// Not the address that the field takes.
    #[error("\"{field}\": {} {problem}", quoted(text))]
    Address {
        /// Which field.
        field: &'static str,
        /// What is there.
        text: String,
        /// Why.
        problem: AddressError,
    },
    /// Too long or too short.
    #[error("{len} bytes{} (expected 1 to 4,096)", if *.tagged { " with the tag" } else { "" })]
    Size {
        /// The length of the whole message.
        len: usize,
        /// Whether a byte of it is not in the file.
        tagged: bool,
    },
}

impl MessageError {
    /// What to do, where the error does not already say it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Payload(error) if error.problem.contains("quote") => Some(
                r#"inside JSON, the quotes of a Michelson string are escaped: "payload": "Pair \"a\" 1""#,
            ),
            Self::Size { .. } => Some("layer 1 takes no longer message; split it"),
            _ => None,
        }
    }
}

/// The fields of an object, each at most once.
#[derive(Default)]
struct Fields {
    values: [Option<String>; FIELDS.len()],
}

impl Fields {
    fn collect(object: Vec<(String, Tree)>) -> Result<Self, MessageError> {
        let mut fields = Self::default();
        for (name, value) in object {
            let Some(i) = FIELDS.iter().position(|known| *known == name) else {
                return Err(MessageError::UnknownField(name));
            };
            let field = FIELDS[i];
            let Tree::String(value) = value else {
                return Err(MessageError::NotAString { field, found: value.kind() });
            };
            if fields.values[i].replace(value).is_some() {
                return Err(MessageError::Repeated(field));
            }
        }
        Ok(fields)
    }

    fn get(&self, field: &str) -> Option<&str> {
        let i = FIELDS.iter().position(|known| *known == field)?;
        self.values[i].as_deref()
    }
}

/// Reads one entry.
pub(super) fn parse(tree: Tree, rollup: &Address) -> Result<Vec<u8>, MessageError> {
    let (message, tagged) = match tree {
        Tree::String(raw) => (hex_text::decode(&raw).map_err(MessageError::Hex)?, false),
        Tree::Object(object) => {
            let fields = Fields::collect(object)?;
            refuse_mixtures(&fields)?;
            if let Some(payload) = fields.get("payload") {
                (transfer(payload, &fields, rollup)?, false)
            } else if let Some(external) = fields.get("external") {
                let payload = field_hex("external", external)?;
                ([[TAG_EXTERNAL].as_slice(), &payload].concat(), true)
            } else if let Some(serialized) = fields.get("serialized") {
                (field_hex("serialized", serialized)?, false)
            } else {
                return Err(MessageError::Empty);
            }
        }
        other => return Err(MessageError::NotAMessage(other.kind())),
    };
    if message.is_empty() || message.len() > MESSAGE_BYTES_MAX {
        return Err(MessageError::Size { len: message.len(), tagged });
    }
    Ok(message)
}

fn refuse_mixtures(fields: &Fields) -> Result<(), MessageError> {
    let present = |field: &&str| fields.get(field).is_some();
    let mut contents = ["external", "payload", "serialized"].into_iter().filter(present);
    if let (Some(first), Some(second)) = (contents.next(), contents.next()) {
        return Err(MessageError::Exclusive(first, second));
    }
    let stray = ["sender", "source", "destination"].into_iter().find(present);
    match stray {
        Some(field) if !present(&"payload") && (present(&"external") || present(&"serialized")) => {
            Err(MessageError::PayloadOnly(field))
        }
        _ => Ok(()),
    }
}

fn field_hex(field: &'static str, text: &str) -> Result<Vec<u8>, MessageError> {
    hex_text::decode(text).map_err(|problem| MessageError::FieldHex { field, problem })
}

/// A transfer by a contract to a rollup, as the protocol puts it into the inbox.
fn transfer(payload: &str, fields: &Fields, rollup: &Address) -> Result<Vec<u8>, MessageError> {
    let payload = michelson::parse(payload).map_err(MessageError::Payload)?;
    let sender = address(fields, "sender", Role::Contract, SENDER_DEFAULT)?;
    let source = address(fields, "source", Role::User, SOURCE_DEFAULT)?;
    let destination = address(fields, "destination", Role::Rollup, *rollup)?;
    let mut message = TAG_TRANSFER.to_vec();
    message.extend_from_slice(&michelson::encode(&payload));
    message.extend_from_slice(&sender.hash);
    if let Kind::Implicit(tag) = source.kind {
        message.push(tag);
    }
    message.extend_from_slice(&source.hash);
    message.extend_from_slice(&destination.hash);
    Ok(message)
}

/// The address in a field, or the default where there is none.
fn address(
    fields: &Fields,
    field: &'static str,
    role: Role,
    default: Address,
) -> Result<Address, MessageError> {
    let Some(text) = fields.get(field) else { return Ok(default) };
    Address::parse_as(role, text).map_err(|problem| MessageError::Address {
        field,
        text: text.to_owned(),
        problem,
    })
}
