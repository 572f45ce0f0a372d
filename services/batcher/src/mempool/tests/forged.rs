//! Signatures in somebody else's name: whoever sends them harms nobody but themselves.

use batcher_api::Code;

use super::chain::address;
use super::rounds::{LAST, millis, no_one, offered};
use super::signatures::{given_in, payment, right_signature, seal, sender, wrong_signature};
use super::world::World;
use crate::limits::{
    ALONE_PER_ADDRESS, COOL_DOWN, QUORUM, ROUND, SIGNATURES_PER_ACCOUNT, SILENCES, WINDOW,
};
use crate::mempool::CoSigned;
use crate::rounds::Progress;

/// The address of those who send wrong ones, and that of one who does not.
const MALLORY: u8 = 66;
const ALICE: u8 = 1;

fn forge(
    world: &mut World,
    number: u64,
    account: u32,
    which: u8,
) -> Result<CoSigned, Option<Code>> {
    let given = world.give(number, account, wrong_signature(which), sender(MALLORY));
    given.map_err(|error| error.code_of::<Code>())
}

fn is_cooling(world: &World, person: u32) -> bool {
    world.mempool.cooldowns.is_cooling(&address(person), world.now)
}

#[test]
fn a_wrong_signature_in_everybodys_name_closes_no_round_and_keeps_nobodys_out() {
    let mut world = offered(20);
    for person in 0..20 {
        // Once the first is known to be wrong, the others are verified alone.
        let _ = forge(&mut world, 0, person, 0);
    }
    world.wait(millis(WINDOW) + 1);
    let batch = world.mempool.batch(0).unwrap();
    assert_eq!((batch.progress, batch.right), (Progress::Offered, 0));
    // All sign, and the round closes as it would have.
    for person in 0..20 {
        assert!(world.seals.is_empty());
        world.sign(0, person).unwrap();
    }
    let job = world.seals.pop().unwrap();
    assert_eq!((job.right.len(), job.open.len()), (20, 0));
    world.sealed(seal(&job, &no_one()));
    assert!(world.mempool.batch(0).unwrap().individual.is_empty());
    assert!((0..20).all(|person| !is_cooling(&world, person)));
}

#[test]
fn a_quorum_is_one_of_signatures_that_are_right() {
    let mut world = offered(20);
    let quorum = 20 * QUORUM / 100;
    // One fewer than a quorum sign, and in one more name a wrong one is sent.
    (0..quorum - 1).for_each(|person| world.sign(0, person).unwrap());
    assert_eq!(forge(&mut world, 0, quorum, 0), Ok(CoSigned::Taken));
    world.wait(millis(WINDOW) + 1);
    assert_eq!(world.mempool.batch(0).unwrap().progress, Progress::Offered);
    // The right one comes after that, and counts.
    world.sign(0, quorum).unwrap();
    world.wait(millis(WINDOW));
    let job = world.seals.pop().unwrap();
    assert_eq!(u32::try_from(job.right.len()).unwrap(), quorum);
}

#[test]
fn wrong_signatures_round_after_round_cool_nobody_down_but_their_sender() {
    let mut world = offered(2);
    for counter in 0..u64::from(SILENCES) + 1 {
        let number = *world.offers.last().unwrap();
        for which in 0..3 {
            let _ = forge(&mut world, number, 0, which);
        }
        world.sign(number, 0).unwrap();
        world.sign(number, 1).unwrap();
        let job = world.seals.pop().unwrap();
        assert_eq!(job.right.len(), 2);
        world.sealed(seal(&job, &no_one()));
        assert_eq!(world.mempool.batch(number).unwrap().is_cosigned(0), Some(true));
        assert!(!is_cooling(&world, 0) && !is_cooling(&world, 1));
        for person in [0, 1] {
            world.accept(payment(person, counter + 1, 1 - person, 1, LAST)).unwrap();
        }
        world.wait(millis(crate::limits::MAX_WAIT));
    }
}

#[test]
fn the_fifth_signature_in_one_name_is_verified_alone_and_the_right_one_counts() {
    let mut world = offered(2);
    let room = u8::try_from(SIGNATURES_PER_ACCOUNT).unwrap();
    // Each of another address, so that nothing is known of its sender.
    for which in 0..room {
        let given = world.give(0, 0, wrong_signature(which), sender(100 + which));
        assert_eq!(given.unwrap(), CoSigned::Taken);
    }
    let fifth = world.give_alone(0, 0, wrong_signature(room), sender(99)).unwrap_err();
    assert_eq!(fifth.code_of::<Code>(), Some(Code::WrongSignature));
    world.give_alone(0, 0, right_signature(), sender(ALICE)).unwrap();
    assert!(world.mempool.batch(0).unwrap().given.has_right(&address(0)));
    // Any other one is wrong now, which nobody has to verify.
    let late = world.give(0, 0, wrong_signature(7), sender(98)).unwrap_err();
    assert_eq!(late.code_of::<Code>(), Some(Code::WrongSignature));
    world.sign(0, 1).unwrap();
    let job = world.seals.pop().unwrap();
    assert_eq!(given_in(&job), 2);
    let stranger = world.give(0, 99, wrong_signature(1), sender(ALICE)).unwrap_err();
    assert_eq!(stranger.code_of::<Code>(), Some(Code::NotASigner));
}

#[test]
fn whoever_has_sent_a_wrong_one_has_theirs_verified_before_they_count_and_not_for_ever() {
    let mut world = offered(20);
    assert!((0..2).all(|person| forge(&mut world, 0, person, 0).is_ok()));
    // It is found out when a quorum might be there.
    (2..18).for_each(|person| world.sign(0, person).unwrap());
    let wrong = world.give_alone(0, 0, wrong_signature(3), sender(MALLORY)).unwrap_err();
    assert_eq!(wrong.code_of::<Code>(), Some(Code::WrongSignature));
    // Somebody honest behind the same address is heard, and at another address nothing has changed.
    world.give_alone(0, 0, right_signature(), sender(MALLORY)).unwrap();
    world.sign(0, 1).unwrap();
    // There is an end to what is verified for one address. Nobody is silent whose signature was not looked at.
    let refused = (0..2 * ALONE_PER_ADDRESS).find_map(|_| forge(&mut world, 0, 19, 4).err());
    assert_eq!(refused, Some(Some(Code::RateLimited)));
    assert!(world.mempool.batch(0).unwrap().given.is_contested(&address(19)));
    world.wait(millis(ROUND));
    let job = world.seals.pop().unwrap();
    world.sealed(seal(&job, &no_one()));
    // After a while it is trusted again: three were wrong, each of which doubles the time.
    world.wait(millis(COOL_DOWN) * 8);
    for person in 0..20 {
        world.accept(payment(person, 1, (person + 1) % 20, 1, LAST)).unwrap();
    }
    world.wait(millis(crate::limits::MAX_WAIT));
    let number = *world.offers.last().unwrap();
    assert_eq!(forge(&mut world, number, 0, 9), Ok(CoSigned::Taken));
}

#[test]
fn what_is_being_verified_when_the_round_ends_is_sealed_all_the_same() {
    let mut world = offered(20);
    world.proves_late = true;
    (0..20).for_each(|person| world.sign(0, person).unwrap());
    // All may have signed, and nobody knows yet.
    assert!(world.seals.is_empty());
    assert_eq!(world.proofs.len(), 1);
    world.wait(millis(ROUND));
    let job = world.seals.pop().unwrap();
    assert_eq!((job.right.len(), job.open.len()), (0, 20));
    world.sealed(seal(&job, &no_one()));
    let proof = world.proofs.pop().unwrap();
    world.prove(&proof, &no_one());
    assert!(world.mempool.batch(0).unwrap().individual.is_empty());
}
