//! Restarts, reorganisations, lost and wrong signatures, over a real kernel.

use std::time::Duration;

use batcher_api::{CoSignature, CoSignatures, Settled, Stage};

use crate::common::{FROM, World, hash_of, payment, wait};
use crate::octez::{account, secret};

#[test]
fn a_restart_neither_loses_nor_sends_twice() {
    let mut world = World::with(|options| options.timing.max_wait = Duration::from_secs(50));
    // Accepted, and in no batch.
    let queued = world.accepted(payment(1, 0, 2, 10));
    world.stop();
    world.start(|_| {});
    let again = world.record(&queued.hash);
    assert_eq!((&again.receipt, again.promised), (&queued.receipt, queued.promised));
    world.until(&queued.hash, Stage::Sent);
    // Sent, and in no level.
    world.stop();
    world.start(|_| {});
    world.octez.bake(1);
    let applied = world.until(&queued.hash, Stage::Applied);
    assert_eq!(applied.result, Some(Settled::Applied));
    // Applied, and not final.
    world.stop();
    world.start(|_| {});
    world.octez.bake(3);
    let last = world.until(&queued.hash, Stage::Final);
    assert_eq!((last.level, last.index, last.batch), (applied.level, applied.index, applied.batch));
    let seen = wait(world.handle().account(account(2))).unwrap();
    assert_eq!(seen.head.balances[0].amount, "1010");
    assert_eq!(world.handle().metrics().injected_again, 0);
    // Final, and only in the journal.
    world.stop();
    world.start(|_| {});
    let kept = world.record(&queued.hash);
    assert_eq!((kept.result, kept.receipt), (Some(Settled::Applied), queued.receipt));
    assert_eq!(world.refused(payment(1, 0, 2, 11)), "COUNTER_MISMATCH");
}

#[test]
fn what_a_reorganisation_takes_back_is_applied_again() {
    let world = World::new();
    let record = world.accepted(payment(1, 0, 2, 10));
    world.until(&record.hash, Stage::Sent);
    world.octez.bake(1);
    let applied = world.until(&record.hash, Stage::Applied);
    // The level is gone, and the node has nothing of it any more.
    world.octez.revert(applied.level.unwrap() - 1);
    world.octez.bake(1);
    crate::common::until(|| (world.record(&record.hash).stage == Stage::Sent).then_some(()));
    assert_eq!(world.record(&record.hash).result, None);
    // After some levels without a trace it is given to the node again, as the same bytes.
    let again = world.bake_until(&record.hash, Stage::Applied);
    assert_eq!((again.result, &again.batch), (Some(Settled::Applied), &applied.batch));
    assert!(again.level > applied.level);
    assert_eq!(world.handle().metrics().reorganisations, 1);
}

#[test]
fn a_wrong_cosignature_is_found_and_its_own_is_used() {
    // Two of three are a quorum, so that the round ends soon after them.
    let world = World::with(|options| options.timing.quorum = 60);
    let mut events = world.cosigners(&[1, 2, 3]);
    let items = vec![payment(1, 0, 2, 10), payment(2, 0, 3, 20), payment(3, 0, 1, 30)];
    let hashes: Vec<String> =
        world.submit(items).into_iter().map(|one| one.record.unwrap().hash).collect();
    let offer = world.offer(&mut events);
    // Person 2 signs something else.
    let wrong = secret(2).sign(bls::Suite::Pop, b"something else");
    let signature = CoSignature {
        account: account(2).to_string(),
        signature: hex::encode(wrong.to_compressed()),
    };
    let signatures = CoSignatures { signatures: vec![signature] };
    wait(world.handle().sign(hash_of(&offer.batch), signatures, FROM)).unwrap();
    world.cosign(&offer, &[1, 3]);
    world.until(&hashes[0], Stage::Sent);
    world.octez.bake(1);
    let mut cosigned = Vec::new();
    for hash in &hashes {
        let record = world.until(hash, Stage::Applied);
        assert_eq!(record.result, Some(Settled::Applied));
        cosigned.push(record.cosigned);
    }
    assert_eq!(cosigned, [Some(true), Some(false), Some(true)]);
    let metrics = world.handle().metrics();
    assert_eq!((metrics.wrong_co_signatures, metrics.individual_signings), (1, 1));
}

#[test]
fn one_who_goes_past_the_batcher_is_told_that_the_counter_was_used() {
    let world = World::with(|options| options.timing.max_wait = Duration::from_secs(50));
    let record = world.accepted(payment(1, 0, 2, 10));
    // The same transaction, by somebody else's batch: it is applied, and found by its hash.
    let transaction = crate::common::pays(1, 0, 2, 10);
    let key = secret(1);
    let batch = client::Builder::new()
        .registration(client::registration(&key))
        .transaction(transaction.clone())
        .build();
    let mut assembly = client::Assembly::new(batch, crate::octez::ROLLUP);
    let own = client::sign_individually(&key, &transaction, &crate::octez::ROLLUP);
    assembly.individual_signature(0, own);
    let message = assembly.message().unwrap();
    world.octez.send(&message[1..]);
    // The batcher does not know the message: it finds the result some levels later.
    let applied = crate::common::until(|| {
        world.bake_heard();
        Some(world.record(&record.hash)).filter(|record| record.stage >= Stage::Applied)
    });
    assert_eq!((applied.result, applied.batch), (Some(Settled::Applied), None));
}

#[test]
fn what_was_final_is_sent_again_when_the_chain_goes_back_ten_levels() {
    let world = World::new();
    let record = world.accepted(payment(1, 0, 2, 10));
    world.until(&record.hash, Stage::Sent);
    world.octez.bake(10);
    let last = world.until(&record.hash, Stage::Final);
    world.octez.revert(last.level.unwrap() - 1);
    world.octez.bake(1);
    crate::common::until(|| (world.record(&record.hash).stage == Stage::Sent).then_some(()));
    let again = world.bake_until(&record.hash, Stage::Applied);
    assert_eq!((again.result, again.receipt), (Some(Settled::Applied), record.receipt));
    let seen = wait(world.handle().account(account(2))).unwrap();
    assert_eq!(seen.head.balances[0].amount, "1010");
    // And what comes next goes on from there.
    let next = world.accepted(payment(1, 1, 2, 10));
    world.until(&next.hash, Stage::Sent);
    world.octez.bake(1);
    world.until(&next.hash, Stage::Applied);
}
