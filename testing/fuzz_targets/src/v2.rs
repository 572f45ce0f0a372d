//! Wire format v2: its decoders as targets, and good batches to make damaged ones from.

use client::Builder;
use encoding::{Entrypoint, Hash32, Kt1Address, Layer1Address, Level, RollupAddress, Source};
use inbox::envelope::framed_v2;
use inbox::v2::{
    Action, Batch, IndividuallySigned, Memo, Name, TicketName, Transaction, decode_transaction,
};

use crate::levels::US;
use kit::v2::{How, account, operation, row, sealed, ticket_index, together, transfers};
use kit::{Person, ticket};

/// A batch: what decodes is what encodes to the same bytes, and what is signed is the same whether it
/// is made from the bytes or from what they say.
pub fn batch(data: &[u8]) -> String {
    let batch = match Batch::decode(data) {
        Err(error) => {
            let Ok((batch, body)) = Batch::decode_padded(data) else {
                return format!("expected {}", error.expected);
            };
            // What follows it is zeros, and part of nothing that is signed.
            assert_eq!(batch.encode(), body);
            assert!(data.strip_prefix(body).unwrap().iter().all(|byte| *byte == 0));
            assert_eq!(batch.signing_payload_of_bytes(body, &US), batch.signing_payload(&US));
            return "padded".to_owned();
        }
        Ok(batch) => batch,
    };
    assert_eq!(Batch::decode_padded(data), Ok((batch.clone(), data)));
    assert_eq!(batch.encode(), data);
    assert_eq!(batch.signing_payload_of_bytes(data, &US), batch.signing_payload(&US));
    assert_ne!(batch.signing_payload(&US), batch.signing_payload(&RollupAddress([9; 20])));
    let late = batch.each_individually_signed().filter(|late| *late).count();
    let all = batch.signings();
    assert_eq!(batch.each_signing().count(), all);
    assert_eq!(late == all && all > 0, batch.individually_signed == IndividuallySigned::Everybody);
    assert_eq!(batch.signature.is_some(), all > 0);
    for number in 0..batch.transactions() {
        let transaction = batch.transaction(number);
        assert!(transaction.is_some_and(|one| !one.operations.is_empty()));
        assert!(batch.signing_payload_of_transaction(number, &US).is_some());
    }
    assert_eq!(batch.transaction(batch.transactions()), None);
    let few = |count: usize| count.min(3);
    let (registrations, runs) = (few(batch.registrations.len()), few(batch.transfer_groups.len()));
    format!("{registrations} {runs} {} late {}", few(batch.transactions.len()), few(late))
}

/// A transaction that stands for itself.
pub fn transaction(data: &[u8]) -> String {
    match decode_transaction(data) {
        Err(error) => format!("expected {}", error.expected),
        Ok(transaction) => {
            assert_eq!(transaction.encode(), data);
            let operations = transaction.operations.len().min(4);
            let moves: usize = transaction.operations.iter().map(|one| one.actions.len()).sum();
            format!("{operations} operations, {} moves", moves.min(6))
        }
    }
}

fn alice() -> Person {
    Person::new(1)
}

fn bob() -> Person {
    Person::new(2)
}

fn leaves(ticket: TicketName, amount: u64, receiver: Option<Layer1Address>) -> Action {
    let entrypoint = Entrypoint::new(b"burn").unwrap();
    let amount = encoding::Amount::new(amount);
    Action::Withdraw { ticket, to: Kt1Address([4; 20]), entrypoint, receiver, amount }
}

/// Good transactions: one that expires and has every kind of move, and one with memos.
pub fn of_every_kind() -> [Transaction; 2] {
    let bob = Name::Address(bob().address());
    let full = TicketName::Full(ticket("gold"));
    let mut both = together(vec![
        operation(account(0), 1, vec![transfers(0, &[(bob, 3_000), (account(1), 1)])]),
        operation(
            bob,
            0,
            vec![
                leaves(ticket_index(0), 1, None),
                leaves(full, 2, Some(Layer1Address::Implicit(Source { curve: 4, hash: [5; 20] }))),
                leaves(ticket_index(0), 3, Some(Layer1Address::Contract(Kt1Address([6; 20])))),
            ],
        ),
    ]);
    both.expires = Some(Level(9));
    let mut remarked = together(vec![
        operation(account(0), 2, vec![]),
        operation(account(1), 1, vec![transfers(0, &[(account(0), 1)])]),
    ]);
    remarked.operations[0].memo = Some(Memo::Bytes(b"rent".to_vec()));
    remarked.operations[1].memo = Some(Memo::Hash(Hash32([7; 32])));
    [both, remarked]
}

/// As bytes.
pub fn transactions() -> Vec<Vec<u8>> {
    of_every_kind().iter().map(Transaction::encode).collect()
}

/// Batches that are good one after the other, for a rollup on which Alice is account 0: two
/// registrations, transfers of both, everything at once, all of them individually signed, and groups that
/// expire, of which one has.
fn good() -> Vec<Batch> {
    let (alice, bob) = (alice(), bob());
    let registered =
        Builder::new().registration(alice.registers()).registration(bob.registers()).build();
    let rows = Builder::new()
        .transfer(&ticket_index(0), None, row(0, 0, account(1), 300))
        .expires(Level(1_000))
        .build();
    let rows = sealed(&rows, &US, &[How::Batch(&alice)]);
    let [both, remarked] = of_every_kind();
    let all = Builder::new()
        .registration(Person::new(3).registers())
        .transaction(both)
        .transaction(remarked)
        .build();
    let how = [How::Batch(&alice), How::Own(&bob), How::Own(&alice), How::Batch(&bob)];
    let all = sealed(&all, &US, &how);
    let late = Builder::new()
        .transfer(&ticket_index(0), None, row(0, 3, account(1), 2_049))
        .transfer(&ticket_index(0), None, row(1, 2, Name::Address(alice.address()), 7))
        .build();
    let late = sealed(&late, &US, &[How::Own(&alice), How::Own(&bob)]);
    let expire = Builder::new()
        .transfer(&ticket_index(0), Some(Level(i32::MAX)), row(0, 4, account(1), 5))
        .transfer(&ticket_index(0), Some(Level(0)), row(1, 3, account(0), 6))
        .transfer(&ticket_index(0), None, row(1, 3, account(0), 6))
        .build();
    let how = [How::Batch(&alice), How::Own(&bob), How::Batch(&bob)];
    let expire = sealed(&expire, &US, &how);
    vec![registered, rows, all, late, expire]
}

/// As bytes after the version.
pub fn batches() -> Vec<Vec<u8>> {
    good().iter().map(Batch::encode).collect()
}

/// As messages.
pub fn messages() -> Vec<Vec<u8>> {
    batches().iter().map(|body| framed_v2(&US, body)).collect()
}
