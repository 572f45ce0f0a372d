//! Messages of a workload in the words of a scenario file.

use super::entry::Entry;
use super::names::{name, source};
use super::v2;
use crate::parsed::{Parsed, Sent};
use crate::script::signatories;
use crate::wire::ENTRYPOINT;
use crate::workload::*;

/// A message; in hexadecimal where no words mean exactly its bytes.
pub fn entry(sent: &Sent, level: i32) -> Entry {
    let said = match &sent.message {
        Message::Deposit { to, ticket, amount, form, by } => {
            deposit(*to, *ticket, *amount, *form, *by)
        }
        Message::Reclaim(number, asking) => reclaim(*number, *asking),
        Message::Bytes => Some(Entry::Keys(vec![
            ("payload", "Right (Right 0x6869)".to_owned()),
            ("sender", "helper".to_owned()),
            ("source", "p0".to_owned()),
        ])),
        Message::Batch { frame, seal, transactions, .. } => {
            batch(&sent.parsed, *frame, *seal, transactions)
        }
        // Words name accounts as a client does it in this level.
        Message::Compact(compact) if sent.level == level => {
            v2::batch(&sent.parsed, compact, sent.bytes.len())
        }
        Message::Compact(_) => None,
        Message::Again(_) | Message::EmptyFrame | Message::Nonsense(_) => None,
    };
    said.unwrap_or_else(|| {
        let hex = sent.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Entry::Keys(vec![("raw", hex)])
    })
}

fn deposit(to: Receiver, ticket: Kind, amount: i128, form: Form, by: Route) -> Option<Entry> {
    let receiver = match to {
        Receiver::Account(number) => name(number),
        other => other.text(),
    };
    let token = ticket == Kind::Token;
    let unwrapped = match form {
        Form::Branch => Some(""),
        Form::Unwrapped if !token => Some(" unwrapped"),
        _ => None,
    };
    let (sender, source) = (by.sender.name(), source(by.source));
    if let Some(unwrapped) = unwrapped.filter(|_| to != Receiver::Nobody) {
        let what = format!("{amount} {} by {sender} from {source}{unwrapped}", ticket.name());
        return Some(Entry::Sentence(format!("{receiver} is sent {what}"), None));
    }
    let receiver = match to {
        Receiver::Account(number) => format!("${}", name(number)),
        other => other.text(),
    };
    let minted_by = ticket.minted_by().name();
    let content = ticket.michelson();
    let body = format!("Pair \"{receiver}\" (Pair 0x${minted_by} (Pair {content} {amount}))");
    let payload = match form {
        Form::NoDeposit => "Unit".to_owned(),
        Form::Unwrapped => body,
        Form::Branch | Form::WrongBranch if token == (form == Form::Branch) => {
            format!("Right (Left ({body}))")
        }
        Form::Branch | Form::WrongBranch => format!("Left ({body})"),
        Form::ByteTooMany | Form::Elsewhere => return None,
    };
    Some(Entry::Keys(vec![("payload", payload), ("sender", sender.to_owned()), ("source", source)]))
}

fn reclaim(number: u64, asking: Asking) -> Option<Entry> {
    let what = format!("reclaims held deposit {number} to vault {ENTRYPOINT}");
    match asking {
        Asking::ByCall(Route { sender, source: from }) => {
            let sentence = format!("contract {} from {} {what}", sender.name(), source(from));
            Some(Entry::Sentence(sentence, None))
        }
        Asking::Signed(of, consent) => {
            let signed_by = match consent {
                Consent::Given => None,
                Consent::Forged => Some(name(200)),
                _ => return None,
            };
            Some(Entry::Sentence(format!("{} {what}", name(of)), signed_by))
        }
    }
}

fn batch(parsed: &Parsed, frame: Frame, seal: Seal, said: &[Transaction]) -> Option<Entry> {
    let Parsed::V1(batch) = parsed else { return None };
    let nobody_signs = said.iter().all(|transaction| signatories(transaction).is_empty());
    if batch.wrong_at.is_some() || seal == Seal::OneMore || nobody_signs {
        return None;
    }
    let mut options = Vec::new();
    match frame {
        Frame::Unframed => {}
        Frame::Framed => options.push(("for", "us".to_owned())),
        Frame::Version9 => options.extend([("for", "us".to_owned()), ("version", "9".to_owned())]),
        Frame::Foreign => return None,
    }
    match seal {
        Seal::Sum | Seal::OneMore => {}
        Seal::NoPoint => options.push(("signature", "ff".repeat(96))),
        Seal::Identity => options.push(("signature", "the identity".to_owned())),
    }
    let mut transactions = Vec::new();
    for (transaction, signed) in said.iter().zip(&batch.transactions) {
        let mut operations = Vec::new();
        for (operation, signed) in transaction.operations.iter().zip(signed) {
            operations.push(self::operation(operation, signed.counter)?);
        }
        let is_plain = |one: &Operation| matches!(one.named, Named::ByKey | Named::ByAddress);
        let by_all =
            transaction.signing == Signing::All && transaction.operations.iter().all(is_plain);
        let names = || signatories(transaction).into_iter().map(name).collect();
        transactions.push((operations, (!by_all).then(names)));
    }
    Some(Entry::Batch { transactions, options })
}

fn operation(operation: &Operation, counter: u64) -> Option<String> {
    let signer = match operation.named {
        Named::ByKey => name(operation.signer),
        Named::ByAddress => format!("{} by address", name(operation.signer)),
        Named::ByNonsense(0xff) => "an invalid key".to_owned(),
        Named::ByNonsense(_) => return None,
        Named::ByIdentity => "the identity key".to_owned(),
    };
    let mut contents = Vec::new();
    for content in &operation.contents {
        contents.push(match content {
            Content::Pay(_, Kind::Token, _) | Content::Withdraw(Kind::Token, _) => return None,
            Content::Pay(to, ticket, amount) => {
                format!("pays {} {amount} {}", name(*to), ticket.name())
            }
            Content::Withdraw(ticket, amount) => {
                format!("withdraws {amount} {} to vault {ENTRYPOINT}", ticket.name())
            }
        });
    }
    let does = if contents.is_empty() { "does nothing".to_owned() } else { contents.join(" and ") };
    Some(format!("{signer}, counter {counter}, {does}"))
}
