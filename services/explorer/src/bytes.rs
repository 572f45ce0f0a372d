//! The bytes of a message, field by field, as the protocol has them: where each is, and what it says.

mod v2;
mod walk;

use encoding::RollupAddress;
use inbox::{Envelope, MessageKind, envelope};
use layer1::address::{Address, Kind};
use layer1::michelson;

pub(crate) use walk::Field;
use walk::{Unreadable, Walk};

/// The fields of a message with its tag. Together they are all of its bytes, in their order.
pub(crate) fn fields(message: &[u8], rollup: &RollupAddress) -> Vec<Field> {
    let mut walk = Walk::new(message);
    match envelope(message, rollup, true) {
        Envelope::Transfer(transfer) => {
            let sender = transfer.sender.to_string();
            let _ = deposit(&mut walk, transfer.payload, &sender);
        }
        Envelope::External { kind, .. } => {
            let _ = external(&mut walk, kind, rollup);
        }
        _ => {}
    }
    walk.remainder("the rest", "not understood");
    walk.fields
}

fn deposit(walk: &mut Walk<'_>, payload: &[u8], sender: &str) -> Result<(), Unreadable> {
    walk.some("tag", 1, "a message of layer 1 itself")?;
    walk.some("tag", 1, "a transfer")?;
    let says = match michelson::decode(payload) {
        Ok(node) => michelson::readable(&node),
        Err(_) => "not Micheline".to_owned(),
    };
    walk.some("payload", payload.len(), &says)?;
    walk.some("sender", 20, sender)?;
    let says = |bytes: &&[u8]| match bytes.split_first() {
        Some((curve, hash)) => match hash.try_into() {
            Ok(hash) if *curve < 5 => Address { kind: Kind::Implicit(*curve), hash }.to_string(),
            _ => "of a curve that layer 1 does not have".to_owned(),
        },
        None => String::new(),
    };
    walk.field("source", encoding::read::take(21), says)?;
    walk.some("destination", 20, "this rollup")
}

fn external(
    walk: &mut Walk<'_>,
    kind: MessageKind,
    rollup: &RollupAddress,
) -> Result<(), Unreadable> {
    walk.some("tag", 1, "a message of somebody's")?;
    let framed = walk.rest().get(1..21) == Some(&rollup.0[..]);
    if !framed {
        walk.remainder("v1 batch", "without a frame");
        return Ok(());
    }
    walk.some("frame", 1, "the rollup's address follows")?;
    walk.some("rollup", 20, &rollup.to_string())?;
    match kind {
        MessageKind::V1 => {
            walk.some("version", 1, "a batch in wire format v1")?;
            walk.remainder("batch", "as the original kernel has it");
        }
        MessageKind::V2 => {
            walk.some("version", 1, "a batch in wire format v2")?;
            v2::batch(walk)?;
            if walk.rest().iter().all(|byte| *byte == 0) {
                walk.remainder("padding", "zeros, which pay for the work");
            }
        }
        MessageKind::Reclaim => {
            walk.some("version", 1, "a request for a held deposit")?;
            let number = |bytes: &&[u8]| {
                bytes.iter().fold(0, |n: u64, byte| n << 8 | u64::from(*byte)).to_string()
            };
            walk.field("deposit", encoding::read::take(8), number)?;
            walk.remainder("request", "where it is to go, and who signed that");
        }
        MessageKind::Page => {
            walk.some("version", 1, "a page of a new kernel")?;
            let hash = |bytes: &&[u8]| format!("the hash of the next page, {}", hex::encode(bytes));
            walk.field("next", encoding::read::take(32), hash)?;
            walk.remainder("page", "a part of the kernel");
        }
        MessageKind::Unknown(version) => {
            walk.some("version", 1, &format!("{version}, which this kernel does not know"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
