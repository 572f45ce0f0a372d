//! A mempool over a model of the chain, with a disk that holds what was kept, and people who answer or do not.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use batcher_api::Receipt;
use bls::Signature;
use encoding::{Hash32, Level, Tz4Address};

use super::chain::{Chain, Message, ModelSim, address};
use super::signatures::{ROLLUP, proof, right_signature, sender};
use crate::admission::Verified;
use crate::error::Refused;
use crate::mempool::{
    CoSigned, Effect, Fate, HeadReport, Kept, Mempool, Offered, Restored, Settings, Tip, Verdicts,
};
use crate::moment::Moment;
use crate::options::Timing;
use crate::pool::{Ending, Entry, QueueKind, Sims, Status};
use crate::rounds::proof::{ProofJob, Proven};
use crate::rounds::seal::{SealJob, Sealing};
use crate::rounds::{Given, GivenSignatures, OpenBatch, Progress};

/// What the disk has.
#[derive(Default)]
struct Disk {
    accepted: BTreeMap<Hash32, (Arc<Verified>, Moment)>,
    ended: HashMap<Hash32, Ending>,
    open: BTreeSet<Hash32>,
    batches: BTreeMap<u64, KeptBatch>,
}

#[derive(Clone)]
struct KeptBatch {
    id: Hash32,
    batch: Arc<inbox::v2::Batch>,
    transactions: Vec<Hash32>,
    signings: Vec<crate::rounds::Signing>,
    message: Arc<[u8]>,
    individual: Vec<u32>,
    progress: Progress,
}

/// All of it.
pub(super) struct World {
    pub(super) mempool: Mempool,
    pub(super) chain: Chain,
    pub(super) now: Moment,
    disk: Disk,
    batches: ModelSim,
    pending: ModelSim,
    /// What has not been done yet.
    pub(super) offers: Vec<u64>,
    pub(super) seals: Vec<SealJob>,
    pub(super) proofs: Vec<ProofJob>,
    /// Whether signatures that are to be verified wait until somebody does it.
    pub(super) proves_late: bool,
    pub(super) injections: Vec<Vec<u64>>,
    /// The last head that the mempool was told, and what it has in common with the chain since.
    seen: Level,
    common: Level,
    /// How each ended for good.
    pub(super) finals: BTreeMap<Hash32, Ending>,
    pub(super) settings: Settings,
}

pub(super) fn settings() -> Settings {
    Settings {
        timing: Timing::default(),
        pending: 100_000,
        pending_per_account: 1_000,
        gap: 8,
        gap_time: Duration::from_secs(30),
    }
}

impl World {
    pub(super) fn new() -> Self {
        let chain = Chain::new();
        let sim = || ModelSim::new(chain.tip().ledger.clone(), Level(1));
        let (batches, pending) = (sim(), sim());
        let mut world = World {
            mempool: Mempool::new(settings(), ROLLUP, Arc::default()),
            chain,
            now: Moment(1_000_000),
            disk: Disk::default(),
            batches,
            pending,
            offers: Vec::new(),
            seals: Vec::new(),
            proofs: Vec::new(),
            proves_late: false,
            injections: Vec::new(),
            seen: Level(0),
            common: Level(0),
            finals: BTreeMap::new(),
            settings: settings(),
        };
        world.tell_head();
        world
    }

    pub(super) fn accept(&mut self, tx: Arc<Verified>) -> Result<(), Refused> {
        let receipt = Arc::new(Receipt { key: String::new(), signature: String::new() });
        let received = self.chain.head();
        let offered = Offered { tx, received, promised: Level(received.0 + 10), receipt };
        let mut sims = Sims { batches: &mut self.batches, pending: &mut self.pending };
        let accepted = self.mempool.accept(offered, self.now, &mut sims);
        self.tick();
        accepted
    }

    /// Time goes on.
    pub(super) fn wait(&mut self, millis: u64) {
        self.now = Moment(self.now.0 + millis);
        self.tick();
    }

    pub(super) fn tick(&mut self) {
        let mut sims = Sims { batches: &mut self.batches, pending: &mut self.pending };
        self.mempool.tick(self.now, &mut sims);
        self.effects();
    }

    /// Somebody signs. Whether that is right is seen when it is verified.
    pub(super) fn sign(&mut self, number: u64, account: u32) -> Result<(), batcher_api::ApiError> {
        self.give(number, account, right_signature(), sender(1)).map(drop)
    }

    /// Somebody sends a signature in an account's name.
    pub(super) fn give(
        &mut self,
        number: u64,
        account: u32,
        signature: Signature,
        from: IpAddr,
    ) -> Result<CoSigned, batcher_api::ApiError> {
        let id = self.mempool.batch(number).map_or(Hash32([0; 32]), |batch| batch.id);
        let given = Given { signature, from };
        let taken = self.mempool.co_sign(&id, address(account), given, self.now);
        self.tick();
        taken
    }

    /// The same, if it is verified alone: what its sender hears.
    pub(super) fn give_alone(
        &mut self,
        number: u64,
        account: u32,
        signature: Signature,
        from: IpAddr,
    ) -> Result<(), batcher_api::ApiError> {
        assert_eq!(self.give(number, account, signature, from)?, CoSigned::Alone);
        let id = self.mempool.batch(number).unwrap().id;
        self.mempool.alone(&id, &[(address(account), Given { signature, from })], 7);
        let jobs = self.mempool.take_effects().into_iter().filter_map(|effect| match effect {
            Effect::Prove(job) => Some(job),
            _ => None,
        });
        let [job] = jobs.collect::<Vec<_>>().try_into().unwrap_or_else(|_| panic!("one job"));
        let told = self.prove(&job, &BTreeSet::new()).unwrap();
        told.of(&address(account), &signature)
    }

    /// Signatures are verified; those of these accounts are wrong.
    pub(super) fn prove(
        &mut self,
        job: &ProofJob,
        wrong: &BTreeSet<Tz4Address>,
    ) -> Option<Verdicts> {
        let given = job.candidates.iter().map(|one| (&one.account, &one.given));
        let proof = proof(given, wrong);
        let told =
            self.mempool.proven(Proven { batch: job.batch, proof, asker: job.asker }, self.now);
        self.tick();
        told.map(|(_, told)| told)
    }

    pub(super) fn sealed(&mut self, sealing: Sealing) {
        self.mempool.sealed(sealing, self.now);
        self.tick();
    }

    /// The node takes messages, or not. If it loses them, it has said that it has them.
    pub(super) fn inject(&mut self, numbers: &[u64], takes: bool, loses: bool) {
        let mut ids = Vec::new();
        for number in numbers {
            let Some(batch) = self.mempool.batch(*number) else { continue };
            ids.push(Some(format!("message {number}")));
            if takes && !loses {
                let individual = (0..batch.transactions.len())
                    .map(|at| batch.is_cosigned(u32::try_from(at).unwrap()) == Some(false));
                let individual = individual.collect();
                let transaction = |hash: &Hash32| {
                    let (tx, _) = &self.disk.accepted[hash];
                    (*hash, tx.transaction.clone())
                };
                self.chain.queue.push(Message {
                    id: batch.id,
                    transactions: batch.transactions.iter().map(transaction).collect(),
                    individual,
                });
            }
        }
        self.mempool.injected(numbers, takes.then_some(&ids[..]), self.now);
        self.effects();
    }

    /// The levels after this one are taken back. What was in them comes again, or not.
    pub(super) fn revert(&mut self, level: Level, comes_again: bool) {
        self.common = self.common.min(level);
        let messages = self.chain.revert(level);
        if comes_again {
            self.chain.queue.splice(0..0, messages);
        }
    }

    /// The mempool is told of the head.
    pub(super) fn tell_head(&mut self) {
        let block = self.chain.tip().clone();
        let level = self.chain.head();
        let next = Level(level.0 + 1);
        self.batches = ModelSim::new(block.ledger.clone(), next);
        self.pending = ModelSim::new(block.ledger.clone(), next);
        let queued: BTreeSet<Hash32> = self.chain.queue.iter().map(|message| message.id).collect();
        let mut fates = Vec::new();
        for (number, batch) in self.mempool.batches() {
            if batch.message.is_none() {
                continue;
            }
            fates.push((
                number,
                match (block.batches.get(&batch.id), block.refused.get(&batch.id)) {
                    (Some(result), _) => Fate::Result(result.clone()),
                    (None, Some((place, outcome))) => Fate::Refused(*place, *outcome),
                    (None, None) if queued.contains(&batch.id) => Fate::Queued,
                    (None, None) => Fate::Nowhere,
                },
            ));
        }
        let found =
            self.mempool.stale().map(|hash| (hash, block.alone.get(&hash).cloned())).collect();
        let tip = Tip { head: level, finalized: self.chain.finalized() };
        let report = HeadReport { tip, common: self.common.min(self.seen), fates, found };
        let mut sims = Sims { batches: &mut self.batches, pending: &mut self.pending };
        self.mempool.head(report, self.now, &mut sims);
        self.seen = level;
        self.common = level;
        self.effects();
    }

    /// What a crash leaves is what the disk has.
    pub(super) fn restart(&mut self) {
        self.offers.clear();
        self.seals.clear();
        self.proofs.clear();
        self.injections.clear();
        let mut restored = Restored::default();
        for hash in &self.disk.open {
            let (tx, since) = self.disk.accepted[hash].clone();
            let ended = self.disk.ended.get(hash).cloned().map(Status::Ended);
            restored.entries.push(Entry {
                tx,
                received: Level(0),
                promised: Level(10),
                receipt: Arc::new(Receipt { key: String::new(), signature: String::new() }),
                since,
                status: ended.unwrap_or(Status::Ready),
                order: 0,
                queue: QueueKind::default(),
                why: None,
                refusals: 0,
                unsealable: false,
                was_sealed: true,
            });
        }
        let batches = std::mem::take(&mut self.disk.batches);
        for (number, kept) in (0..).zip(batches.into_values()) {
            let mut open = OpenBatch {
                id: kept.id,
                batch: Arc::clone(&kept.batch),
                content: kept.batch.encode().into(),
                transactions: kept.transactions.clone(),
                signings: kept.signings.clone(),
                asked: BTreeSet::new(),
                second: false,
                closes: Moment::default(),
                given: GivenSignatures::default(),
                answered: 0,
                right: 0,
                is_proving: false,
                progress: kept.progress,
                message: None,
                individual: Vec::new(),
                individual_transactions: BTreeSet::new(),
                message_id: None,
                attempts: 0,
                not_before: Moment::default(),
            };
            open.seal(Arc::clone(&kept.message), kept.individual.clone());
            open.progress = kept.progress;
            restored.batches.push(open);
            self.disk.batches.insert(number, kept);
        }
        self.mempool = Mempool::new(self.settings.clone(), ROLLUP, Arc::default());
        self.mempool.restore(restored);
        self.effects();
    }

    /// Does what the mempool says: what is to be kept is kept before anything else.
    pub(super) fn effects(&mut self) {
        let effects = self.mempool.take_effects();
        for effect in &effects {
            if let Effect::Keep(kept) = effect {
                self.keep(kept);
            }
        }
        for effect in effects {
            match effect {
                Effect::Keep(_) | Effect::Tell(_) => {}
                Effect::Offer(number) => self.offers.push(number),
                Effect::Seal(job) => self.seals.push(job),
                Effect::Prove(job) => self.proofs.push(job),
                Effect::Inject(numbers) => self.injections.push(numbers),
                Effect::Final(hashes) => {
                    for hash in &hashes {
                        self.disk.open.remove(hash);
                        let ending = self.disk.ended[hash].clone();
                        let before = self.finals.insert(*hash, ending.clone());
                        // One that was dropped before it left may be submitted again.
                        assert!(
                            before.as_ref().is_none_or(|one| *one == Ending::Dropped),
                            "{hash} was {before:?} for good, and is {ending:?}"
                        );
                    }
                    self.mempool.forget(&hashes);
                }
            }
        }
        if !self.proves_late
            && let Some(job) = self.proofs.pop()
        {
            self.prove(&job, &BTreeSet::new());
        }
    }

    fn keep(&mut self, kept: &Kept) {
        match kept {
            Kept::Accepted(hash) => {
                if let Some(entry) = self.mempool.entry(hash) {
                    let row = (Arc::clone(&entry.tx), entry.since);
                    self.disk.accepted.insert(*hash, row);
                    self.disk.open.insert(*hash);
                    self.disk.ended.remove(hash);
                }
            }
            Kept::Ended(hash, ending, _) => {
                self.disk.ended.insert(*hash, ending.clone());
            }
            Kept::Pending(hash) => {
                self.disk.ended.remove(hash);
                self.disk.open.insert(*hash);
            }
            Kept::Batch(number) => {
                let Some(batch) = self.mempool.batch(*number) else { return };
                let progress = match batch.progress {
                    Progress::Injecting | Progress::Closing => Progress::Sealed,
                    Progress::Included(message) => Progress::Sent { since: message.level },
                    progress => progress,
                };
                let kept = KeptBatch {
                    id: batch.id,
                    batch: Arc::clone(&batch.batch),
                    transactions: batch.transactions.clone(),
                    signings: batch.signings.clone(),
                    message: batch.message.clone().unwrap(),
                    individual: batch.individual.clone(),
                    progress,
                };
                self.disk.batches.insert(*number, kept);
            }
            Kept::BatchEnded(id, _) => self.disk.batches.retain(|_, kept| kept.id != *id),
        }
    }

    /// The accepted transactions.
    pub(super) fn accepted(&self) -> impl Iterator<Item = &Hash32> {
        self.disk.accepted.keys()
    }
}
