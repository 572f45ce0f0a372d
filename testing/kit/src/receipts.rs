//! Payments with receipts, and the roots that these lead to.

use client::Builder;
use encoding::Hash32;
use inbox::envelope::framed_v2;
use inbox::v2::Name;
use outbox::ResultsRoot;
use receipt::{Commitment, Known, Payment, Receipt, Record};
use tx_kernel::layout::RECEIPTS_EVERY;
use tx_kernel::receipts::mountains::{Path, leaf};
use tx_kernel::results::batch::{batch_name, transaction_name};
use tx_kernel::results::leaves_path;

use crate::v2::{How, account, operation, row, sealed, ticket_index, together, transfers};
use crate::{LevelOutcome, Person, Twin, deposit};

/// The roots in a level's outbox.
pub fn roots(level: &LevelOutcome) -> Vec<ResultsRoot> {
    level.outbox.iter().filter_map(|message| ResultsRoot::decode(message).ok()).collect()
}

/// A value below the committed state.
pub fn state(twin: &Twin, path: &str) -> Option<Vec<u8>> {
    twin.durable().get(&format!("/toru/state{path}"))
}

/// The leaves of a window, as the state keeps them.
pub fn leaves(twin: &Twin, root: &ResultsRoot) -> Vec<Hash32> {
    let bytes = state(twin, &leaves_path(root.first, root.window)).expect("the leaves are kept");
    bytes.as_chunks::<32>().0.iter().copied().map(Hash32).collect()
}

/// The receipts of payments that were signed in each way, one of which was refused, and the hash of the
/// commitment that they lead to.
pub fn receipts() -> (Vec<Receipt>, [u8; 32]) {
    let mut twin = Twin::native_only();
    twin.set(RECEIPTS_EVERY, &2i32.to_be_bytes());
    let rollup = twin.rollup();
    let people: Vec<Person> = (0..3).map(Person::new).collect();
    let [alice, bob, carol] = &people[..] else { unreachable!("three") };
    let mut messages: Vec<_> =
        people.iter().map(|person| deposit(&rollup, person, "gold", 100)).collect();
    let registrations =
        people.iter().map(Person::registers).fold(Builder::new(), Builder::registration);
    messages.push(framed_v2(&rollup, &registrations.build().encode()));
    twin.run_level(&messages);
    // Its root is written at the end of the second level.
    twin.run_level(&[]);

    let gold = ticket_index(0);
    let batch = Builder::new()
        .transfer(&gold, None, row(0, 0, account(2), 30))
        .transfer(&gold, None, row(1, 0, account(2), 500))
        .transaction(together(vec![operation(
            Name::Address(carol.address()),
            0,
            vec![transfers(0, &[(Name::Address(alice.address()), 7)])],
        )]))
        .build();
    let how = [How::Batch(alice), How::Batch(bob), How::Own(carol)];
    let batch = sealed(&batch, &rollup, &how);
    let others = (0..5).map(|_| deposit(&rollup, carol, "silver", 1));
    let messages: Vec<_> = others.chain([framed_v2(&rollup, &batch.encode())]).collect();
    let paid = twin.run_level(&messages);
    assert_eq!(twin.balance(carol, "gold"), 123);
    let level = twin.run_level(&[]);
    let [root] = roots(&level)[..] else { panic!("{:?}", level.outbox) };
    assert_eq!(root.first, paid.level);

    let snapshot = twin.snapshot_native().expect("there is no WASM beside it");
    let commitment = Commitment {
        state: snapshot.state_hash().unwrap(),
        inbox_level: level.level.0,
        predecessor: [7; 32],
        ticks: 1_000,
    };
    let output = snapshot.prove_output(root.last.0, 0).unwrap().encode();
    let leaves = leaves(&twin, &root);
    let receipt = |transaction: u32, name: String, record: fn(Vec<u8>) -> Record| {
        let value = state(&twin, &format!("/results/0/{name}")).expect("there is such a result");
        let place = leaves.iter().position(|other| *other == leaf(&name, &value));
        let path = Path::of(&leaves, place.expect("it is under the root")).unwrap();
        let payment = Payment { batch: batch.encode(), transaction };
        let (output, accounts) = (output.clone(), Known::default());
        Receipt { rollup, payment, record: record(value), path, output, commitment, accounts }
    };
    let together = batch_name(&batch.signing_payload(&rollup).digest);
    let own = batch.signing_payload_of_transaction(2, &rollup).unwrap().digest;
    let own = transaction_name(&own);
    let number = |number: u32| receipt(number, together.clone(), Record::Batch);
    let all = vec![number(0), number(1), number(2), receipt(2, own, Record::Transaction)];
    (all, commitment.hash())
}
