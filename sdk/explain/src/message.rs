//! Inbox messages in words, as our kernel understands them.

use encoding::RollupAddress;
use inbox::deposit::{self, Payload};
use inbox::v1::{Batch, Content, Operation};
use inbox::{Envelope, MessageKind, envelope};
use layer1::address::Address;
use layer1::plain::one_line;

use crate::batch_v2;
use crate::raw;
use crate::text::{grouped, shortened, ticket as name};

/// A message in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub text: String,
    /// If the kernel does nothing with it: why.
    pub skipped: Option<&'static str>,
    /// What is in it, each with how its outcome is found.
    pub operations: Vec<(Key, String)>,
}

/// How the outcome of what is in a batch is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// By an operation's hash in hex.
    Hash(String),
    /// By transaction and operation.
    Position(u32, u32),
    /// It has none.
    Nothing,
}

/// Reads a raw message as the kernel of the rollup at `rollup` does.
#[must_use]
pub fn message(raw: &[u8], rollup: &Address, accepts_v1: bool) -> Message {
    let generic = || raw::message(raw, rollup);
    // Whether v1 is accepted only decides what an unframed message is.
    match envelope(raw, &RollupAddress(rollup.hash), accepts_v1) {
        Envelope::Transfer(transfer) => Message {
            text: deposit_text(transfer.payload, &transfer.sender.to_string())
                .unwrap_or_else(generic),
            skipped: None,
            operations: Vec::new(),
        },
        Envelope::External { kind: MessageKind::V1, body } => match Batch::decode(body) {
            Ok(batch) => Message {
                text: format!(
                    "v1 batch: transactions {}, operations {}",
                    batch.transactions.len(),
                    batch.parts()
                ),
                skipped: None,
                operations: operations(&batch),
            },
            Err(error) => Message {
                text: format!("v1 batch, {}", one_line(&error.to_string())),
                skipped: None,
                operations: Vec::new(),
            },
        },
        Envelope::External { kind: MessageKind::V2, body } => {
            match inbox::v2::Batch::decode_padded(body).map(|(batch, _)| batch) {
                Ok(batch) => Message {
                    text: batch_v2::title(&batch),
                    skipped: None,
                    operations: of_v2(&batch),
                },
                Err(error) => Message {
                    text: format!("v2 batch, {}", one_line(&error.to_string())),
                    skipped: None,
                    operations: Vec::new(),
                },
            }
        }
        Envelope::External { .. } => {
            Message { text: generic(), skipped: None, operations: Vec::new() }
        }
        Envelope::NotOurs => {
            let skipped = match envelope(raw, &RollupAddress(rollup.hash), true) {
                Envelope::External { .. } => {
                    "an unframed v1 batch, if anything: this rollup does not accept v1"
                }
                _ => "not for this rollup",
            };
            Message { text: generic(), skipped: Some(skipped), operations: Vec::new() }
        }
        Envelope::StartOfLevel
        | Envelope::EndOfLevel
        | Envelope::InfoPerLevel
        | Envelope::ProtocolMigration
        | Envelope::DalAttestedSlots => {
            let skipped = Some("no effect on this kernel");
            Message { text: generic(), skipped, operations: Vec::new() }
        }
    }
}

fn deposit_text(payload: &[u8], sender: &str) -> Option<String> {
    match deposit::decode(payload).ok()? {
        Payload::Deposit(deposit) => {
            let receiver = shortened(&one_line(&String::from_utf8_lossy(deposit.receiver)));
            let amount = grouped(&deposit.amount.to_string());
            Some(format!("deposit by {sender} for {receiver}: {amount} {}", name(&deposit.ticket)))
        }
        Payload::Bytes(_) => None,
    }
}

fn of_v2(batch: &inbox::v2::Batch) -> Vec<(Key, String)> {
    let registered = batch_v2::registrations(batch).into_iter().map(|text| (Key::Nothing, text));
    let operations = batch_v2::operations(batch).into_iter();
    let operations = operations
        .map(|(transaction, operation, text)| (Key::Position(transaction, operation), text));
    registered.chain(operations).collect()
}

fn operations(batch: &Batch) -> Vec<(Key, String)> {
    let all = batch.transactions.iter().enumerate().flat_map(|(i, transaction)| {
        transaction.operations.iter().map(move |operation| (i, operation))
    });
    all.map(|(i, operation)| {
        (Key::Hash(operation.hash().to_string()), operation_text(i, operation))
    })
    .collect()
}

fn operation_text(transaction: usize, operation: &Operation) -> String {
    let contents: Vec<String> = operation.contents.iter().map(content_text).collect();
    let contents = if contents.is_empty() { "nothing".to_owned() } else { contents.join(", and ") };
    format!(
        "{transaction}. {} (counter {}) {contents}",
        operation.signer.address(),
        operation.counter.get()
    )
}

fn content_text(content: &Content) -> String {
    match content {
        Content::Transfer { to, ticket, amount } => {
            format!("sends {} {} to {to}", grouped(&amount.to_string()), name(ticket))
        }
        Content::Withdraw { to, ticket, amount, entrypoint } => {
            let amount = grouped(&amount.to_string());
            format!("withdraws {amount} {} to {to} {entrypoint}", name(ticket))
        }
    }
}
