//! Inbox messages in words, whichever kernel reads them.

use layer1::address::{Address, Kind};
use layer1::michelson;

use crate::text::{shortened, start_of};

/// What a raw message is. `rollup` is the one that plays it.
#[must_use]
pub fn message(raw: &[u8], rollup: &Address) -> String {
    match raw {
        [0x01, payload @ ..] => external(payload, rollup),
        [0x00, 0x00, transfer @ ..] => match describe_transfer(transfer, rollup) {
            Some(text) => text,
            None => format!("malformed transfer {}", start_of(transfer)),
        },
        [0x00, 0x01] => "start of level".to_owned(),
        [0x00, 0x02] => "end of level".to_owned(),
        [0x00, 0x03, ..] => "info per level".to_owned(),
        [0x00, 0x04, ..] => "protocol migration".to_owned(),
        [0x00, 0x05, ..] => "attested DAL slots".to_owned(),
        _ => format!("unknown message {}", start_of(raw)),
    }
}

/// Framed messages begin with `00` and the address of the rollup they are for.
fn external(payload: &[u8], rollup: &Address) -> String {
    let addressee = match payload {
        [0x00, rest @ ..] => rest.first_chunk::<20>(),
        _ => None,
    };
    let framed = if addressee == Some(&rollup.hash) { " framed for us" } else { "" };
    format!("external, {} bytes{framed}: {}", payload.len(), start_of(payload))
}

fn describe_transfer(transfer: &[u8], rollup: &Address) -> Option<String> {
    let (payload, len) = michelson::decode_prefix(transfer).ok()?;
    let rest: &[u8; 61] = transfer.get(len..)?.try_into().ok()?;
    let (sender, rest) = rest.split_first_chunk::<20>()?;
    let (tag, rest) = rest.split_first()?;
    let (source, destination) = rest.split_first_chunk::<20>()?;
    let destination: &[u8; 20] = destination.try_into().ok()?;
    let sender = Address { kind: Kind::Contract, hash: *sender };
    let source = (*tag <= 4).then_some(Address { kind: Kind::Implicit(*tag), hash: *source })?;
    let to = if *destination == rollup.hash {
        String::new()
    } else {
        format!(" to another rollup, {}", Address { kind: Kind::Rollup, hash: *destination })
    };
    let payload = shortened(&michelson::readable(&payload));
    Some(format!("transfer by {sender} (source {source}){to}: {payload}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_messages() {
        let rollup = Address { kind: Kind::Rollup, hash: [7; 20] };
        let transfer = |destination: u8| {
            let tail = [vec![1; 20], vec![3], vec![2; 20], vec![destination; 20]].concat();
            [vec![0, 0, 0, 5], tail].concat()
        };
        for (raw, expected) in [
            (vec![0, 1], "start of level"),
            (vec![9], "unknown message 09"),
            (vec![1, 0xab], "external, 1 bytes: ab"),
            ([vec![1, 0], vec![7; 20]].concat(), "external, 21 bytes framed for us: 00"),
            (transfer(7), "transfer by KT1"),
            (transfer(8), " to another rollup, sr1"),
            (vec![0, 0, 0, 5, 1], "malformed transfer 000501"),
        ] {
            let text = message(&raw, &rollup);
            assert!(text.contains(expected), "{text}");
        }
        assert!(message(&transfer(7), &rollup).ends_with("): 5"));
    }
}
