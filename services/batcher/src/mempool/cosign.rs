//! Signatures of a batch that is open. Anybody can send one in an account's name: a wrong one says nothing of the
//! account, keeps no right one out, counts towards no quorum, and costs the address that has sent it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use batcher_api::{ApiError, Code};
use bls::Signature;
use encoding::{Hash32, Tz4Address};

use super::{Effect, Mempool};
use crate::metrics;
use crate::moment::Moment;
use crate::rounds::proof::{Candidate, Proof, ProofJob, Proven};
use crate::rounds::seal::signers;
use crate::rounds::{Given, OpenBatch, Progress, Taken};

/// Who waits to hear of signatures that are verified alone: the engine knows them by a number.
pub(crate) type Asker = u64;

/// What becomes of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CoSigned {
    /// It is taken.
    Taken,
    /// It is verified by itself first.
    Alone,
}

/// What was found of signatures that were verified alone.
pub(crate) struct Verdicts {
    right: BTreeMap<Tz4Address, Signature>,
    is_open: Result<(), ApiError>,
}

impl Verdicts {
    /// What is said of one of them.
    pub(crate) fn of(&self, account: &Tz4Address, signature: &Signature) -> Result<(), ApiError> {
        match self.right.get(account) == Some(signature) {
            true => self.is_open.clone(),
            false => Err(wrong(account)),
        }
    }
}

impl Mempool {
    /// Takes a signature of a batch, which may be right, or says that it has to be verified first.
    pub(crate) fn co_sign(
        &mut self,
        id: &Hash32,
        account: Tz4Address,
        given: Given,
        now: Moment,
    ) -> Result<CoSigned, ApiError> {
        let cooling = self.cooldowns.is_cooling(&account, now);
        let seconds = self.cooldowns.seconds_left(&account, now);
        let number = self.ids.get(id).copied();
        let found = number.and_then(|number| self.batches.get_mut(&number));
        let (Some(batch), Some(number)) = (found, number) else {
            return Err(ApiError::new(Code::UnknownBatch, format!("no batch {id} is open")));
        };
        if !batch.asked.contains(&account) && batch.signings_of(&account) == 0 {
            let message = format!("{account} signs nothing in the batch");
            return Err(ApiError::new(Code::NotASigner, message));
        }
        open(batch, now)?;
        if cooling && !batch.asked.contains(&account) {
            let message = format!("{account} is not asked to sign for another {seconds} s");
            return Err(ApiError::new(Code::CoolingDown, message).with("seconds", seconds));
        }
        let taken = batch.given.look_at(&account, &given.signature);
        match taken {
            Taken::Known => Ok(CoSigned::Taken),
            Taken::Wrong => {
                self.has_sent_wrong(given.from, now);
                Err(wrong(&account))
            }
            Taken::Kept if !self.senders.is_suspect(given.from, now) => {
                batch.keep(account, given);
                metrics::add(&self.counters.co_signatures, 1);
                self.prove(number);
                Ok(CoSigned::Taken)
            }
            // Of an address that has sent wrong ones, or in a name in which many others were sent.
            Taken::Kept | Taken::Full => {
                let may = self.senders.may_have_one_verified(given.from, now);
                may.map(|()| CoSigned::Alone).map_err(|seconds| {
                    batch.given.contest(account);
                    let message = format!(
                        "wrong signatures came from {}, or in the name of {account}, and too many are to be \
                         verified one by one",
                        given.from
                    );
                    ApiError::new(Code::RateLimited, message).with("seconds", seconds)
                })
            }
        }
    }

    /// Signatures that are to be verified one by one, with who waits to hear of them.
    pub(crate) fn alone(&mut self, id: &Hash32, some: &[(Tz4Address, Given)], asker: Asker) {
        let number = self.ids.get(id).copied().unwrap_or_default();
        let Some(batch) = self.batches.get(&number) else { return };
        let given = some.iter().map(|(account, given)| (*account, vec![*given])).collect();
        let candidates = self.candidates(batch, given);
        let (content, rollup) = (Arc::clone(&batch.batch), self.rollup);
        let job = ProofJob { batch: number, content, rollup, candidates, asker: Some(asker) };
        self.effects.push(Effect::Prove(job));
    }

    /// Has the signatures of a batch verified if that may close it: a quorum is one of right ones.
    fn prove(&mut self, number: u64) {
        let Some(batch) = self.batches.get(&number) else { return };
        let quorum = quorum(batch.asked.len(), self.settings.timing.quorum);
        let may_close = (batch.answered >= quorum && batch.right < quorum)
            || batch.answered >= batch.asked.len();
        if batch.progress != Progress::Offered
            || batch.is_proving
            || !may_close
            || batch.given.open().is_empty()
        {
            return;
        }
        let given = batch.given.open().iter().map(|(account, given)| (*account, given.clone()));
        let candidates = self.candidates(batch, given.collect());
        // Of a transaction that is final by another message nothing is known any more, and nobody's key.
        if candidates.is_empty() {
            return;
        }
        let (content, rollup) = (Arc::clone(&batch.batch), self.rollup);
        let job = ProofJob { batch: number, content, rollup, candidates, asker: None };
        self.effects.push(Effect::Prove(job));
        if let Some(batch) = self.batches.get_mut(&number) {
            batch.is_proving = true;
        }
    }

    fn candidates(
        &self,
        batch: &OpenBatch,
        given: Vec<(Tz4Address, Vec<Given>)>,
    ) -> Vec<Candidate> {
        let signings = self.signings(batch);
        let signers = signers(&signings);
        let candidate = |(account, given)| {
            let (key, times) = *signers.get(&account)?;
            Some(Candidate { account, key, times, given })
        };
        given.into_iter().filter_map(candidate).collect()
    }

    /// Signatures were verified. Returns who waits to hear of theirs, and what they hear.
    pub(crate) fn proven(&mut self, proven: Proven, now: Moment) -> Option<(Asker, Verdicts)> {
        let Proven { batch: number, proof, asker } = proven;
        let Proof { right, wrong: all_wrong } = proof;
        let is_alone = asker.is_some();
        let is_open = match self.batches.get(&number) {
            Some(batch) => open(batch, now),
            None => Err(closed()),
        };
        let told = asker.map(|asker| (asker, Verdicts { right: right.clone(), is_open }));
        if is_alone {
            // They were kept nowhere else.
            all_wrong.iter().for_each(|(_, given)| self.has_sent_wrong(given.from, now));
        }
        let offered = |batch: &&mut OpenBatch| batch.progress == Progress::Offered;
        if let Some(batch) = self.batches.get_mut(&number).filter(offered) {
            batch.is_proving &= is_alone;
            let mut senders = Vec::new();
            let new = right.len();
            for (account, signature) in right {
                senders.extend(batch.is_right(account, signature));
            }
            if is_alone {
                metrics::add(&self.counters.co_signatures, new);
            } else {
                for (account, given) in &all_wrong {
                    batch.is_wrong(account, &given.signature);
                }
                senders.extend(all_wrong.iter().map(|(_, given)| given.from));
            }
            if batch.right >= quorum(batch.asked.len(), self.settings.timing.quorum) {
                batch.closes = batch.closes.min(now.plus(self.settings.timing.window));
            }
            senders.into_iter().for_each(|from| self.has_sent_wrong(from, now));
            self.prove(number);
        }
        told
    }

    /// An address has sent a signature that is wrong: for a while, what it sends is verified before it counts.
    pub(super) fn has_sent_wrong(&mut self, from: IpAddr, now: Moment) {
        metrics::add(&self.counters.wrong_co_signatures, 1);
        self.senders.has_sent_wrong(from, now);
    }
}

/// Whether a batch takes signatures.
fn open(batch: &OpenBatch, now: Moment) -> Result<(), ApiError> {
    let is_open = batch.progress == Progress::Offered && now < batch.closes;
    is_open.then_some(()).ok_or_else(closed)
}

fn closed() -> ApiError {
    let message = "the batch takes no more signatures: the transaction's own is used";
    ApiError::new(Code::OfferClosed, message)
}

fn wrong(account: &Tz4Address) -> ApiError {
    ApiError::new(Code::WrongSignature, format!("it is not the batch's signature of {account}"))
}

/// How many of those who are asked are a quorum.
fn quorum(asked: usize, percent: u32) -> usize {
    asked.saturating_mul(usize::try_from(percent).unwrap_or(100)).div_ceil(100)
}
