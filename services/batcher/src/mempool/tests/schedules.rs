//! Everything accepted ends in exactly one of applied, failed, expired and dropped, and as the chain says, whatever
//! happens on the way.

use std::collections::BTreeSet;
use std::sync::Arc;

use batcher_api::Settled;
use encoding::{Hash32, Level, Tz4Address};
use proptest::prelude::*;

use super::chain::{FINALITY, Message, address, parts};
use super::signatures::{payment, seal, sender, wrong_signature};
use super::world::World;
use crate::admission::Verified;
use crate::limits::{FAILING_LEVELS, RESEND_LEVELS};
use crate::pool::Ending;
use crate::rounds::seal::{Sealing, Unsealed};

/// People.
const PEOPLE: u32 = 6;

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    /// Somebody posts a payment with a counter that is so far from the next one.
    Post { from: u32, ahead: u64, to: u32, amount: u64, valid: i32 },
    /// Somebody goes past the batcher with a payment of the next counter.
    GoPast { from: u32, amount: u64 },
    /// Somebody puts a posted transaction into an inbox.
    Leak(usize),
    /// Somebody comes or goes.
    Presence(u32, bool),
    /// Those of this mask sign all open offers.
    Sign(u8),
    /// Somebody sends wrong signatures of all open offers in the names of this mask.
    Forge(u8),
    /// What is to be verified is verified at once, or late.
    ProveLate(bool),
    /// What waits to be verified is; the signatures of this mask are wrong.
    Prove(u8),
    /// Open jobs are sealed; those of this mask have signed wrongly.
    Seal(u8),
    /// There is no message of the open jobs.
    Unseal,
    /// The node takes what it is given, or not, or loses it.
    Inject { takes: bool, loses: bool },
    /// A level; every so many-th message is refused as `BUSY`.
    Bake(u8),
    /// Levels are taken back, as far as they are not final.
    Revert { levels: i32, comes_again: bool },
    /// The batcher is killed and started again.
    Restart,
    /// Time goes on.
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let person = 0..PEOPLE;
    prop_oneof![
        8 => (person.clone(), 0..3_u64, 0..PEOPLE, 1..90_u64, 4..30_i32).prop_map(
            |(from, ahead, to, amount, valid)| Step::Post { from, ahead, to, amount, valid }
        ),
        1 => (person.clone(), 1..90_u64).prop_map(|(from, amount)| Step::GoPast { from, amount }),
        1 => any::<usize>().prop_map(Step::Leak),
        2 => (person, any::<bool>()).prop_map(|(person, there)| Step::Presence(person, there)),
        4 => any::<u8>().prop_map(Step::Sign),
        2 => any::<u8>().prop_map(Step::Forge),
        1 => any::<bool>().prop_map(Step::ProveLate),
        2 => prop_oneof![Just(0), any::<u8>()].prop_map(Step::Prove),
        4 => prop_oneof![Just(0), any::<u8>()].prop_map(Step::Seal),
        1 => Just(Step::Unseal),
        5 => (prop::bool::weighted(0.8), prop::bool::weighted(0.2))
            .prop_map(|(takes, loses)| Step::Inject { takes, loses }),
        5 => (0..4_u8).prop_map(Step::Bake),
        1 => (1..=FINALITY, any::<bool>())
            .prop_map(|(levels, comes_again)| Step::Revert { levels, comes_again }),
        1 => Just(Step::Restart),
        3 => (1..2_000_u64).prop_map(Step::Wait),
    ]
}

/// The people of a mask.
fn masked(mask: u8) -> BTreeSet<Tz4Address> {
    (0..PEOPLE).filter(|person| mask & (1 << person) != 0).map(address).collect()
}

/// A world, and everything that was posted.
struct Run {
    world: World,
    posted: Vec<Arc<Verified>>,
    past: u8,
    /// Those that somebody else has put into an inbox.
    leaked: BTreeSet<Hash32>,
}

impl Run {
    fn step(&mut self, step: Step) {
        let world = &mut self.world;
        match step {
            Step::Post { from, ahead, to, amount, valid } => {
                let next = self
                    .posted
                    .iter()
                    .filter(|tx| parts(&tx.transaction).0 == from)
                    .map(|tx| parts(&tx.transaction).1 + 1)
                    .max()
                    .unwrap_or(0)
                    .max(world.chain.tip().ledger.counter(from));
                let to = if to == from { (to + 1) % PEOPLE } else { to };
                let expires = world.chain.head().0 + valid;
                // Now and then a counter that is behind.
                let counter = (next + ahead).saturating_sub(1);
                let tx = payment(from, counter, to, amount, expires);
                if world.accept(Arc::clone(&tx)).is_ok() {
                    self.posted.push(tx);
                }
            }
            Step::GoPast { from, amount } => {
                let counter = world.chain.tip().ledger.counter(from);
                let tx = payment(from, counter, (from + 1) % PEOPLE, amount, 10_000);
                self.past = self.past.wrapping_add(1);
                self.send(&tx, Hash32([self.past; 32]));
            }
            Step::Leak(which) => {
                if !self.posted.is_empty() {
                    let tx = Arc::clone(&self.posted[which % self.posted.len()]);
                    self.past = self.past.wrapping_add(1);
                    self.leaked.insert(tx.hash);
                    self.send(&tx, Hash32([self.past; 32]));
                }
            }
            Step::Presence(person, is_there) => {
                world.mempool.presence(address(person), is_there, world.now);
            }
            Step::Forge(mask) => {
                for number in world.offers.clone() {
                    for person in (0..PEOPLE).filter(|person| mask & (1 << person) != 0) {
                        let _ = world.give(number, person, wrong_signature(mask), sender(mask));
                    }
                }
            }
            Step::ProveLate(late) => world.proves_late = late,
            Step::Prove(mask) => {
                for job in std::mem::take(&mut world.proofs) {
                    world.prove(&job, &masked(mask));
                }
            }
            Step::Unseal => {
                for job in std::mem::take(&mut world.seals) {
                    let sealed = Err(Unsealed::Unsigned(1));
                    world.sealed(Sealing { sealed, ..seal(&job, &masked(0)) });
                }
            }
            Step::Sign(mask) => {
                for number in std::mem::take(&mut world.offers) {
                    for person in (0..PEOPLE).filter(|person| mask & (1 << person) != 0) {
                        let _ = world.sign(number, person);
                    }
                }
            }
            Step::Seal(mask) => {
                for job in std::mem::take(&mut world.seals) {
                    world.sealed(seal(&job, &masked(mask)));
                }
            }
            Step::Inject { takes, loses } => {
                for numbers in std::mem::take(&mut world.injections) {
                    world.inject(&numbers, takes, loses);
                }
            }
            Step::Bake(busy) => {
                let mut count = 0;
                world.chain.bake(|| {
                    count += 1;
                    busy != 0 && count % busy == 0
                });
                world.tell_head();
            }
            Step::Revert { levels, comes_again } => {
                let head = world.chain.head().0;
                let to = (head - levels).max(world.chain.finalized().0);
                if to < head {
                    world.revert(Level(to), comes_again);
                    // The other branch is at least as long before anybody sees it.
                    while world.chain.head().0 < head {
                        world.chain.bake(|| false);
                    }
                    world.tell_head();
                }
            }
            Step::Restart => {
                world.restart();
                world.tell_head();
            }
            Step::Wait(millis) => world.wait(millis),
        }
    }

    /// A message that is not the batcher's.
    fn send(&mut self, tx: &Verified, id: Hash32) {
        let transactions = vec![(tx.hash, tx.transaction.clone())];
        self.world.chain.queue.push(Message { id, transactions, individual: vec![true] });
    }

    /// Everything goes well until nothing is pending.
    fn finish(&mut self) {
        let longest = 30 + FINALITY + FAILING_LEVELS + RESEND_LEVELS + 20;
        self.step(Step::ProveLate(false));
        for _ in 0..longest {
            for _ in 0..4 {
                self.step(Step::Prove(0));
                self.world.wait(40_000);
                self.step(Step::Sign(u8::MAX));
                self.world.wait(1_000);
                self.step(Step::Seal(0));
                self.step(Step::Inject { takes: true, loses: false });
            }
            self.step(Step::Bake(0));
        }
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let tip = self.world.chain.tip();
        for hash in self.world.accepted() {
            let Some(ending) = self.world.finals.get(hash) else {
                let status = self.world.mempool.entry(hash).map(|entry| entry.status.clone());
                return Err(TestCaseError::fail(format!("{hash} has not ended: {status:?}")));
            };
            let applied = tip.applied.get(hash).copied().unwrap_or(0);
            let failed = tip.failed.get(hash).copied().unwrap_or(0);
            let expected = match ending {
                Ending::Result { settled: Settled::Applied, .. } => (1, 0),
                Ending::Result { settled: Settled::Failed, .. } => (0, 1),
                Ending::Expired | Ending::Dropped => (0, 0),
            };
            // One that never left the batcher and was dropped may still be sent by somebody else.
            if *ending == Ending::Dropped && self.leaked.contains(hash) {
                continue;
            }
            prop_assert_eq!((applied, failed), expected, "{} is {:?}", hash, ending);
        }
        prop_assert_eq!(self.world.mempool.pending(), 0);
        prop_assert_eq!(self.world.mempool.batches().count(), 0);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn everything_accepted_ends_once_and_as_the_chain_says(
        steps in prop::collection::vec(step(), 1..80)
    ) {
        let mut run = Run { world: World::new(), posted: Vec::new(), past: 0, leaked: BTreeSet::new() };
        for step in steps {
            run.step(step);
        }
        run.finish();
        run.check()?;
    }
}
