//! A thousand accounts that are there, are asked, and never answer; and people who do answer in the same rounds.

use std::collections::{BTreeMap, BTreeSet};

use super::chain::address;
use super::signatures::{payment, seal};
use super::world::World;
use crate::limits::{INDIVIDUAL_PER_BATCH, MAX_WAIT, ROUND, SILENCES};
use crate::moment::Moment;
use crate::rounds::Progress;

const LAST: i32 = 10_000;
/// Accounts that never sign a batch.
const VANISHING: u32 = 1_000;
/// People who always do, as soon as they are asked.
const HONEST: u32 = 200;

fn millis(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap()
}

/// What became of the honest people's payments in a round.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    /// How long the last of them took to be sealed.
    longest: u64,
    /// Payments of theirs that were sealed with everybody's signature of the batch.
    cosigned: usize,
    sealed: usize,
}

struct Crowd {
    world: World,
    counters: BTreeMap<u32, u64>,
    seen_offers: usize,
}

impl Crowd {
    fn new() -> Self {
        let mut world = World::new();
        (0..VANISHING + HONEST)
            .for_each(|person| world.mempool.presence(address(person), true, world.now));
        Crowd { world, counters: BTreeMap::new(), seen_offers: 0 }
    }

    fn is_honest(person: u32) -> bool {
        person.is_multiple_of((VANISHING + HONEST) / HONEST)
    }

    fn pay(&mut self, person: u32) -> encoding::Hash32 {
        let counter = self.counters.entry(person).or_default();
        let tx = payment(person, *counter, (person + 1) % (VANISHING + HONEST), 1, LAST);
        *counter += 1;
        self.world.accept(tx.clone()).unwrap();
        tx.hash
    }

    /// All pay once, the honest ones sign whatever they are asked to, and time goes on from one tick that is due to the
    /// next until everything is sealed. No tick may leave a round open that is over.
    fn round(&mut self) -> Seen {
        let begun = self.world.now;
        let everybody = 0..VANISHING + HONEST;
        let hashes: Vec<(u32, encoding::Hash32)> =
            everybody.map(|person| (person, self.pay(person))).collect();
        let mut seen = Seen::default();
        let mut open: BTreeSet<encoding::Hash32> =
            hashes.iter().filter(|(person, _)| Self::is_honest(*person)).map(|one| one.1).collect();
        for _ in 0..1_000 {
            // What is given back when it is sealed is offered again, and answered before time goes on.
            self.seal();
            self.answer();
            self.seal();
            for numbers in std::mem::take(&mut self.world.injections) {
                self.world.inject(&numbers, true, false);
            }
            let late = |batch: &crate::rounds::OpenBatch| {
                batch.progress == Progress::Offered && batch.closes < self.world.now
            };
            assert!(!self.world.mempool.batches().any(|(_, batch)| late(batch)));
            self.look(begun, &mut open, &mut seen);
            let is_open = |batch: &crate::rounds::OpenBatch| batch.message.is_none();
            let waits = self.world.mempool.batches().any(|(_, batch)| is_open(batch));
            match self.world.mempool.next_tick() {
                Some(next) => {
                    self.world.now = self.world.now.max(next);
                    self.world.tick();
                }
                None if !waits && self.world.seals.is_empty() => break,
                None => {}
            }
        }
        assert!(open.is_empty(), "{} payments of honest people are not sealed", open.len());
        self.world.chain.bake(|| false);
        self.world.tell_head();
        seen
    }

    fn seal(&mut self) {
        for job in std::mem::take(&mut self.world.seals) {
            self.world.sealed(seal(&job, &BTreeSet::new()));
        }
    }

    fn answer(&mut self) {
        while let Some(number) = self.world.offers.get(self.seen_offers).copied() {
            self.seen_offers += 1;
            let asked = self.world.mempool.batch(number).map(|batch| batch.asked.clone());
            let asked = asked.unwrap_or_default();
            for person in (0..VANISHING + HONEST).filter(|person| Self::is_honest(*person)) {
                if asked.contains(&address(person)) {
                    // One that is closed by the others meanwhile takes no more.
                    let _ = self.world.sign(number, person);
                }
            }
        }
    }

    fn look(&self, begun: Moment, open: &mut BTreeSet<encoding::Hash32>, seen: &mut Seen) {
        for (_, batch) in self.world.mempool.batches().filter(|(_, one)| one.message.is_some()) {
            for (at, hash) in (0..).zip(&batch.transactions) {
                if open.remove(hash) {
                    seen.sealed += 1;
                    seen.cosigned += usize::from(batch.is_cosigned(at) == Some(true));
                    seen.longest = seen.longest.max(millis(self.world.now.since(begun)));
                }
            }
        }
    }
}

#[test]
fn a_thousand_who_vanish_hold_no_round_up_beyond_its_deadline_and_cost_nobody_else_their_share() {
    let honest = usize::try_from(HONEST).unwrap();
    let mut crowd = Crowd::new();
    // While nobody knows them, those who answered are asked once more, for half the time at most.
    let most = millis(MAX_WAIT) + millis(ROUND) + millis(ROUND) / 2;
    for round in 0..SILENCES {
        let seen = crowd.round();
        assert_eq!((seen.sealed, seen.cosigned), (honest, honest), "round {round}");
        assert!(seen.longest <= most, "round {round}: {seen:?}");
    }
    // Then they are not asked any more, and nobody waits for them at all.
    let cooldowns = &crowd.world.mempool.cooldowns;
    let cooling = |person: &u32| cooldowns.is_cooling(&address(*person), crowd.world.now);
    let found = (0..VANISHING + HONEST).filter(cooling).count();
    assert_eq!(found, usize::try_from(VANISHING).unwrap());
    let seen = crowd.round();
    assert_eq!((seen.sealed, seen.cosigned), (honest, honest));
    assert!(seen.longest <= millis(MAX_WAIT), "{seen:?}");
}

#[test]
fn those_who_vanish_are_sealed_with_their_own_signatures_and_never_wait_for_each_other() {
    let mut crowd = Crowd::new();
    for _ in 0..SILENCES {
        crowd.round();
    }
    let before = crowd.world.mempool.batches().map(|(number, _)| number).max().unwrap_or(0);
    crowd.round();
    let vanishing = (0..VANISHING + HONEST).filter(|person| !Crowd::is_honest(*person));
    let vanishing: BTreeSet<encoding::Tz4Address> = vanishing.map(address).collect();
    let made: Vec<_> =
        crowd.world.mempool.batches().filter(|(number, _)| *number > before).collect();
    let individual: usize = made.iter().map(|(_, batch)| batch.individual.len()).sum();
    assert_eq!(individual, vanishing.len());
    for (number, batch) in made {
        assert!(batch.asked.is_disjoint(&vanishing), "batch {number}");
        assert!(batch.individual.len() <= INDIVIDUAL_PER_BATCH, "batch {number}");
    }
}
