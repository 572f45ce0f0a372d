//! The way of a transaction from the post to its final result.

use batcher_api::{Acceptance, AcceptanceKey, Settled, Stage};
use encoding::Level;

use crate::common::{World, hash_of, payment, wait};
use crate::octez::{ROLLUP, account};

#[test]
fn what_nobody_cosigns_is_sealed_with_its_own_signature_and_applied() {
    let world = World::new();
    let record = world.accepted(payment(1, 0, 2, 10));
    let quote = wait(world.handle().quote()).unwrap();
    let key = AcceptanceKey::from_text(&quote.acceptance_key).unwrap();
    let acceptance = Acceptance {
        rollup: ROLLUP,
        hash: hash_of(&record.hash),
        received: Level(record.received),
        promised: Level(record.promised),
    };
    key.check(&acceptance, &record.receipt).unwrap();

    let sent = world.until(&record.hash, Stage::Sent);
    assert_eq!(sent.cosigned, Some(false));
    world.octez.bake(1);
    let applied = world.until(&record.hash, Stage::Applied);
    assert_eq!(applied.result, Some(Settled::Applied));
    assert_eq!(applied.outcomes[0].code, "APPLIED");
    world.octez.bake(2);
    let last = world.until(&record.hash, Stage::Final);
    assert_eq!((last.result, last.level), (applied.result, applied.level));
    let seen = wait(world.handle().account(account(2))).unwrap();
    assert_eq!(seen.final_.balances[0].amount, "1010");
    // The same bytes are the same transaction, with the same receipt.
    let again = world.accepted(payment(1, 0, 2, 10));
    assert_eq!((again.stage, again.receipt), (last.stage, record.receipt));
    world.octez.bake(4);
    world.until(&record.hash, Stage::Cemented);
}

#[test]
fn those_who_cosign_cost_no_pairing_of_their_own() {
    let world = World::new();
    let mut events = world.cosigners(&[1, 2, 3]);
    let records = [payment(1, 0, 2, 10), payment(2, 0, 3, 20), payment(3, 0, 1, 30)];
    let hashes: Vec<String> =
        world.submit(records.to_vec()).into_iter().map(|one| one.record.unwrap().hash).collect();
    let offer = world.offer(&mut events);
    assert_eq!(offer.accounts.len(), 3);
    world.cosign(&offer, &[1, 2, 3]);
    for hash in &hashes {
        let record = world.until(hash, Stage::Sent);
        assert_eq!((record.cosigned, record.batch.as_ref()), (Some(true), Some(&offer.batch)));
    }
    let batch = wait(world.handle().batch(hash_of(&offer.batch))).unwrap();
    assert_eq!((batch.signers, batch.signed, batch.individual), (3, 3, 0));
    world.octez.bake(1);
    for hash in &hashes {
        assert_eq!(world.until(hash, Stage::Applied).result, Some(Settled::Applied));
    }
}
