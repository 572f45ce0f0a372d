//! The format in which pinned tickets are kept and shared.

use encoding::{Kt1Address, RollupAddress, Ticket, TicketContent, whole};
use layer1::address::{Address, Role};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{PinFileProblem, PinProblem};
use super::list::Pins;
use super::pin::{Pin, PinKind};
use crate::error::one_line;

/// The version of the format.
const VERSION: u64 = 1;

/// A file of pinned tickets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PinFile {
    /// The rollup on which they are pinned. A file that comes with a rollup's configuration names none: the
    /// rollup has no address before it is originated.
    pub rollup: Option<RollupAddress>,
    /// The tickets.
    pub pins: Pins,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileJson {
    #[serde(rename = "version")]
    _version: u64,
    rollup: Option<String>,
    tickets: Vec<Value>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct PinJson {
    name: String,
    ticketer: String,
    content: String,
    content_type: String,
    decimals: u64,
    kind: String,
    helper: Option<String>,
}

impl PinFile {
    /// Reads a file: everything in it, or nothing.
    ///
    /// # Errors
    /// When it is malformed, is of another version, or pins a name or a ticket twice.
    pub fn read(bytes: &[u8]) -> Result<Self, PinFileProblem> {
        #[derive(Deserialize)]
        struct Head {
            version: u64,
        }
        let not_json =
            |error: serde_json::Error| PinFileProblem::Json(one_line(&error.to_string()));
        // A later version may have other fields.
        let Head { version } = serde_json::from_slice(bytes).map_err(not_json)?;
        if version != VERSION {
            return Err(PinFileProblem::Version { found: version, expected: VERSION });
        }
        let FileJson { _version, rollup, tickets } =
            serde_json::from_slice(bytes).map_err(not_json)?;
        let rollup = rollup.map(|text| match Address::parse_as(Role::Rollup, &text) {
            Ok(address) => Ok(RollupAddress(address.hash)),
            Err(problem) => Err(PinFileProblem::Rollup { text: one_line(&text), problem }),
        });
        Ok(PinFile { rollup: rollup.transpose()?, pins: Self::entries(tickets)? })
    }

    /// Reads the entries of a file, or those that a sandbox tells.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn entries(entries: Vec<Value>) -> Result<Pins, PinFileProblem> {
        let mut pins = Pins::default();
        for (number, entry) in (1..).zip(entries) {
            let name = entry["name"].as_str().map(one_line);
            let added = read(entry).and_then(|pin| pins.add(pin));
            added.map_err(|problem| PinFileProblem::Entry { number, name, problem })?;
        }
        Ok(pins)
    }

    /// Whether it may be used on a rollup.
    ///
    /// # Errors
    /// When it is for another rollup.
    pub fn check(&self, expected: &RollupAddress) -> Result<(), PinFileProblem> {
        match self.rollup {
            Some(found) if found != *expected => {
                Err(PinFileProblem::OtherRollup { found, expected: *expected })
            }
            _ => Ok(()),
        }
    }

    /// The file as text.
    #[must_use]
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Written {
            version: u64,
            rollup: Option<String>,
            tickets: Vec<PinJson>,
        }
        let tickets = self.pins.entries().iter().map(pin_json).collect();
        let rollup = self.rollup.map(|rollup| rollup.to_string());
        let file = Written { version: VERSION, rollup, tickets };
        // There is nothing in it that JSON could not say.
        let text = serde_json::to_string_pretty(&file).unwrap_or_default();
        format!("{text}\n")
    }
}

fn read(entry: Value) -> Result<Pin, PinProblem> {
    let json: PinJson = serde_json::from_value(entry)
        .map_err(|error| PinProblem::Json(one_line(&error.to_string())))?;
    let decimals = u8::try_from(json.decimals).map_err(|_| PinProblem::Decimals(json.decimals))?;
    let kind =
        PinKind::of_word(&json.kind).ok_or_else(|| PinProblem::Kind(one_line(&json.kind)))?;
    let ticketer = contract("ticketer", &json.ticketer)?;
    let helper = json.helper.map(|helper| contract("helper", &helper)).transpose()?;
    let expected = match json.content_type.as_str() {
        TEXT => TEXT,
        NAT_BYTES => NAT_BYTES,
        other => return Err(PinProblem::ContentType(one_line(other))),
    };
    let content = hex::decode(&json.content).ok().and_then(|bytes| {
        let content = whole(&bytes, TicketContent::read).ok()?;
        // One ticket has one content: the same in other bytes would be found nowhere.
        (content_type(&content) == expected && content.to_micheline() == bytes).then_some(content)
    });
    let content = content.ok_or(PinProblem::Content(expected))?;
    Ok(Pin { name: json.name, ticket: Ticket { ticketer, content }, decimals, kind, helper })
}

fn contract(field: &'static str, text: &str) -> Result<Kt1Address, PinProblem> {
    match Address::parse_as(Role::Contract, text) {
        Ok(address) => Ok(Kt1Address(address.hash)),
        Err(problem) => Err(PinProblem::Address { field, text: one_line(text), problem }),
    }
}

/// The type of a text, in Michelson.
const TEXT: &str = "string";
/// The type of the contents that token ticketers have.
const NAT_BYTES: &str = "pair nat (option bytes)";

/// The type of a content, in Michelson.
fn content_type(content: &TicketContent) -> &'static str {
    match content {
        TicketContent::String(_) => TEXT,
        TicketContent::NatBytes(..) => NAT_BYTES,
    }
}

fn pin_json(pin: &Pin) -> PinJson {
    PinJson {
        name: pin.name.clone(),
        ticketer: pin.ticket.ticketer.to_string(),
        content: hex::encode(pin.ticket.content.to_micheline()),
        content_type: content_type(&pin.ticket.content).to_owned(),
        decimals: pin.decimals.into(),
        kind: pin.kind.word().to_owned(),
        helper: pin.helper.map(|helper| helper.to_string()),
    }
}
