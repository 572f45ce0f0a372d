//! Outbox messages as a node tells them: which calls they make, which are still to be executed, and what
//! proves one to layer 1.

mod calls;
mod executions;
mod listing;
mod proof;
#[cfg(test)]
mod tests;

use encoding::{Amount, Entrypoint, Kt1Address, Layer1Address, Level, Payout, Ticket, read, whole};
use layer1::address::Address;
use layer1::json::{from_micheline, micheline, outbox_message};
use layer1::michelson;
use num_bigint::BigInt;
use outbox::{Message, NO_CONTRACT, RESULTS_ROOT};
use serde_json::Value;

use crate::error::RpcError;
use crate::rpc::Node;
use crate::ticket::Token;
use calls::{calls, normal, payment};

pub use executions::Executions;
pub use listing::{Listed, Listing};
pub use proof::{Proof, proof};

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

    /// Its calls in one text, which is that of [`text_of_calls`] if it makes exactly those; `None` if it makes none.
    #[must_use]
    pub fn text_of_calls(&self) -> Option<String> {
        calls(&self.message).and_then(|calls| serde_json::to_string(&calls).ok())
    }
}

/// The text of these calls in one message; `None` if they fit none.
#[must_use]
pub fn text_of_calls(payouts: &[Payout]) -> Option<String> {
    let mut message = Message::new();
    for payout in payouts {
        message.push(payout).ok()?;
    }
    let message = outbox_message(&message.encode()).unwrap_or_default();
    OutboxMessage { id: OutboxMessageId { level: Level(0), index: 0 }, message }.text_of_calls()
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

impl OutboxMessage {
    /// Whether it is a root of results, which nobody has to execute. The contract that it calls is no contract, so
    /// that no other message is taken for one.
    #[must_use]
    pub fn is_results_root(&self) -> bool {
        let (nobody, name) = (NO_CONTRACT.to_string(), String::from_utf8_lossy(RESULTS_ROOT));
        let all = calls(&self.message).unwrap_or_default();
        matches!(all.as_slice(), [(whom, at, _)] if *whom == nobody && *at == name)
    }

    /// The tickets that its calls hand over, and how much of each: none for a root of results. `None` if there
    /// is a call that is not understood, or no calls.
    #[must_use]
    pub fn tickets(&self) -> Option<Vec<(Ticket, BigInt)>> {
        if self.is_results_root() {
            return Some(Vec::new());
        }
        let ticket = |(_, _, parameters): (&str, &str, Value)| {
            let bytes = michelson::encode(&from_micheline(&parameters)?);
            let (_, ticket, amount) = whole(&bytes, read::payment).ok()?;
            Some((ticket, amount))
        };
        calls(&self.message)?.into_iter().map(ticket).collect()
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
        let index = number(entry.get("message_index")).ok_or_else(|| {
            let path = format!("/global/block/{block}/outbox/{level}/messages");
            node.shape(&path, "a message without \"message_index\"")
        })?;
        Ok(OutboxMessage {
            id: OutboxMessageId { level, index },
            message: entry["message"].clone(),
        })
    };
    all.into_iter().map(told).collect()
}
