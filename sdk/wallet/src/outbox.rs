//! Outbox messages as a node tells them: which calls they make, which are still to be executed, and what
//! proves one to layer 1.

use std::collections::BTreeMap;

use encoding::{Amount, Entrypoint, Kt1Address, Layer1Address, Level, Payout, whole};
use layer1::address::Address;
use layer1::json::{micheline, outbox_message};
use layer1::michelson;
use outbox::Message;
use serde_json::{Value, json};

use crate::error::{RpcError, one_line};
use crate::rpc::Node;
use crate::ticket::Token;

/// Where a message is: layer 1 executes it by this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutboxMessageId {
    /// The level of the outbox.
    pub level: Level,
    /// The id in it.
    pub index: u32,
}

/// A message, in the node's JSON; null if there are no words for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxMessage {
    /// Where it is.
    pub id: OutboxMessageId,
    /// What it is.
    pub message: Value,
}

impl OutboxMessage {
    /// Whether it makes exactly this call.
    #[must_use]
    pub fn pays(&self, payout: &Payout) -> bool {
        let mut message = Message::new();
        if message.push(payout).is_err() {
            return false;
        }
        let ours = outbox_message(&message.encode()).unwrap_or_default();
        calls(&ours).is_some_and(|ours| calls(&self.message) == Some(ours))
    }
}

/// A call as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownCall {
    /// The contract, if it is one.
    pub destination: Option<Kt1Address>,
    /// Its entrypoint, if it is one.
    pub entrypoint: Option<Entrypoint>,
    /// Whom it is to pay, if the call says so.
    pub receiver: Option<Layer1Address>,
    /// The ticket that is handed over and how much, if it is one of those that were given.
    pub pays: Option<(Token, Amount)>,
}

impl OutboxMessage {
    /// Its calls, as far as they hand over known tickets; none if it makes no calls.
    #[must_use]
    pub fn shown(&self, tokens: &[Token]) -> Vec<ShownCall> {
        let shown = |(destination, entrypoint, parameters): (&str, &str, Value)| {
            let (receiver, ticket) = payment(&parameters);
            let amount = ticket["args"][1]["args"][1]["int"].as_str();
            let amount = amount.and_then(|digits| digits.parse().ok()).map(Amount::new);
            let pays = amount.and_then(|amount| {
                let same = |token: &&Token| {
                    let expected = michelson::decode(&token.ticket.to_micheline(amount));
                    expected.is_ok_and(|expected| normal(&micheline(&expected)) == *ticket)
                };
                tokens.iter().find(same).map(|token| (token.clone(), amount))
            });
            let name = if entrypoint == "default" { "" } else { entrypoint };
            ShownCall {
                destination: Kt1Address::from_base58(destination).ok(),
                entrypoint: Entrypoint::new(name.as_bytes()),
                receiver,
                pays,
            }
        };
        calls(&self.message).unwrap_or_default().into_iter().map(shown).collect()
    }
}

/// Whom a contract pays, as people write it.
#[must_use]
pub fn receiver_text(receiver: Layer1Address) -> String {
    let bytes = receiver.to_bytes_22();
    let address = Address::from_contract_bytes(&bytes);
    // A curve that layer 1 does not have today has no text.
    address.map_or_else(|| hex::encode(bytes), |address| address.to_string())
}

/// The inverse of [`receiver_text`]: tz1 to tz5, or KT1; `None` for any other text.
#[must_use]
pub fn receiver_of(text: &str) -> Option<Layer1Address> {
    let address: Address = text.parse().ok()?;
    whole(&address.to_contract_bytes()?, Layer1Address::read_known).ok()
}

/// The receiver of `Pair receiver ticket`, if the parameters are that, and the ticket.
fn payment(parameters: &Value) -> (Option<Layer1Address>, &Value) {
    let [first, ticket] = parameters["args"].as_array().map_or(&[][..], Vec::as_slice) else {
        return (None, parameters);
    };
    // In a bare ticket the content stands where a ticketer does behind a receiver.
    if ticket["args"][0].get("bytes").is_none() {
        return (None, parameters);
    }
    let bytes = first["bytes"].as_str().and_then(|text| hex::decode(text).ok());
    let receiver = bytes.and_then(|bytes| whole(&bytes, Layer1Address::read).ok());
    (receiver, ticket)
}

/// The calls of a message.
fn calls(message: &Value) -> Option<Vec<(&str, &str, Value)>> {
    message["transactions"].as_array()?.iter().map(call).collect()
}

/// What a call is, in one form: whom, where, and with what.
fn call(call: &Value) -> Option<(&str, &str, Value)> {
    let entrypoint = match call["entrypoint"].as_str() {
        None | Some("") => "default",
        Some(name) => name,
    };
    // `Unit` goes without saying.
    let parameters = call.get("parameters").map_or_else(|| json!({"prim": "Unit"}), normal);
    Some((call["destination"].as_str()?, entrypoint, parameters))
}

/// Micheline in one of the forms that JSON has for it: pairs have two parts, and nothing that is empty is
/// written.
fn normal(node: &Value) -> Value {
    match node {
        Value::Array(nodes) => nodes.iter().map(normal).collect(),
        Value::Object(fields) => {
            let mut fields = fields.clone();
            let is_pair = fields.get("prim").and_then(Value::as_str) == Some("Pair");
            if let Some(Value::Array(args)) = fields.remove("args") {
                let mut args: Vec<Value> = args.iter().map(normal).collect();
                while is_pair && args.len() > 2 {
                    let rest = args.split_off(args.len() - 2);
                    args.push(json!({"prim": "Pair", "args": rest}));
                }
                if !args.is_empty() {
                    fields.insert("args".to_owned(), Value::Array(args));
                }
            }
            fields.retain(|name, value| name != "annots" || value.as_array() != Some(&Vec::new()));
            Value::Object(fields)
        }
        other => other.clone(),
    }
}

/// A whole number, which Octez writes as a number in some answers and as a text in others.
fn number<T: TryFrom<i64>>(value: Option<&Value>) -> Option<T> {
    let value = value?;
    let number = value.as_i64().or_else(|| value.as_str()?.parse().ok())?;
    T::try_from(number).ok()
}

/// The messages of an outbox, as known at a block.
///
/// # Errors
/// When the node does not tell, or a message has no id.
pub fn messages(node: &Node, block: &str, level: Level) -> Result<Vec<OutboxMessage>, RpcError> {
    let all = node.outbox(block, level)?;
    let told = |entry: Value| {
        let index = number(entry.get("message_index")).ok_or_else(|| RpcError::Shape {
            path: format!("the outbox of level {level}"),
            problem: "a message without \"message_index\"".to_owned(),
        })?;
        Ok(OutboxMessage {
            id: OutboxMessageId { level, index },
            message: entry["message"].clone(),
        })
    };
    all.into_iter().map(told).collect()
}

/// What a node says of whether a message has been executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// Nothing.
    Unknown,
    /// It has not been, and may still be.
    Open,
    /// It has not been, and can no longer be.
    Lost,
    /// It is none of those that are left; the level of its execution, if that is known.
    Gone(Option<Level>),
}

/// The messages that a node lists as not executed, each with whether it is lost; `None` if it does not
/// list any that can be understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing(Option<BTreeMap<OutboxMessageId, bool>>);

impl Listing {
    /// Asks a node for all, or for those that can be executed and those that cannot yet.
    ///
    /// # Errors
    /// When there is no answer. That the node does not serve it is none.
    pub fn read(node: &Node) -> Result<Self, RpcError> {
        let ask = |path: &str| match node.get::<Value>(path) {
            Ok(answer) => Ok(Some(answer)),
            Err(RpcError::Refused { .. }) => Ok(None),
            Err(error) => Err(error),
        };
        if let Some(answer) = ask("/local/outbox/pending")? {
            return Ok(Self::of(&[answer]));
        }
        let Some(executable) = ask("/local/outbox/pending/executable")? else {
            return Ok(Listing(None));
        };
        let other = ask("/local/outbox/pending/unexecutable")?;
        Ok(Self::of(&[Some(executable), other].into_iter().flatten().collect::<Vec<_>>()))
    }

    /// Reads the answers: lists of objects with an outbox level and messages that have an index. One
    /// that is not empty and has no such object is not understood, and nothing is concluded from it.
    #[must_use]
    pub fn of(answers: &[Value]) -> Self {
        let mut ids = BTreeMap::new();
        for answer in answers {
            let Some(entries) = answer.as_array() else { return Listing(None) };
            for entry in entries {
                let before = ids.len();
                collect(entry, None, false, &mut ids);
                let none = entry["messages"].as_array().is_some_and(Vec::is_empty);
                if ids.len() == before && !none {
                    return Listing(None);
                }
            }
        }
        Listing(Some(ids))
    }

    /// What it says of a message.
    #[must_use]
    pub fn says(&self, id: OutboxMessageId) -> Listed {
        match self.0.as_ref().map(|ids| ids.get(&id)) {
            None => Listed::Unknown,
            Some(None) => Listed::Gone(None),
            Some(Some(true)) => Listed::Lost,
            Some(Some(false)) => Listed::Open,
        }
    }

    /// The levels of everything in it.
    #[must_use]
    pub fn levels(&self) -> Vec<Level> {
        let mut levels: Vec<Level> = self.0.iter().flatten().map(|(id, _)| id.level).collect();
        levels.dedup();
        levels
    }
}

fn collect(
    value: &Value,
    level: Option<i32>,
    lost: bool,
    ids: &mut BTreeMap<OutboxMessageId, bool>,
) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| collect(one, level, lost, ids)),
        Value::Object(fields) => {
            let level = number(fields.get("outbox_level")).or(level);
            let status = fields.get("status").and_then(Value::as_str);
            let lost = status.map_or(lost, |status| status == "lost");
            if let (Some(level), Some(index)) = (level, number(fields.get("message_index"))) {
                ids.insert(OutboxMessageId { level: Level(level), index }, lost);
            }
            // A message itself is anything that somebody wrote.
            let below = fields.iter().filter(|(name, _)| *name != "message");
            below.for_each(|(_, value)| collect(value, level, lost, ids));
        }
        _ => {}
    }
}

/// What layer 1 wants to see before it executes a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The cemented commitment that it is under, `src1…`.
    pub commitment: String,
    /// The proof, in hex without `0x`.
    pub proof: String,
}

/// Asks a node for the proof of a message.
///
/// # Errors
/// When the node does not tell, or something else.
pub fn proof(node: &Node, id: OutboxMessageId) -> Result<Proof, RpcError> {
    let OutboxMessageId { level, index } = id;
    let path = format!("/global/block/head/helpers/proofs/outbox/{level}/messages?index={index}");
    let answer: Value = node.get(&path)?;
    let shape = |problem: &str| RpcError::Shape { path: path.clone(), problem: problem.to_owned() };
    let commitment = answer["commitment"].as_str().unwrap_or_default();
    // Both go into a command line.
    let is_hash =
        commitment.starts_with("src1") && commitment.chars().all(|c| c.is_ascii_alphanumeric());
    if !is_hash {
        let shown = one_line(commitment);
        return Err(shape(&format!("{shown:?} is no commitment (expected src1…)")));
    }
    let text = answer["proof"].as_str().unwrap_or_default();
    let proof = text.strip_prefix("0x").unwrap_or(text);
    match hex::decode(proof) {
        Ok(bytes) if !bytes.is_empty() => {
            Ok(Proof { commitment: commitment.to_owned(), proof: proof.to_owned() })
        }
        _ => Err(shape("the proof is not hexadecimal")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding::{Ticket, TicketContent, TicketIndex};

    fn payout(amount: u64, entrypoint: &str) -> Payout {
        Payout {
            destination: Kt1Address([4; 20]),
            entrypoint: Entrypoint::new(entrypoint.as_bytes()).unwrap(),
            ticket: Ticket {
                ticketer: Kt1Address([9; 20]),
                content: TicketContent::NatBytes(3.into(), Some(vec![1, 2])),
            },
            amount: Amount::new(amount),
            receiver: None,
        }
    }

    fn told(payouts: &[Payout]) -> OutboxMessage {
        let mut message = Message::new();
        payouts.iter().for_each(|payout| message.push(payout).unwrap());
        let message = outbox_message(&message.encode()).unwrap();
        OutboxMessage { id: OutboxMessageId { level: Level(1), index: 0 }, message }
    }

    #[test]
    fn a_message_pays_what_it_calls_and_nothing_else() {
        let mut one = told(&[payout(5, "burn")]);
        assert!(one.pays(&payout(5, "burn")));
        for other in [payout(6, "burn"), payout(5, "mint"), payout(5, "")] {
            assert!(!one.pays(&other));
        }
        assert!(!told(&[payout(5, "burn"), payout(5, "burn")]).pays(&payout(5, "burn")));
        assert!(!told(&[]).pays(&payout(5, "burn")));
        // The same Micheline, as others write it.
        one.message["transactions"][0]["parameters"] = json!({"prim": "Pair", "annots": [], "args": [
            {"bytes": hex::encode(Kt1Address([9; 20]).to_contract_22())},
            {"prim": "Pair", "args": [{"int": "3"}, {"prim": "Some", "args": [{"bytes": "0102"}]}]},
            {"int": "5"},
        ]});
        assert!(one.pays(&payout(5, "burn")));
        assert!(told(&[payout(5, "")]).pays(&payout(5, "default")));
        for message in
            [Value::Null, json!({"kind": "whitelist_update"}), json!({"transactions": [7]})]
        {
            one.message = message;
            assert!(!one.pays(&payout(5, "burn")));
        }
    }

    #[test]
    fn a_call_is_shown_with_the_ticket_it_hands_over() {
        let message = told(&[payout(5, "burn"), payout(7, "")]);
        let token = Token::new(TicketIndex(0), payout(1, "").ticket);
        let shown = message.shown(std::slice::from_ref(&token));
        assert_eq!(shown[0].destination, Some(Kt1Address([4; 20])));
        assert_eq!(shown[0].pays, Some((token.clone(), Amount::new(5))));
        assert_eq!(shown[1].entrypoint, Entrypoint::new(b""));
        assert_eq!(shown[1].pays, Some((token, Amount::new(7))));
        assert_eq!(message.shown(&[])[0].pays, None);
        let odd = json!({"transactions": [{"destination": "\u{1b}[2J", "entrypoint": "a b",
                                           "parameters": {"int": "1"}}]});
        let odd = OutboxMessage { message: odd, ..message };
        assert_eq!(
            odd.shown(&[]),
            [ShownCall { destination: None, entrypoint: None, receiver: None, pays: None }]
        );
    }

    #[test]
    fn what_is_left_is_read_in_every_shape_or_not_at_all() {
        let at = |level, index| OutboxMessageId { level: Level(level), index };
        let all = json!([
            {"outbox_level": 3, "messages": [{"message_index": 0, "message": {"outbox_level": 9}},
                                            {"message_index": "2"}], "status": "executable"},
            {"outbox_level": "4", "messages": [{"message_index": 1}], "status": "lost"},
            {"outbox_level": 5, "messages": []},
        ]);
        let listing = Listing::of(&[all]);
        assert_eq!(listing.says(at(3, 0)), Listed::Open);
        assert_eq!(listing.says(at(3, 2)), Listed::Open);
        assert_eq!(listing.says(at(4, 1)), Listed::Lost);
        for gone in [at(3, 1), at(9, 0), at(5, 0)] {
            assert_eq!(listing.says(gone), Listed::Gone(None));
        }
        assert_eq!(listing.levels(), [Level(3), Level(4)]);
        assert_eq!(Listing::of(&[json!([])]).says(at(1, 1)), Listed::Gone(None));
        for odd in
            [json!({}), json!([7]), json!([{"level": 3, "messages": [{"message_index": 0}]}])]
        {
            assert_eq!(Listing::of(&[odd]).says(at(3, 0)), Listed::Unknown);
        }
    }
}
