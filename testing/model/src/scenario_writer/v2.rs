//! v2 batches of a workload in the words of a scenario file.

use super::entry::{Entry, TransactionEntry, V2Entry};
use super::names::{name, paid};
use crate::outcome::{CodeAndValues, MessageIndex};
use crate::parsed::{Parsed, V2Batch};
use crate::state::Model;
use crate::wire::ENTRYPOINT;
use crate::wire_v2;
use crate::workload::*;

/// The words of a v2 batch, if there are some that mean exactly it.
pub fn batch(parsed: &Parsed, compact: &Compact, bytes: usize) -> Option<Entry> {
    let Parsed::V2(batch) = parsed else { return None };
    if batch.wrong_at.is_some() || compact.seal == Seal::OneMore {
        return None;
    }
    let mut options = vec![("format", "v2".to_owned())];
    options.extend(batch.expires.map(|last| ("expires with level", last.to_string())));
    if compact.padding > 0 {
        options.push(("padded to", bytes.to_string()));
    }
    match compact.seal {
        Seal::Sum | Seal::OneMore => {}
        Seal::NoPoint => options.push(("signature", "ff".repeat(96))),
        Seal::Identity => options.push(("signature", "the identity".to_owned())),
    }
    let registrations = compact.registrations.iter().map(registration).collect();
    let mut transactions = Vec::new();
    for (said, meant) in compact.transactions.iter().zip(&batch.transactions) {
        transactions.push(transaction(said, meant, &compact.registrations)?);
    }
    // Where nobody signs at all, the script puts another signature there.
    let signs =
        |one: &TransactionEntry| one.signed_by.as_ref().is_none_or(|names| !names.is_empty());
    if !transactions.is_empty() && !transactions.iter().any(signs) {
        return None;
    }
    Some(Entry::V2(V2Entry { registrations, transactions, options }))
}

fn registration(one: &Registration) -> String {
    let who = if one.is_key { name(one.of) } else { "an invalid key".to_owned() };
    match one.proof {
        Proof::Own => format!("{who} registers"),
        Proof::Of(number) => format!("{who} registers with the proof of {}", name(number)),
        Proof::NoPoint => format!("{who} registers with an invalid proof"),
    }
}

fn transaction(
    said: &Signed,
    meant: &wire_v2::Transaction,
    registrations: &[Registration],
) -> Option<TransactionEntry> {
    let mut operations = Vec::new();
    let (mut all, mut individually_signed) = (Vec::new(), Vec::new());
    for (intent, meant) in said.operations.iter().zip(&meant.operations) {
        operations.push(operation(intent, meant, registrations)?);
        let signer = match intent.signer {
            Named2::Person(number) | Named2::Address(number) | Named2::Registration(number) => {
                name(number)
            }
            // A scenario does not know whose index that is.
            Named2::Index(_) => return None,
        };
        if intent.individually_signed {
            individually_signed.push(signer.clone());
        }
        // Somebody twice, individually once, has no words.
        if all.contains(&signer) {
            return None;
        }
        all.push(signer);
    }
    let signed_by = match said.signing {
        Signing::All => None,
        Signing::NotTheFirst => Some(all.into_iter().skip(1).collect()),
        Signing::Stranger => Some(vec![name(200)]),
        Signing::FirstTwice => Some(all.first().cloned().into_iter().chain(all).collect()),
    };
    let (is_row, expires) = (said.row, meant.expires);
    Some(TransactionEntry { is_row, operations, expires, individually_signed, signed_by })
}

/// How a scenario names somebody as the bytes do.
fn account(named: Named2, registrations: &[Registration]) -> String {
    let is_registered = |number: u8| registrations.iter().any(|one| one.is_key && one.of == number);
    match named {
        Named2::Person(number) => name(number),
        Named2::Registration(number) if is_registered(number) => {
            format!("{} by place", name(number))
        }
        Named2::Address(number) | Named2::Registration(number) => {
            format!("{} by address", name(number))
        }
        Named2::Index(index) => format!("account {index}"),
    }
}

fn ticket(what: What) -> String {
    match what {
        What::Known(kind) => kind.name().to_owned(),
        What::Full(kind) => format!("{} in full", kind.name()),
        What::Index(index) => format!("of ticket {index}"),
    }
}

fn operation(
    intent: &Intent,
    meant: &wire_v2::Operation,
    registrations: &[Registration],
) -> Option<String> {
    let mut moves = Vec::new();
    for (to, what, amount) in &intent.moves {
        let ticket = ticket(*what);
        moves.push(match to {
            To::Account(to) => format!("pays {} {amount} {ticket}", account(*to, registrations)),
            To::Vault(None) => format!("withdraws {amount} {ticket} to vault {ENTRYPOINT}"),
            To::Vault(Some(to)) => {
                format!("withdraws {amount} {ticket} to vault {ENTRYPOINT} for {}", paid(*to))
            }
        });
    }
    let does = if moves.is_empty() { "does nothing".to_owned() } else { moves.join(" and ") };
    let memo = match &meant.memo {
        None => String::new(),
        Some(memo) => format!(", with memo {}", String::from_utf8(memo.clone()).ok()?),
    };
    let signer = account(intent.signer, registrations);
    Some(format!("{signer}, counter {}, {does}{memo}", meant.counter))
}

/// What the node will have to say of an operation after the level, and whether this message brought
/// it about.
pub fn came_to(
    after: &Model,
    message_index: MessageIndex,
    batch: &V2Batch,
    number: usize,
    at: usize,
) -> Option<(CodeAndValues, Option<String>, bool)> {
    let key = (u32::try_from(number).ok()?, u32::try_from(at).ok()?);
    let is_individual = batch.transactions.get(number)?.operations.get(at)?.individually_signed;
    let of_batch = after.batches.get(&batch.digest);
    let of_batch = of_batch.and_then(|(message, lines)| Some((*message, lines.get(&key)?)));
    let own = after.own.get(batch.own.get(number)?).filter(|_| is_individual);
    let own = own.and_then(|(message, _, lines)| Some((*message, lines.get(at)?)));
    let (message, (reason, memo)) = match (own, of_batch) {
        (Some(own), Some(of_batch)) if own.0 != message_index && of_batch.0 == message_index => {
            of_batch
        }
        (own, of_batch) => own.or(of_batch)?,
    };
    let memo = memo.clone().and_then(|memo| String::from_utf8(memo).ok());
    Some((*reason, memo, message == message_index))
}
