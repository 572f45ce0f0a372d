//! Which of the signatures of a batch are right: found as one sum, and only if that is wrong one by one.

use std::collections::BTreeMap;
use std::sync::Arc;

use bls::{KeySum, PublicKey, Signature, Suite};
use encoding::{RollupAddress, Tz4Address};
use inbox::v2::Batch;

use super::Given;

/// An account that may have signed a batch.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// Whose signatures these are said to be.
    pub account: Tz4Address,
    /// Its key.
    pub key: PublicKey,
    /// How many signings it has: so often its signature is in the sum.
    pub times: usize,
    /// One of these may be right.
    pub given: Vec<Given>,
}

/// Signatures that were verified.
#[derive(Debug, Default)]
pub(crate) struct Proof {
    /// Those that are right.
    pub right: BTreeMap<Tz4Address, Signature>,
    /// Those that are wrong, and who has sent them.
    pub wrong: Vec<(Tz4Address, Given)>,
}

/// Signatures of an open batch that are to be verified before it is sealed: a quorum is one of right signatures.
pub(crate) struct ProofJob {
    /// The batch's number.
    pub batch: u64,
    /// What it is.
    pub content: Arc<Batch>,
    /// The rollup.
    pub rollup: RollupAddress,
    /// Whose signatures.
    pub candidates: Vec<Candidate>,
    /// Who waits to hear of theirs. Then each is verified by itself.
    pub asker: Option<u64>,
}

/// What came of it.
pub(crate) struct Proven {
    /// The batch's number.
    pub batch: u64,
    /// What was found.
    pub proof: Proof,
    /// Who waits to hear of it.
    pub asker: Option<u64>,
}

impl ProofJob {
    /// Verifies them.
    pub(crate) fn run(self) -> Proven {
        let payload = self.content.signing_payload(&self.rollup).to_sign();
        let proof = match self.asker {
            Some(_) => Proof::one_by_one(self.candidates, &payload),
            None => Proof::of(self.candidates, &payload),
        };
        Proven { batch: self.batch, proof, asker: self.asker }
    }
}

/// The only signature that an account was given.
#[derive(Clone, Copy)]
struct Single {
    account: Tz4Address,
    key: PublicKey,
    times: usize,
    given: Given,
}

impl Proof {
    /// Verifies signatures, those of accounts with a single one as a sum.
    pub(crate) fn of(candidates: Vec<Candidate>, payload: &[u8]) -> Self {
        let mut proof = Proof::default();
        let mut singles = Vec::new();
        for candidate in candidates {
            match candidate.given.as_slice() {
                // The usual case: whether it is right is seen in the sum.
                [given] => {
                    let Candidate { account, key, times, .. } = candidate;
                    singles.push(Single { account, key, times, given: *given });
                }
                _ => proof.look_at(candidate, payload),
            }
        }
        proof.halve(&singles, payload);
        proof
    }

    fn one_by_one(candidates: Vec<Candidate>, payload: &[u8]) -> Self {
        let mut proof = Proof::default();
        candidates.into_iter().for_each(|candidate| proof.look_at(candidate, payload));
        proof
    }

    /// One by one. There is one right signature, so that all others are wrong once it is found.
    fn look_at(&mut self, candidate: Candidate, payload: &[u8]) {
        let Candidate { account, key, given, .. } = candidate;
        let is_right = |one: &&Given| key.verify(Suite::Pop, payload, &one.signature);
        let right = given.iter().find(is_right).map(|one| one.signature);
        self.right.extend(right.map(|signature| (account, signature)));
        let wrong = given.into_iter().filter(|one| right != Some(one.signature));
        self.wrong.extend(wrong.map(|one| (account, one)));
    }

    /// Sorts those whose signatures have the right sum from those whose are wrong, by halving. Two wrong ones that
    /// cancel out go unnoticed, and do no harm: the kernel checks the sum as well. Nobody can make one in another's
    /// name cancel out, as they would have to know that account's signature.
    fn halve(&mut self, some: &[Single], payload: &[u8]) {
        if some.is_empty() {
            return;
        }
        if is_right(some, payload) {
            self.right.extend(some.iter().map(|one| (one.account, one.given.signature)));
        } else if let [one] = some {
            self.wrong.push((one.account, one.given));
        } else {
            let (some, others) = some.split_at(some.len() / 2);
            self.halve(some, payload);
            self.halve(others, payload);
        }
    }
}

/// Whether the sum is right in which each signature is as often as in that of the batch. Parts that are right have a
/// right sum.
fn is_right(some: &[Single], payload: &[u8]) -> bool {
    let mut keys = KeySum::new();
    let mut sum: Option<Signature> = None;
    for one in some {
        for _ in 0..one.times {
            keys.add(&one.key);
            let signature = one.given.signature;
            sum = Some(sum.map_or(signature, |sum| sum.plus(&signature)));
        }
    }
    match (keys.key(), sum) {
        (Some(key), Some(sum)) => key.verify(Suite::Pop, payload, &sum),
        _ => false,
    }
}
