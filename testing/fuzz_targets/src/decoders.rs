//! One target for each decoder: what decodes is what encodes to the same bytes.

use encoding::{
    Amount, Entrypoint, Hash32, Kt1Address, Micheline, RollupAddress, Source, Ticket,
    TicketContent, prim, read, whole,
};
use inbox::deposit::Payload;
use inbox::envelope::{Envelope, framed_v1, transfer_message, unframed_v1};
use inbox::reclaim::{Request, Signed};
use inbox::upgrade::{Page, UpgradeCommand};
use inbox::v1::Batch;
use num_bigint::BigInt;
use outbox::Message;

use crate::level_seeds::signed;
use crate::{Target, v2};
use kit::{Person, pay, sign, ticket as gold, tx, withdraw};

const US: RollupAddress = RollupAddress([1; 20]);

/// What a malformed input comes to: what was expected there, not where.
fn malformed(error: &encoding::Malformed) -> String {
    format!("expected {}", error.expected)
}

/// `inbox::envelope`.
pub fn envelope(data: &[u8]) -> String {
    let accepting = inbox::envelope(data, &US, true);
    let refusing = inbox::envelope(data, &US, false);
    match accepting {
        Envelope::Transfer(call) => {
            let again = transfer_message(call.payload, &call.sender, &call.source, &US);
            assert_eq!(again, data);
            assert_eq!(accepting, refusing);
            "transfer".to_owned()
        }
        Envelope::External { kind: version, body } => {
            let framed = data.get(2..22) == Some(&US.0[..]);
            let whole = if framed { data.get(23..) } else { data.get(2..) };
            assert_eq!(whole.unwrap_or(&[]), body);
            assert_eq!(refusing == accepting, framed, "only frames need no permission");
            let known = version == inbox::MessageKind::V1;
            format!("batch of a known version {known}, framed {framed}")
        }
        other => {
            assert_eq!(other, refusing);
            format!("{other:?}")
        }
    }
}

/// `inbox::deposit`.
pub fn deposit(data: &[u8]) -> String {
    match inbox::deposit::decode(data) {
        Err(error) => malformed(&error),
        Ok(Payload::Bytes(bytes)) => {
            let node = Micheline::new().prim(prim::RIGHT).prim(prim::RIGHT).bytes(bytes);
            assert_eq!(node.into_bytes(), data);
            "bytes".to_owned()
        }
        Ok(Payload::Deposit(deposit)) => {
            let body = Micheline::new()
                .pair()
                .string(deposit.receiver)
                .pair()
                .bytes(&deposit.ticket.ticketer.to_contract_22())
                .pair()
                .raw(&deposit.ticket.content.to_micheline())
                .int(&deposit.amount)
                .into_bytes();
            assert!(data.ends_with(&body), "another encoding of {deposit:?}");
            let branch = &data[..data.len() - body.len()];
            let branches: &[&[u8]] = match deposit.ticket.content {
                TicketContent::String(_) => &[b"", &[5, 5]],
                TicketContent::NatBytes(..) => &[&[5, 8, 5, 5]],
            };
            assert!(branches.contains(&branch), "{branch:?}");
            format!("deposit in {branch:?}")
        }
    }
}

/// `inbox::v1`.
pub fn v1(data: &[u8]) -> String {
    match Batch::decode(data) {
        Err(error) => malformed(&error),
        Ok(batch) => {
            assert_eq!(batch.encode(), data);
            assert!(batch.parts() > 0);
            format!("{} parts", batch.parts().min(5))
        }
    }
}

/// `Ticket::from_record`.
pub fn ticket(data: &[u8]) -> String {
    match Ticket::from_record(data) {
        None => "malformed".to_owned(),
        Some(ticket) => {
            assert_eq!(ticket.to_record(), data);
            format!("content of type {}", ticket.content.type_tag())
        }
    }
}

/// `outbox::decode`.
pub fn outbox(data: &[u8]) -> String {
    match outbox::decode(data) {
        Err(error) => malformed(&error),
        Ok(payouts) => {
            let mut message = Message::new();
            // What is longer than layer 1 takes decodes, but is not ours to write.
            if payouts.iter().try_for_each(|payout| message.push(payout)).is_err() {
                return "too long".to_owned();
            }
            assert_eq!(message.encode(), data);
            format!("{} calls", payouts.len().min(5))
        }
    }
}

/// A Micheline integer.
pub fn int(data: &[u8]) -> String {
    match whole(data, read::int) {
        Err(error) => malformed(&error),
        Ok(number) => {
            assert_eq!(Micheline::new().int(&number).into_bytes(), data);
            format!("{:?} of {} bytes", number.sign(), data.len().min(12))
        }
    }
}

/// `inbox::reclaim`: what a contract sends.
pub fn request(data: &[u8]) -> String {
    match Request::from_bytes(data) {
        Err(error) => malformed(&error),
        Ok(request) => {
            assert_eq!(request.to_bytes(), data);
            format!("an entrypoint of {} letters", request.entrypoint.as_bytes().len())
        }
    }
}

/// `inbox::reclaim`: what is signed.
pub fn reclaim(data: &[u8]) -> String {
    match Signed::decode(data) {
        Err(error) => malformed(&error),
        Ok(signed) => {
            // Zeros may follow it.
            let padding = data.strip_prefix(signed.encode().as_slice()).unwrap();
            assert!(padding.iter().all(|byte| *byte == 0));
            format!("an entrypoint of {} letters", signed.request.entrypoint.as_bytes().len())
        }
    }
}

/// `inbox::upgrade`: what an administrator orders.
pub fn order(data: &[u8]) -> String {
    match UpgradeCommand::from_bytes(data) {
        Err(error) => malformed(&error),
        Ok(order) => {
            assert_eq!(order.to_bytes(), data);
            if order == UpgradeCommand::Cancel { "cancel" } else { "announce" }.to_owned()
        }
    }
}

/// `inbox::upgrade`: a page of a kernel.
pub fn page(data: &[u8]) -> String {
    match Page::decode(data) {
        Err(error) => malformed(&error),
        Ok(page) => {
            // The hash of zeros is no hash.
            assert_eq!(page.encode(), data);
            format!("the last {}", page.next.is_none())
        }
    }
}

/// Every decoder that has a target of its own, by name.
const DECODERS: [(&str, Target); 12] = [
    ("envelope", envelope),
    ("deposit", deposit),
    ("v1", v1),
    ("ticket", ticket),
    ("outbox", outbox),
    ("int", int),
    ("request", request),
    ("reclaim", reclaim),
    ("v2", v2::batch),
    ("own", v2::transaction),
    ("order", order),
    ("page", page),
];

/// Whether this is one of them, or all.
pub fn is_one(name: &str) -> bool {
    name == "decoders" || DECODERS.iter().any(|(known, _)| *known == name)
}

/// One of them, that of the first byte, on the rest: all of them in one run.
pub fn any(data: &[u8]) -> String {
    let Some((first, rest)) = data.split_first() else { return "nothing".to_owned() };
    let (name, decoder) = DECODERS[usize::from(*first) % DECODERS.len()];
    format!("{name}: {}", decoder(rest))
}

/// The names of the decoders, each with the byte that chooses it.
pub fn chosen() -> impl Iterator<Item = (u8, &'static str)> {
    (0..).zip(DECODERS.map(|(name, _)| name))
}

fn token() -> Ticket {
    let content = TicketContent::NatBytes(BigInt::from(7), Some(b"meta".to_vec()));
    Ticket { ticketer: Kt1Address([0xcc; 20]), content }
}

fn payload(ticket: &Ticket) -> Vec<u8> {
    inbox::deposit::encode(&Person::new(1).address().to_string(), ticket, &70.into())
}

fn body() -> Vec<u8> {
    let (alice, bob) = (Person::new(1), Person::new(2));
    let first = tx(vec![alice.does(0, vec![pay(&bob, "gold", 300), withdraw("gold", 2)])]);
    let second = tx(vec![alice.does_by_address(1, vec![]), bob.does(0, vec![])]);
    sign(vec![(first, vec![&alice]), (second, vec![&alice, &bob])]).encode()
}

/// Good inputs of a decoder.
pub fn seeds(name: &str) -> Vec<Vec<u8>> {
    let gold = gold("gold");
    match name {
        "envelope" => {
            let source = Source { curve: 4, hash: [9; 20] };
            let call = transfer_message(&payload(&gold), &Kt1Address([3; 20]), &source, &US);
            vec![call, framed_v1(&US, &body()), unframed_v1(&body()), vec![0, 1], vec![0, 2]]
        }
        "deposit" => {
            let bytes = Micheline::new().prim(prim::RIGHT).prim(prim::RIGHT).bytes(b"hi");
            let bare = inbox::deposit::encode_unwrapped("tz4", &gold, &(-1).into());
            vec![payload(&gold), payload(&token()), bytes.into_bytes(), bare]
        }
        "v1" => vec![body()],
        "v2" => v2::batches(),
        "own" => v2::transactions(),
        "ticket" => vec![gold.to_record(), token().to_record()],
        "outbox" => {
            let payout = |ticket: &Ticket| encoding::Payout {
                destination: Kt1Address([4; 20]),
                entrypoint: Entrypoint::new(b"burn").unwrap(),
                ticket: ticket.clone(),
                amount: Amount::MAX,
                receiver: None,
            };
            let mut message = Message::new();
            let pushed = [&gold, &token()].map(|ticket| message.push(&payout(ticket)));
            assert_eq!(pushed, [Ok(()), Ok(())]);
            vec![message.encode()]
        }
        "request" => vec![signed(7, &Person::new(1)).request.to_bytes()],
        "order" => vec![
            UpgradeCommand::Announce(Hash32([7; 32])).to_bytes(),
            UpgradeCommand::Cancel.to_bytes(),
        ],
        "page" => inbox::upgrade::pages(&[7; 5_000]),
        "reclaim" => vec![signed(7, &Person::new(1)).encode()],
        "decoders" => chosen()
            .flat_map(|(byte, name)| {
                seeds(name).into_iter().map(move |seed| [&[byte][..], &seed].concat())
            })
            .collect(),
        _ => [0, 1, -1, 63, 64, i64::MAX, i64::MIN]
            .map(|number| Micheline::new().int(&number.into()).into_bytes())
            .to_vec(),
    }
}
