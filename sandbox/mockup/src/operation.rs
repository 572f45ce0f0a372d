//! What can be done on layer 1, and how it is written down: a line of JSON each.

use layer1::address::{Address, Kind};
use layer1::entrypoints::Parameter;
use layer1::michelson::{Node, decode, encode};
use num_bigint::BigUint;
use serde::{Deserialize, Serialize};

use crate::ticket::{ContractHash, Ticket};

/// Something that is done on layer 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// What a user signs: all of it or none.
    Manager(Vec<Content>),
    /// A message of the rollup's outbox is executed: all of its calls or none.
    Execute {
        /// Who executes it.
        source: Address,
        /// The level of the outbox.
        outbox_level: i32,
        /// Its index there.
        index: u32,
        /// Its bytes.
        message: Vec<u8>,
    },
    /// A contract of which only the type is known calls the rollup.
    Call {
        /// The contract.
        sender: ContractHash,
        /// Who signed the operation that led to the call.
        source: Address,
        /// With what.
        payload: Node,
    },
    /// It is told what a contract can be called with.
    Tell {
        /// Which contract.
        contract: ContractHash,
        /// With what.
        parameter: Parameter,
    },
    /// Tickets that a rollup has which was played without this layer 1.
    Found(Vec<(Ticket, BigUint)>),
}

/// A step of what a user signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A transfer, or a call.
    Transaction {
        /// Who signs.
        source: Address,
        /// Whom it goes to.
        destination: Address,
        /// Mutez.
        amount: u64,
        /// Empty for `default`.
        entrypoint: String,
        /// With what.
        value: Node,
    },
    /// A new contract.
    Origination {
        /// Who signs.
        source: Address,
        /// Mutez that it begins with.
        balance: u64,
        /// The sections of its script.
        code: Node,
        /// What it has stored.
        storage: Node,
    },
}

impl Content {
    /// Who signs.
    #[must_use]
    pub fn source(&self) -> &Address {
        match self {
            Content::Transaction { source, .. } | Content::Origination { source, .. } => source,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    Manager { contents: Vec<ContentLine> },
    Execute { source: String, outbox_level: i32, index: u32, message: String },
    Call { sender: String, source: String, payload: String },
    Tell { contract: String, parameter: String },
    Found { tickets: Vec<(String, String, String, String)> },
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum ContentLine {
    Transaction {
        source: String,
        destination: String,
        amount: u64,
        entrypoint: String,
        value: String,
    },
    Origination {
        source: String,
        balance: u64,
        code: String,
        storage: String,
    },
}

fn hex_of(node: &Node) -> String {
    hex::encode(encode(node))
}

fn node_of(text: &str) -> Option<Node> {
    decode(&hex::decode(text).ok()?).ok()
}

fn contract_of(text: &str) -> Option<ContractHash> {
    match text.parse().ok()? {
        Address { kind: Kind::Contract, hash } => Some(hash),
        _ => None,
    }
}

/// The address of a contract.
#[must_use]
pub fn contract_address(hash: &ContractHash) -> Address {
    Address { kind: Kind::Contract, hash: *hash }
}

impl Operation {
    /// As a line of JSON, without its end; `None` for what JSON cannot say, which is nothing.
    #[must_use]
    pub fn to_line(&self) -> Option<String> {
        let line = match self {
            Operation::Manager(contents) => {
                Line::Manager { contents: contents.iter().map(content_line).collect() }
            }
            Operation::Execute { source, outbox_level, index, message } => Line::Execute {
                source: source.to_string(),
                outbox_level: *outbox_level,
                index: *index,
                message: hex::encode(message),
            },
            Operation::Call { sender, source, payload } => Line::Call {
                sender: contract_address(sender).to_string(),
                source: source.to_string(),
                payload: hex_of(payload),
            },
            Operation::Tell { contract, parameter } => Line::Tell {
                contract: contract_address(contract).to_string(),
                parameter: hex_of(&parameter.to_section()?),
            },
            Operation::Found(tickets) => Line::Found {
                tickets: tickets
                    .iter()
                    .map(|(ticket, amount)| {
                        let ticketer = contract_address(ticket.ticketer()).to_string();
                        let of = hex_of(ticket.content_type());
                        (ticketer, of, hex_of(ticket.content()), amount.to_string())
                    })
                    .collect(),
            },
        };
        serde_json::to_string(&line).ok()
    }

    /// From such a line; `None` if it is none.
    #[must_use]
    pub fn of_line(line: &str) -> Option<Self> {
        Some(match serde_json::from_str(line).ok()? {
            Line::Manager { contents } => {
                let contents = contents.iter().map(content_of).collect::<Option<Vec<_>>>()?;
                Operation::Manager(contents)
            }
            Line::Execute { source, outbox_level, index, message } => Operation::Execute {
                source: source.parse().ok()?,
                outbox_level,
                index,
                message: hex::decode(message).ok()?,
            },
            Line::Call { sender, source, payload } => Operation::Call {
                sender: contract_of(&sender)?,
                source: source.parse().ok()?,
                payload: node_of(&payload)?,
            },
            Line::Tell { contract, parameter } => Operation::Tell {
                contract: contract_of(&contract)?,
                parameter: Parameter::of_section(node_of(&parameter)?).ok()?,
            },
            Line::Found { tickets } => {
                let found = tickets.iter().map(|(ticketer, of, content, amount)| {
                    let (of, content) = (node_of(of)?, node_of(content)?);
                    let ticket = Ticket::new(contract_of(ticketer)?, &of, content);
                    Some((ticket, amount.parse().ok()?))
                });
                Operation::Found(found.collect::<Option<Vec<_>>>()?)
            }
        })
    }
}

fn content_line(content: &Content) -> ContentLine {
    match content {
        Content::Transaction { source, destination, amount, entrypoint, value } => {
            ContentLine::Transaction {
                source: source.to_string(),
                destination: destination.to_string(),
                amount: *amount,
                entrypoint: entrypoint.clone(),
                value: hex_of(value),
            }
        }
        Content::Origination { source, balance, code, storage } => ContentLine::Origination {
            source: source.to_string(),
            balance: *balance,
            code: hex_of(code),
            storage: hex_of(storage),
        },
    }
}

fn content_of(line: &ContentLine) -> Option<Content> {
    Some(match line {
        ContentLine::Transaction { source, destination, amount, entrypoint, value } => {
            Content::Transaction {
                source: source.parse().ok()?,
                destination: destination.parse().ok()?,
                amount: *amount,
                entrypoint: entrypoint.clone(),
                value: node_of(value)?,
            }
        }
        ContentLine::Origination { source, balance, code, storage } => Content::Origination {
            source: source.parse().ok()?,
            balance: *balance,
            code: node_of(code)?,
            storage: node_of(storage)?,
        },
    })
}
